import * as Radio from "@radix-ui/react-radio-group";
import { cx } from "./cx";

interface Option<T extends string> {
  value: T;
  label: string;
  hint?: string;
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: Option<T>[];
  onChange: (value: T) => void;
  /** Side by side where there is room. */
  row?: boolean;
}

/** A few choices, all of them visible, each with what it means. */
export function Choice<T extends string>(props: ChoiceProps<T>) {
  const { label, value, options, onChange, row } = props;
  return (
    <Radio.Root
      aria-label={label}
      value={value}
      onValueChange={(next) => onChange(next as T)}
      className={cx("grid gap-2", row && "md:grid-cols-3")}
    >
      {options.map((option) => (
        <Radio.Item
          key={option.value}
          value={option.value}
          className={cx(
            "group flex items-start gap-3 rounded-md border border-line bg-surface px-4 py-3 text-left",
            "transition-colors hover:bg-hover data-[state=checked]:border-accent-text",
            "data-[state=checked]:bg-accent-soft",
          )}
        >
          <span
            aria-hidden
            className={cx(
              "mt-0.5 grid size-4 shrink-0 place-items-center rounded-full border border-line-strong",
              "group-data-[state=checked]:border-accent-text",
            )}
          >
            <Radio.Indicator className="size-2 rounded-full bg-accent-text" />
          </span>
          <span className="flex flex-col">
            <span className="font-medium">{option.label}</span>
            {option.hint && <span className="text-sm text-soft">{option.hint}</span>}
          </span>
        </Radio.Item>
      ))}
    </Radio.Root>
  );
}
