import { useId, type ComponentProps, type ReactNode } from "react";
import { CircleAlert, ChevronDown } from "lucide-react";
import { cx } from "./cx";

const control =
  "w-full rounded-md border bg-surface px-3 text-ink transition-colors hover:border-soft " +
  "focus-visible:outline-offset-0 disabled:opacity-60 disabled:bg-sunken";
const edge = (error?: string) => (error ? "border-bad" : "border-line-strong");

interface Shared {
  label: string;
  hint?: ReactNode;
  error?: string;
  optional?: boolean;
}

function Frame(props: Shared & { id: string; children: ReactNode }) {
  const { id, label, hint, error, optional, children } = props;
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
        {optional && <span className="font-normal text-faint"> (optional)</span>}
      </label>
      {hint && (
        <p id={`${id}-hint`} className="-mt-1 text-sm text-soft">
          {hint}
        </p>
      )}
      {children}
      {error && (
        <p id={`${id}-error`} className="flex items-center gap-1.5 text-sm text-bad">
          <CircleAlert size={14} aria-hidden className="shrink-0" />
          {error}
        </p>
      )}
    </div>
  );
}

const described = (id: string, { hint, error }: Shared) => ({
  id,
  "aria-invalid": error ? true : undefined,
  "aria-describedby":
    [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined,
});

export function TextField(props: Shared & ComponentProps<"input">) {
  const { label, hint, error, optional, className, ...rest } = props;
  const id = useId();
  const shared = { label, hint, error, optional };
  return (
    <Frame id={id} {...shared}>
      <input
        autoComplete="off"
        spellCheck={false}
        required={optional === false}
        {...rest}
        {...described(id, shared)}
        className={cx(control, edge(error), "h-9", className)}
      />
    </Frame>
  );
}

export function TextAreaField(props: Shared & ComponentProps<"textarea">) {
  const { label, hint, error, optional, className, ...rest } = props;
  const id = useId();
  const shared = { label, hint, error, optional };
  return (
    <Frame id={id} {...shared}>
      <textarea
        rows={3}
        spellCheck={false}
        {...rest}
        {...described(id, shared)}
        className={cx(control, edge(error), "min-h-20 py-2", className)}
      />
    </Frame>
  );
}

export function SelectField(props: Shared & ComponentProps<"select">) {
  const { label, hint, error, optional, className, children, ...rest } = props;
  const id = useId();
  const shared = { label, hint, error, optional };
  return (
    <Frame id={id} {...shared}>
      <span className="relative block">
        <select
          {...rest}
          {...described(id, shared)}
          className={cx(control, edge(error), "h-9 appearance-none pr-9", className)}
        >
          {children}
        </select>
        <ChevronDown
          size={16}
          aria-hidden
          className="pointer-events-none absolute top-2.5 right-3 text-soft"
        />
      </span>
    </Frame>
  );
}

interface SwitchProps {
  label: ReactNode;
  hint?: ReactNode;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

interface BareSwitchProps {
  id?: string;
  /** Where no label stands beside it. */
  name?: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

export function Switch({ id, name, checked, disabled, onChange }: BareSwitchProps) {
  return (
    <input
      id={id}
      aria-label={name}
      type="checkbox"
      role="switch"
      checked={checked}
      disabled={disabled}
      onChange={(event) => onChange(event.target.checked)}
      className={cx(
        "relative mt-0.5 h-5 w-9 shrink-0 cursor-pointer appearance-none rounded-full bg-line-strong",
        "transition-colors checked:bg-accent before:absolute before:top-0.5 before:left-0.5",
        "before:size-4 before:rounded-full before:bg-on-accent before:transition-transform",
        "checked:before:translate-x-4 disabled:opacity-60",
      )}
    />
  );
}

export function SwitchField({ label, hint, checked, disabled, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="flex items-start justify-between gap-6">
      <label htmlFor={id} className="flex min-w-0 flex-col break-words">
        <span className="font-medium">{label}</span>
        {hint && <span className="text-sm text-soft">{hint}</span>}
      </label>
      <Switch id={id} checked={checked} disabled={disabled} onChange={onChange} />
    </div>
  );
}
