/** Words for times, sizes and names. All of it in one language on purpose. */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const plural = (n: number, unit: string) => `${n} ${unit}${n === 1 ? "" : "s"}`;

/** "just now", "2 minutes ago", "in 3 hours"; the date beyond a week. */
export function relative(at: string, now: number): string {
  const time = Date.parse(at);
  if (Number.isNaN(time)) return "";
  const distance = Math.abs(now - time);
  if (distance < minute) return "just now";
  const words =
    distance < hour
      ? plural(Math.floor(distance / minute), "minute")
      : distance < day
        ? plural(Math.floor(distance / hour), "hour")
        : distance < 8 * day
          ? plural(Math.floor(distance / day), "day")
          : undefined;
  if (words === undefined) {
    return new Intl.DateTimeFormat("en", { dateStyle: "medium" }).format(time);
  }
  return time > now ? `in ${words}` : `${words} ago`;
}

export function exact(at: string): string {
  const time = Date.parse(at);
  if (Number.isNaN(time)) return "";
  return new Intl.DateTimeFormat("en", { dateStyle: "full", timeStyle: "medium" }).format(time);
}

/** "Tuesday, 3 March 2026, 07:00", on the clock of a zone. */
export function moment(at: string, zone: string): string {
  const time = Date.parse(at);
  if (Number.isNaN(time)) return "";
  const form = (timeZone?: string) =>
    new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short", timeZone });
  try {
    return form(zone || undefined)
      .format(time)
      .replace(" at ", ", ");
  } catch {
    return form().format(time).replace(" at ", ", ");
  }
}

/** "38 ms", "1.2 s", "2 min 5 s". */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < minute) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round((ms % minute) / 1000);
  return `${Math.floor(ms / minute)} min${seconds ? ` ${seconds} s` : ""}`;
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  if (n < 1024 * 1024) return `${(n / 1024).toFixed(1)} KB`;
  return `${(n / 1024 / 1024).toFixed(1)} MB`;
}

/** "a", "a and b", "a, b and c". */
export function listed(items: string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

export const count = (n: number, unit: string) => plural(n, unit);
