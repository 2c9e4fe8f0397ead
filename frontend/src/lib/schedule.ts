/** Schedules in words, and from a person's choice back to what the services take. */
import { count, listed, moment } from "./format";

export type PickKind = "day" | "weekdays" | "week" | "every" | "exact";

/** When something runs, as a person picks it. */
export interface Pick {
  kind: PickKind;
  /** "07:30", of day, weekdays and week. */
  time: string;
  /** 0 is Sunday; of week. */
  day: number;
  /** Of every. */
  amount: string;
  unit: "m" | "h";
  /** Of exact: a cron expression, an interval or "start". */
  text: string;
}

export const weekdays = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
];

const two = (n: number) => String(n).padStart(2, "0");
const whole = (text: string | undefined, below: number) =>
  text !== undefined && /^\d{1,2}$/.test(text) && Number(text) < below ? Number(text) : undefined;

interface Times {
  time: string;
  days: string;
}

/** A cron expression that runs at one time of the day, on every month's days. */
function atOneTime(cron: string): Times | undefined {
  const [minute, hour, ofMonth, month, days, ...rest] = cron.trim().split(/\s+/);
  const m = whole(minute, 60);
  const h = whole(hour, 24);
  if (m === undefined || h === undefined || days === undefined || rest.length > 0) return undefined;
  if (ofMonth !== "*" || month !== "*") return undefined;
  return { time: `${two(h)}:${two(m)}`, days };
}

function daysOf(days: string): number[] | undefined {
  const found = days.split(",").map((each) => whole(each, 8));
  return found.every((each) => each !== undefined) ? found.map((each) => each % 7) : undefined;
}

function interval(text: string): string | undefined {
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (!parts || text === "") return undefined;
  const named = (["hour", "minute", "second"] as const).flatMap((unit, index) => {
    const n = Number(parts[index + 1] ?? 0);
    return n > 0 ? [count(n, unit)] : [];
  });
  if (named.length === 0) return undefined;
  return `Every ${named.length === 1 ? named[0]?.replace(/^1 /, "") : listed(named)}`;
}

/** "Every weekday at 07:00"; what has no simple words stays as it is. */
export function scheduleWords(schedule: string): string {
  if (schedule === "") return "No time is set yet";
  if (schedule === "start") return "When PIE Desktop starts";
  if (schedule.startsWith("at ")) return `Once, ${moment(schedule.slice(3), "")}`;
  const sentence = interval(schedule);
  if (sentence) return sentence;
  const minutes = /^(\d+|\*)(?:\/(\d+))? \* \* \* \*$/.exec(schedule);
  if (minutes) return everyMinutes(minutes[1] ?? "*", minutes[2]);
  const at = atOneTime(schedule);
  if (at) return `${dayWords(at.days) ?? `On days ${at.days} of the week`} at ${at.time}`;
  if (/^when /.test(schedule)) return schedule.charAt(0).toUpperCase() + schedule.slice(1);
  return `At ${schedule}`;
}

function everyMinutes(start: string, step: string | undefined): string {
  if (step !== undefined) return step === "1" ? "Every minute" : `Every ${step} minutes`;
  return start === "*" ? "Every minute" : `Every hour at ${two(Number(start))} minutes past`;
}

function dayWords(days: string): string | undefined {
  if (days === "*") return "Every day";
  if (days === "1-5") return "Every weekday";
  const named = daysOf(days)?.map((day) => weekdays[day] ?? "");
  return named && `Every ${listed(named)}`;
}

/** The pick that a schedule is, so that a form can begin with it. */
export function pickOf(schedule: string): Pick {
  const pick: Pick = { kind: "exact", time: "07:00", day: 1, amount: "1", unit: "h", text: "" };
  const every = /^(\d+)([mh])$/.exec(schedule);
  if (every) {
    const [, amount = "1", unit] = every;
    return { ...pick, kind: "every", amount, unit: unit === "m" ? "m" : "h" };
  }
  const at = atOneTime(schedule);
  if (!at) return { ...pick, kind: schedule === "" ? "day" : "exact", text: schedule };
  if (at.days === "*") return { ...pick, kind: "day", time: at.time };
  if (at.days === "1-5") return { ...pick, kind: "weekdays", time: at.time };
  const [day, ...more] = daysOf(at.days) ?? [];
  if (day === undefined || more.length > 0) return { ...pick, text: schedule };
  return { ...pick, kind: "week", time: at.time, day };
}

/** The schedule of a pick, or what is wrong with it. */
export function scheduleOf(pick: Pick): { schedule: string; error?: string } {
  if (pick.kind === "exact") {
    const schedule = pick.text.trim();
    return schedule ? { schedule } : { schedule, error: "Say when it runs." };
  }
  if (pick.kind === "every") {
    const amount = Number(pick.amount);
    return Number.isInteger(amount) && amount > 0
      ? { schedule: `${amount}${pick.unit}` }
      : { schedule: "", error: "Use a whole number above zero." };
  }
  const [, hour, minute] = /^(\d{2}):(\d{2})$/.exec(pick.time) ?? [];
  if (hour === undefined) return { schedule: "", error: "Say a time of the day." };
  const days = { day: "*", weekdays: "1-5", week: String(pick.day) }[pick.kind];
  return { schedule: `${Number(minute)} ${Number(hour)} * * ${days}` };
}
