import { type ReactNode } from "react";
import { ChevronRight, type LucideIcon } from "lucide-react";
import { cx } from "./cx";

interface PageProps {
  title: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  mark?: ReactNode;
  above?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

export function Page({ title, lead, actions, mark, above, wide, children }: PageProps) {
  return (
    <div className={cx("mx-auto px-5 py-8 md:px-10 md:py-10", wide ? "max-w-6xl" : "max-w-4xl")}>
      {above && <div className="mb-4">{above}</div>}
      <header className="mb-8 flex flex-wrap items-start gap-x-4 gap-y-4">
        {mark}
        <div className="min-w-0 flex-1 basis-52">
          <h1 className="text-xl font-semibold tracking-tight break-words">{title}</h1>
          {lead && <div className="mt-1 max-w-prose text-pretty text-soft">{lead}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      <div className="flex flex-col gap-8">{children}</div>
    </div>
  );
}

interface SectionProps {
  title: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Section({ title, lead, actions, children }: SectionProps) {
  return (
    <section className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h2 className="font-semibold">{title}</h2>
          {lead && <p className="max-w-prose text-sm text-pretty text-soft">{lead}</p>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  );
}

export function Card({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <div className={cx("rounded-lg border border-line bg-surface p-5", className)}>{children}</div>
  );
}

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  children: ReactNode;
  actions?: ReactNode;
}

/** Says why nothing is here and what would put something here. */
export function Empty({ icon: Icon, title, children, actions }: EmptyProps) {
  return (
    <div className="flex flex-col items-center rounded-lg border border-dashed border-line px-6 py-14 text-center">
      <Icon size={28} strokeWidth={1.5} aria-hidden className="text-faint" />
      <p className="mt-4 font-semibold">{title}</p>
      <p className="mt-1 max-w-sm text-soft">{children}</p>
      {actions && <div className="mt-5 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}

/** Bars in place of what is being loaded. They come late, so that fast answers never flicker. */
export function Loading({ rows = 3, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div role="status" className="animate-late flex flex-col gap-3">
      <span className="sr-only">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="h-20 rounded-lg border border-line bg-surface opacity-60" />
      ))}
    </div>
  );
}

/** A part that opens on demand. */
export function Fold({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <details className="group">
      <summary className="flex w-fit list-none items-center gap-1.5 rounded-sm text-sm font-medium text-soft hover:text-ink">
        <ChevronRight size={14} aria-hidden className="transition-transform group-open:rotate-90" />
        {title}
      </summary>
      <div className="pt-3">{children}</div>
    </details>
  );
}

/** Names and their values. */
export function Facts({ items }: { items: [name: string, value: ReactNode][] }) {
  return (
    <dl className="grid grid-cols-[minmax(7rem,auto)_minmax(0,1fr)] gap-x-6 gap-y-2">
      {items.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-soft">{name}</dt>
          <dd className="break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
