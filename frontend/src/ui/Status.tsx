import { type ReactNode } from "react";
import { cx } from "./cx";

export type StatusTone = "good" | "warn" | "bad" | "idle" | "busy";

const dots: Record<StatusTone, string> = {
  good: "bg-good",
  warn: "bg-warn",
  bad: "bg-bad",
  idle: "border-[1.5px] border-line-strong",
  busy: "bg-accent-text",
};

const inks: Record<StatusTone, string> = {
  good: "text-good",
  warn: "text-warn",
  bad: "text-bad",
  idle: "text-soft",
  busy: "text-accent-text",
};

/** A dot and its word: the colour never speaks alone. */
export function Status({ tone, children }: { tone: StatusTone; children: ReactNode }) {
  return (
    <span
      className={cx(
        "inline-flex items-center gap-2 text-sm font-medium whitespace-nowrap",
        inks[tone],
      )}
    >
      <span aria-hidden className={cx("size-2 shrink-0 rounded-full", dots[tone])} />
      {children}
    </span>
  );
}

export function Tag({ children }: { children: ReactNode }) {
  return (
    <span className="inline-flex h-5 items-center rounded-sm bg-sunken px-1.5 text-xs whitespace-nowrap text-soft">
      {children}
    </span>
  );
}
