import { type ComponentProps, type ReactNode } from "react";
import { LoaderCircle, type LucideIcon } from "lucide-react";
import { cx } from "./cx";

type Look = "primary" | "secondary" | "quiet" | "danger";

const looks: Record<Look, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover active:bg-accent-hover",
  secondary: "bg-surface text-ink border border-line hover:bg-hover active:bg-hover",
  quiet: "text-soft hover:bg-hover hover:text-ink active:bg-hover",
  danger: "bg-bad-fill text-on-accent hover:bg-bad-fill-hover active:bg-bad-fill-hover",
};

const shape =
  "relative inline-flex shrink-0 items-center justify-center gap-2 rounded-md font-medium " +
  "whitespace-nowrap transition-colors disabled:opacity-50 disabled:pointer-events-none " +
  "aria-disabled:opacity-50";

const sizes = { md: "h-9 px-4", sm: "h-8 px-3 text-sm" };

export interface ButtonProps extends ComponentProps<"button"> {
  look?: Look;
  size?: keyof typeof sizes;
  icon?: LucideIcon;
  /** Shows that the work is under way; the width stays, further clicks do nothing. */
  busy?: boolean;
  children: ReactNode;
}

export function Button(props: ButtonProps) {
  const { look = "secondary", size = "md", icon: Icon, busy, children, className, ...rest } = props;
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : rest.onClick}
      className={cx(shape, sizes[size], looks[look], className)}
    >
      <span className={cx("inline-flex items-center gap-2", busy && "opacity-0")}>
        {Icon && <Icon size={16} aria-hidden />}
        {children}
      </span>
      {busy && (
        <span className="absolute inset-0 grid place-items-center">
          <LoaderCircle size={16} className="animate-spin" aria-hidden />
        </span>
      )}
    </button>
  );
}

export interface LinkProps extends ComponentProps<"a"> {
  look?: Look;
  size?: keyof typeof sizes;
  icon?: LucideIcon;
}

/** A link to another place in the page that looks like a button. */
export function ButtonLink(props: LinkProps) {
  const { look = "secondary", size = "md", icon: Icon, children, className, ...rest } = props;
  return (
    <a {...rest} className={cx(shape, sizes[size], looks[look], className)}>
      {Icon && <Icon size={16} aria-hidden />}
      {children}
    </a>
  );
}

export interface IconButtonProps extends ComponentProps<"button"> {
  icon: LucideIcon;
  label: string;
}

export function IconButton({ icon: Icon, label, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      className={cx(
        "inline-grid size-8 shrink-0 place-items-center rounded-md text-soft transition-colors",
        "hover:bg-hover hover:text-ink data-[state=open]:bg-hover",
        className,
      )}
    >
      <Icon size={16} aria-hidden />
    </button>
  );
}

/** A button that reads as a link in running text. */
export function TextButton({ className, ...rest }: ComponentProps<"button">) {
  return (
    <button
      type="button"
      {...rest}
      className={cx(
        "rounded-sm font-medium text-accent-text underline-offset-4 hover:underline",
        className,
      )}
    />
  );
}
