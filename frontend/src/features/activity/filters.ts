/** What a person may look for among the runs, in words, and what the services call it. */
import { useState } from "react";
import { type RunStatus } from "@/lib/backend";

interface Group<T> {
  label: string;
  of: T[];
}

export const endings: Record<string, Group<RunStatus>> = {
  done: { label: "Done", of: ["ok"] },
  wrong: {
    label: "Went wrong",
    of: ["failed", "stopped", "requires_auth", "interrupted"],
  },
  open: { label: "Not over yet", of: ["queued", "running", "waiting"] },
  left: { label: "Did not run", of: ["missed", "skipped"] },
  canceled: { label: "Stopped by you", of: ["canceled"] },
};

export const beginnings: Record<string, Group<string>> = {
  you: { label: "You", of: ["manual", "ui", "cli"] },
  clock: { label: "Its schedule", of: ["automation", "cron", "interval", "task", "start"] },
  event: { label: "Something that happened", of: ["connect", "webhook", "plugin_event"] },
  author: { label: "Writing it", of: ["dev", "replay", "practice"] },
};

export interface Filters {
  agent: string;
  ended: string;
  began: string;
}

export const noFilters: Filters = { agent: "", ended: "", began: "" };
const place = "activity-filters";

/** Kept while the window is open, so that coming back from a run changes nothing. */
export function useFilters() {
  const [filters, setFilters] = useState<Filters>(() => {
    try {
      const kept = JSON.parse(sessionStorage.getItem(place) ?? "{}") as Partial<Filters>;
      return { ...noFilters, ...kept };
    } catch {
      return noFilters;
    }
  });
  const change = (part: Partial<Filters>) => {
    const next = { ...filters, ...part };
    setFilters(next);
    sessionStorage.setItem(place, JSON.stringify(next));
  };
  return [filters, change] as const;
}
