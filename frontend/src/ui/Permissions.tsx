import {
  Bot,
  CalendarClock,
  CircleDot,
  Globe,
  KeyRound,
  ListTodo,
  Sparkles,
  TriangleAlert,
  UserCheck,
  type LucideIcon,
} from "lucide-react";
import { type Permission } from "@/lib/backend";
import { withoutTerminal } from "@/lib/errors";

const icons: Record<string, LucideIcon> = {
  service: UserCheck,
  network: Globe,
  secret: KeyRound,
  call: Bot,
  model: Sparkles,
  tasks: ListTodo,
  schedule: CalendarClock,
  warning: TriangleAlert,
};

/** What an agent asks for, in the words of the services. */
export function Permissions({ permissions }: { permissions: Permission[] }) {
  if (permissions.length === 0) {
    return <p className="text-soft">Nothing: it only works with what you type in.</p>;
  }
  return (
    <ul className="flex flex-col gap-4">
      {permissions.map(({ kind, text, items }) => {
        const Icon = icons[kind] ?? CircleDot;
        // How to change it in a terminal is of no use here.
        const shown = items.map(withoutTerminal).filter(Boolean);
        return (
          <li key={kind + text} className="flex items-start gap-3">
            <Icon
              size={18}
              aria-hidden
              className={
                kind === "warning" ? "mt-0.5 shrink-0 text-warn" : "mt-0.5 shrink-0 text-faint"
              }
            />
            <div className="min-w-0 flex-1 break-words">
              <p className="font-medium">{text}</p>
              {shown.length > 0 && (
                <ul className="mt-0.5 text-soft">
                  {shown.map((item) => (
                    <li key={item}>{item}</li>
                  ))}
                </ul>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
