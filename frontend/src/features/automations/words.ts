import {
  type Automation,
  type AutomationSheet,
  type SheetAccount,
  type Waits,
} from "@/lib/backend";
import { scheduleWords } from "@/lib/schedule";
import { type StatusTone } from "@/ui/Status";

/** When it runs, in words. */
export function occasionOf({ type, schedule, zone }: Automation, here: string): string {
  switch (type) {
    case "webhook":
      return "When another program sends something to its address";
    case "connect":
      return "When one of its accounts is connected";
    case "tasks":
      return "At times that the agent chooses itself";
    default:
      return (
        scheduleWords(schedule) +
        (zone && zone !== here && ofTime(schedule) ? `, by the clock of ${placeOf(zone)}` : "")
      );
  }
}

const ofTime = (schedule: string) => /^\S+ \S+ \S+ \S+ \S+/.test(schedule);

/** Whether a person may say when it runs. */
export const hasTimes = ({ type }: Automation) => ["cron", "interval", "start"].includes(type);

export const waitWords: Record<Exclude<Waits, "">, string> = {
  vault: "It is due and waits until your keys are unlocked.",
  network: "It is due and waits for the network.",
  battery: "It is due and waits until the battery is no longer being saved.",
  person: "You held it back. It waits until you decide.",
};

export const writeWords: Record<
  AutomationSheet["may_write"],
  { tone: StatusTone; title: string; text: string }
> = {
  no: {
    tone: "good",
    title: "It only reads",
    text: "It cannot change anything outside this computer.",
  },
  asks: {
    tone: "warn",
    title: "It asks before each change",
    text: "Nobody may be here when it runs: its changes wait for you in the outbox.",
  },
  yes: {
    tone: "warn",
    title: "It may change things without asking",
    text: "If you want to see each change first, set its connection to “Ask before each change”.",
  },
};

/** As whom it works at one service. */
export function accountWords({ account, label, status }: SheetAccount, provider: string): string {
  if (status === "not_connected") return `${provider} is not connected yet`;
  const name = [account, label].filter(Boolean).join(", ");
  return name ? `${provider} as ${name}` : `${provider}, with your access`;
}

/** "agent/0" is the first occasion of an agent. */
export const titleOf = (automation: Automation, here: string) =>
  automation.description || occasionOf(automation, here);

/** The time zone of this computer. */
export const zoneHere = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** "Europe/Berlin" as people write it: "Berlin (Europe)". */
export function placeOf(zone: string): string {
  const [area = "", ...rest] = zone.split("/");
  const place = rest.join(", ").replaceAll("_", " ");
  return place ? `${place} (${area.replaceAll("_", " ")})` : area;
}
