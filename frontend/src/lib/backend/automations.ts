/** Shapes of what runs by itself. */
import { type Access, type AuditRow, type ConnectionStatus, type RunStatus } from "./types";
import { type Permission } from "./agents";

export interface AutomationRun {
  due: string;
  status: RunStatus;
  run: string;
}

export type TriggerType =
  | "cron"
  | "interval"
  | "start"
  | "connect"
  | "webhook"
  | "plugin_event"
  /** All that the agent plans for itself. */
  | "tasks"
  /** One of these. */
  | "task";
export type Waits = "" | "vault" | "network" | "battery" | "person";

export interface Automation {
  id: string;
  agent: string;
  type: TriggerType;
  schedule: string;
  default: string;
  description: string;
  enabled: boolean;
  next: string | null;
  last_run: AutomationRun | null;
  missed_policy: "skip" | "once" | "all";
  overlap: "skip" | "queue";
  retry: "later" | "never";
  account: string;
  zone: string;
  network: "wait" | "ignore";
  battery: "wait" | "ignore";
  jitter_s: number;
  waits: Waits;
  until: string | null;
  queued: number;
  ask: AutomationRun | null;
  by: "author" | "agent";
  /** False for a task until the person lets the agent run what it plans. */
  allowed: boolean;
}

export interface EnableRequest {
  id: string;
  schedule: string;
  zone: string;
  missed: string;
  overlap: string;
  retry: string;
  account: string;
  network: string;
  battery: string;
  jitter_s: number;
}

export interface SheetAccount {
  service: string;
  label: string;
  account: string;
  status: ConnectionStatus;
  access: Access;
}

export interface AutomationSheet {
  automation: Automation;
  permissions: Permission[];
  accounts: SheetAccount[];
  may_write: "no" | "asks" | "yes";
  says: string[];
  /** Another agent or program decides when it runs. */
  consent: boolean;
}

export interface Gap {
  id: string;
  agent: string;
  count: number;
  last: string;
  reason: string;
}

export interface WillRun {
  id: string;
  agent: string;
  due: string;
  stands_for: number;
  attempt: number;
  at: string | null;
  waits: Waits;
}

export interface AskAgain {
  id: string;
  agent: string;
  due: string;
  run: string;
  status: RunStatus;
  sent: AuditRow[];
}

export interface CatchUp {
  since: string | null;
  until: string | null;
  missed: Gap[];
  will_run_once: WillRun[];
  skipped: Gap[];
  ask: AskAgain[];
  queued: { id: string; agent: string; count: number }[];
}

export type Decision = "run" | "skip" | "hold";

export interface Webhook {
  id: string;
  url: string;
  listening: boolean;
  problem: string;
}
