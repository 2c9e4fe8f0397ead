/** Shapes of what waits for the person, and of the apps they registered. */
import { type Connection, type Disconnected, type RedirectInfo } from "./types";

/** What an agent told the person. The text is a stranger's and stays text. */
export interface Message {
  id: string;
  agent: string;
  run: string;
  at: string;
  read: boolean;
  cut: boolean;
  title: string;
  text: string;
}

export type WriteState = "asking" | "waiting" | "sending" | "unsure";
export type WriteReason = "dry_run" | "access" | "new_host";

/** A change that waits for the person. */
export interface Write {
  id: string;
  agent: string;
  service: string | null;
  account: string;
  connection: string;
  person: string;
  run: string;
  method: string;
  url: string;
  bytes: number;
  reason: WriteReason;
  state: WriteState;
  created_at: string;
  sent_at: string | null;
  status: number;
}

export interface WholeWrite extends Write {
  headers: Record<string, string>;
  body: string;
  body_encoding: "utf8" | "base64";
}

export interface Delivered {
  write: Write;
  status: number;
  ok: boolean;
  body: string;
}

/** An app the person registered at a provider, without its id and secret. */
export interface Client {
  provider: string;
  name: string;
  has_secret: boolean;
  added_at: string;
  check: { verdict: "accepted" | "refused" | "unknown"; detail: string; at: string } | null;
  agents: { agent: string; connected: number }[];
  offers: string[];
  redirects: RedirectInfo[];
}

export interface ClientEnded {
  provider: string;
  removed: boolean;
  stopped: string[];
  disconnected: Disconnected[];
}

export interface ReceiptScope {
  id: string;
  label: string;
}

/** What one connection was used for, in words and in numbers. */
export interface Receipt {
  connection: Connection;
  text: string;
  reads: number;
  writes: number;
  failed: number;
  blocked: number;
  checks: number;
  hosts: { host: string; reads: number; writes: number }[];
  last_read: string | null;
  last_write: string | null;
  unused: ReceiptScope[];
  read_only: ReceiptScope[];
  cannot_tell: ReceiptScope[];
  nudge: string;
  partial: boolean;
}
