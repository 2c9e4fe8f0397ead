import { type ReactNode } from "react";
import * as Primitive from "@radix-ui/react-dropdown-menu";
import { type LucideIcon } from "lucide-react";
import { cx } from "./cx";

export interface MenuItem {
  label: string;
  icon: LucideIcon;
  onSelect: () => void;
  danger?: boolean;
}

/**
 * A menu behind `trigger`, a single button. Items that destroy come last. It
 * stays inside the landmark of its trigger.
 */
export function Menu({ trigger, items }: { trigger: ReactNode; items: MenuItem[] }) {
  return (
    <Primitive.Root modal={false}>
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Content
        align="end"
        sideOffset={4}
        className="animate-appear z-50 min-w-48 rounded-md border border-line bg-raised p-1 shadow-raised"
      >
        {items.map(({ label, icon: Icon, onSelect, danger }) => (
          <Primitive.Item
            key={label}
            onSelect={onSelect}
            className={cx(
              "flex h-9 items-center gap-3 rounded-sm px-3 outline-none select-none",
              "data-[highlighted]:bg-hover",
              danger ? "text-bad" : "text-ink",
            )}
          >
            <Icon size={16} aria-hidden />
            {label}
          </Primitive.Item>
        ))}
      </Primitive.Content>
    </Primitive.Root>
  );
}
