/** Shapes of runs and of the requests they made. */
import { type Json, type Problem } from "./types";

export type RunStatus =
  | "queued"
  | "running"
  | "waiting"
  | "ok"
  | "failed"
  | "requires_auth"
  | "stopped"
  | "canceled"
  | "interrupted"
  | "missed"
  | "skipped";

export interface RunLog {
  at: string;
  level: string;
  text: string;
}

export interface RunRequestRow {
  at: string;
  method: string;
  url: string;
  status: number;
  ms: number;
  bytes: number;
  service: string | null;
}

export interface Run {
  id: string;
  agent: string;
  function: string;
  trigger: string;
  status: RunStatus;
  result: Json;
  error: Problem | null;
  logs: RunLog[];
  requests: RunRequestRow[];
  started_at: string;
  duration_ms: number;
}

/** A run with what it was given; null where none is kept. */
export interface RunDetail extends Run {
  input: Json;
}

/** A run as a list shows it. */
export interface RunRow {
  id: string;
  agent: string;
  function: string;
  trigger: string;
  status: RunStatus;
  started_at: string;
  duration_ms: number;
  requests: number;
}

export interface FindRequest {
  agent: string;
  statuses: RunStatus[];
  triggers: string[];
  before: string;
  limit: number;
}

export interface RunCall {
  op: string;
  agent: string;
  function: string;
  account: string;
  input: Json;
  timeout_ms: number;
  dry_run: boolean;
  /** Questions of the run are answered from here meanwhile. */
  attended: boolean;
}

export interface AuditRow {
  at: string;
  agent: string;
  service: string | null;
  run: string;
  method: string;
  host: string;
  path: string;
  status: number;
  ms: number;
  bytes_in: number;
  bytes_out: number;
  decision: "sent" | "blocked";
  reason: string;
}
