import { type ReactNode } from "react";
import { CircleAlert, CircleCheck, Info, TriangleAlert, type LucideIcon } from "lucide-react";
import { cx } from "./cx";

export type NoticeTone = "calm" | "good" | "warning" | "danger";

const tones: Record<NoticeTone, { box: string; ink: string; icon: LucideIcon }> = {
  calm: { box: "bg-sunken border-line", ink: "text-soft", icon: Info },
  good: { box: "bg-good-soft border-transparent", ink: "text-good", icon: CircleCheck },
  warning: { box: "bg-warn-soft border-transparent", ink: "text-warn", icon: TriangleAlert },
  danger: { box: "bg-bad-soft border-transparent", ink: "text-bad", icon: CircleAlert },
};

interface NoticeProps {
  tone?: NoticeTone;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  /** Read out when it appears. */
  live?: boolean;
}

export function Notice({ tone = "calm", title, children, actions, live }: NoticeProps) {
  const { box, ink, icon: Icon } = tones[tone];
  return (
    <div
      role={live ? (tone === "danger" ? "alert" : "status") : undefined}
      className={cx("flex gap-3 rounded-md border px-4 py-3", box)}
    >
      <Icon size={18} aria-hidden className={cx("mt-0.5 shrink-0", ink)} />
      <div className="min-w-0 flex-1 break-words">
        {title && <p className="font-medium">{title}</p>}
        {children && <div className={cx(title ? "mt-0.5 text-soft" : "")}>{children}</div>}
        {actions && <div className="mt-3 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  );
}
