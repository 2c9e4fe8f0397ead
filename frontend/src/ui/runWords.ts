import { type RunStatus } from "@/lib/backend";
import { type StatusTone } from "./Status";

export const runWords: Record<RunStatus, { tone: StatusTone; text: string }> = {
  queued: { tone: "idle", text: "Waiting to start" },
  running: { tone: "busy", text: "Running" },
  waiting: { tone: "busy", text: "Waits for you" },
  ok: { tone: "good", text: "Done" },
  failed: { tone: "bad", text: "Failed" },
  requires_auth: { tone: "warn", text: "Needs a connection" },
  stopped: { tone: "bad", text: "Stopped at a limit" },
  canceled: { tone: "idle", text: "Stopped by you" },
  interrupted: { tone: "warn", text: "Interrupted" },
  missed: { tone: "warn", text: "Missed" },
  skipped: { tone: "idle", text: "Skipped" },
};

const triggers: Record<string, string> = {
  manual: "Started by you",
  ui: "Started by you",
  cli: "Started in the terminal",
  connect: "Started by connecting",
  cron: "By its schedule",
  interval: "By its schedule",
  automation: "By itself",
  webhook: "By a message from outside",
  plugin_event: "By another agent",
  task: "As the agent planned",
  dev: "While it was written",
  replay: "Played from a recording: nothing was done",
  practice: "With the practice service: nothing real was done",
};

export const triggerWords = (trigger: string) => triggers[trigger] ?? "";
