import { Check, Copy } from "lucide-react";
import { exact, relative } from "@/lib/format";
import { useCopy, useNow } from "@/lib/hooks";
import { Button } from "./Button";
import { cx } from "./cx";

/** "2 minutes ago", and the exact time for who points at it. */
export function Time({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={exact(at)}>
      {relative(at, now)}
    </time>
  );
}

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const { copied, copy } = useCopy();
  return (
    <Button size="sm" icon={copied ? Check : Copy} onClick={() => copy(text)}>
      <span aria-live="polite">{copied ? "Copied" : label}</span>
    </Button>
  );
}

/** A text to be copied exactly as it stands. */
export function CopyField({ text, label }: { text: string; label?: string }) {
  return (
    <div className="flex items-center gap-2 rounded-md border border-line bg-sunken py-1.5 pr-1.5 pl-3">
      <code className="min-w-0 flex-1 font-mono text-sm break-all">{text}</code>
      <CopyButton text={text} label={label} />
    </div>
  );
}

/** Text of a stranger, shown as it is and never as markup. */
export function Preformatted({ text, label }: { text: string; label: string }) {
  return (
    <pre
      tabIndex={0}
      role="region"
      aria-label={label}
      className={cx(
        "max-h-96 overflow-auto rounded-md border border-line bg-sunken p-4 font-mono text-sm",
        "break-words whitespace-pre-wrap",
      )}
    >
      {text}
    </pre>
  );
}
