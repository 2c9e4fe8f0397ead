import { useQuery } from "@tanstack/react-query";
import {
  Bot,
  CalendarClock,
  History,
  Inbox,
  Plug,
  Search,
  Send,
  Settings,
  type LucideIcon,
} from "lucide-react";
import { queries } from "@/lib/backend/queries";
import { href, type Place } from "@/lib/route";
import { cx } from "@/ui/cx";
import { Tooltip } from "@/ui/Tooltip";
import { openPalette } from "./openPalette";

export const navigation: { place: Place; label: string; icon: LucideIcon }[] = [
  { place: "connections", label: "Connections", icon: Plug },
  { place: "agents", label: "Agents", icon: Bot },
  { place: "automations", label: "Automations", icon: CalendarClock },
  { place: "inbox", label: "Inbox", icon: Inbox },
  { place: "outbox", label: "Outbox", icon: Send },
  { place: "activity", label: "Activity", icon: History },
  { place: "settings", label: "Settings", icon: Settings },
];

const item =
  "flex h-10 w-full items-center gap-3 rounded-md px-3 transition-colors max-md:justify-center max-md:px-0";

/** A full column where there is room, a rail of icons where there is not. */
export function Sidebar({ place }: { place: Place }) {
  const badges = useBadges();
  return (
    <nav
      aria-label="Places"
      className="flex flex-col gap-1 overflow-y-auto border-r border-line bg-sunken px-3 py-4"
    >
      <p className="mb-3 flex h-9 items-center gap-2.5 px-3 font-semibold max-md:justify-center max-md:px-0">
        <Logo />
        <span className="max-md:sr-only">PIE Desktop</span>
      </p>
      {navigation.map(({ place: each, label, icon: Icon }) => (
        <Tooltip key={each} text={label}>
          <a
            href={href(each)}
            aria-current={place === each ? "page" : undefined}
            className={cx(
              item,
              "relative",
              place === each
                ? "bg-accent-soft font-medium text-accent-text"
                : "text-soft hover:bg-hover hover:text-ink",
            )}
          >
            <Icon size={18} aria-hidden className="shrink-0" />
            <span className="flex-1 max-md:sr-only">{label}</span>
            <Badge {...(badges[each] ?? none)} />
          </a>
        </Tooltip>
      ))}
      <Tooltip text="Find">
        <button
          type="button"
          onClick={openPalette}
          className={cx(item, "mt-auto text-soft hover:bg-hover hover:text-ink")}
        >
          <Search size={18} aria-hidden className="shrink-0" />
          <span className="flex-1 text-left max-md:sr-only">Find</span>
          <kbd className="font-sans text-xs text-faint max-md:hidden">Ctrl K</kbd>
        </button>
      </Tooltip>
    </nav>
  );
}

interface BadgeProps {
  count: number;
  /** What there are so many of. */
  words: string;
  urgent?: boolean;
}

const none: BadgeProps = { count: 0, words: "" };

function Badge({ count, words, urgent }: BadgeProps) {
  if (count === 0) return null;
  return (
    <span
      className={cx(
        "grid h-5 min-w-5 place-items-center rounded-full px-1.5 text-xs font-medium",
        "max-md:absolute max-md:top-0 max-md:right-0",
        urgent ? "bg-warn-soft text-warn" : "bg-accent-soft text-accent-text",
      )}
    >
      {count > 99 ? "99+" : count}
      <span className="sr-only"> {words}</span>
    </span>
  );
}

/** How much waits for the person at each place. What cannot be asked is not counted. */
function useBadges(): Partial<Record<Place, BadgeProps>> {
  const connections = useQuery(queries.connections());
  const catchUp = useQuery(queries.catchUp());
  const inbox = useQuery(queries.inbox());
  const outbox = useQuery(queries.outbox());
  const trouble = connections.data?.filter(
    ({ status, problem }) =>
      status === "needs_reconnect" ||
      status === "needs_more" ||
      (status === "connected" && problem),
  );
  return {
    connections: { count: trouble?.length ?? 0, words: "need you", urgent: true },
    automations: { count: catchUp.data?.ask.length ?? 0, words: "need you", urgent: true },
    inbox: { count: inbox.data?.filter(({ read }) => !read).length ?? 0, words: "not read" },
    outbox: { count: outbox.data?.length ?? 0, words: "waiting", urgent: true },
  };
}

/** Three slices of a pie, one of them given away. */
function Logo() {
  return (
    <svg
      viewBox="0 0 24 24"
      width="22"
      height="22"
      aria-hidden
      className="shrink-0 text-accent-text"
    >
      <path fill="currentColor" d="M11 3.06A9 9 0 1 0 20.94 13H12a1 1 0 0 1-1-1V3.06Z" />
      <path
        fill="currentColor"
        opacity="0.55"
        d="M13.5 2.12A9 9 0 0 1 21.88 10.5H14a.5.5 0 0 1-.5-.5V2.12Z"
      />
    </svg>
  );
}
