import { Eye, IdCard, Landmark, Pencil, Send, ShieldAlert, type LucideIcon } from "lucide-react";
import { type Risk, type ScopeInfo } from "@/lib/backend";

const risks: Record<Risk, { icon: LucideIcon; word: string; heavy: boolean }> = {
  identity: { icon: IdCard, word: "Who you are", heavy: false },
  read: { icon: Eye, word: "Reads", heavy: false },
  write: { icon: Pencil, word: "Changes", heavy: true },
  send: { icon: Send, word: "Sends as you", heavy: true },
  admin: { icon: ShieldAlert, word: "Administers", heavy: true },
  money: { icon: Landmark, word: "Moves money", heavy: true },
};

/** What is allowed, a line each: first what reads, then what changes. */
export function Scopes({ scopes }: { scopes: ScopeInfo[] }) {
  const weight = (scope: ScopeInfo) => Object.keys(risks).indexOf(scope.risk || "read");
  return (
    <ul className="flex flex-col gap-2">
      {[...scopes]
        .sort((a, b) => weight(a) - weight(b))
        .map((scope) => {
          const { icon: Icon, word, heavy } = risks[scope.risk || "read"] ?? risks.read;
          return (
            <li key={scope.id} className="flex items-start gap-3">
              <Icon
                size={16}
                aria-hidden
                className={heavy ? "mt-1 shrink-0 text-warn" : "mt-1 shrink-0 text-faint"}
              />
              <span className="min-w-0 flex-1 break-words" title={scope.id}>
                {scope.label || scope.id}
              </span>
              {scope.risk && (
                <span className={heavy ? "text-sm text-warn" : "text-sm text-faint"}>{word}</span>
              )}
            </li>
          );
        })}
    </ul>
  );
}
