/** What crosses the seam. The names are those of the services' JSON. */

export * from "./agents";
export * from "./automations";
export * from "./runs";
export * from "./studio";
export * from "./settings";
export * from "./waiting";

export type Code =
  | "invalid"
  | "not_found"
  | "conflict"
  | "denied"
  | "canceled"
  | "reconnect"
  | "locked"
  | "in_use"
  | "offline"
  | "limited"
  | "script"
  | "internal";

export interface Problem {
  code: Code;
  message: string;
  hint: string;
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type EventKind =
  | "connection"
  | "recovered"
  | "client"
  | "attempt"
  | "agent"
  | "run"
  | "outbox"
  | "inbox"
  | "automation"
  | "practice"
  | "studio"
  | "vault"
  | "settings";

/** Says which noun changed; the page asks for it again. */
export interface BackendEvent {
  kind: EventKind;
  id: string;
}

export interface ConnectionRef {
  agent: string;
  service: string;
  account: string;
}

export type ConnectionStatus = "connected" | "needs_more" | "needs_reconnect" | "not_connected";
export type Access = "full" | "ask" | "read";

export interface Connection {
  id: string;
  agent: string;
  service: string;
  label: string;
  provider: string;
  kind: "oauth" | "token";
  account: { id: string; label: string } | null;
  status: ConnectionStatus;
  access: Access;
  scopes: { requested: string[]; granted: string[] };
  connected_at: string | null;
  expires_at: string | null;
  refreshed_at: string | null;
  last_used_at: string | null;
  checked_at: string | null;
  /** What runs out is renewed without the person. */
  renews: boolean;
  refreshes: number;
  problem: Problem | null;
}

export type Risk = "identity" | "read" | "write" | "send" | "admin" | "money";

export interface ScopeInfo {
  id: string;
  label: string;
  risk: Risk | "";
}

export type RedirectKind = "scheme" | "loopback" | "paste" | "device";

export interface RedirectInfo {
  kind: RedirectKind;
  address: string;
  preferred: boolean;
}

export interface ProviderInfo {
  id: string;
  name: string;
  status: string;
  checked: string;
  redirect: RedirectKind[];
  api_hosts: string[];
  /** Those among all its addresses that a file of the person brought in. */
  added_hosts: string[];
  manage_url: string | null;
  console_url: string | null;
  scopes: ScopeInfo[];
  /** sign-in | token | setup | unreachable */
  effort: string;
  note: string;
  setup: string[];
  /** Where an own app is registered; none where no app can be kept. */
  redirects: RedirectInfo[];
  token_url: string | null;
  token_steps: string[];
  /** What the person has to say of the account first. */
  parameters: ParameterInfo[];
}

/** One thing that differs from account to account, such as a subdomain. */
export interface ParameterInfo {
  key: string;
  label: string;
  suffix: string;
  example: string;
  choices: string[];
  default: string;
}

export interface ConnectSheet {
  agent: string;
  agent_name: string;
  service: string;
  account: string;
  provider: ProviderInfo;
  scopes: ScopeInfo[];
  hosts: string[];
  redirects: RedirectInfo[];
  missing_secret: string;
  client: ConnectClient;
  setup: string[];
  connection: Connection | null;
}

/** By which app an agent signs in, and what other way there is. */
export interface ConnectClient {
  kind: "agent" | "app" | "none";
  /** Provider to keep an own app for; empty where none can be kept. */
  app: string;
  has_app: boolean;
  /** The program registers an app by itself when the sign-in begins. */
  registers: boolean;
}

export interface ConnectRequest extends ConnectionRef {
  op: string;
  redirect: RedirectKind | "";
  no_browser: boolean;
  params: Record<string, string>;
  timeout_ms: number;
}

export interface Attempt {
  op: string;
  step: "preparing" | "authorize" | "device" | "exchanging";
  agent: string;
  service: string;
  kind: RedirectKind;
  url: string;
  redirect_uri: string;
  /** Of the device step only. */
  user_code?: string;
  verification_uri?: string;
  verification_uri_complete?: string;
  expires_at?: string;
}

export interface TokenRequest extends ConnectionRef {
  params: Record<string, string>;
  token: string;
}

export interface StoppedAutomation {
  id: string;
  agent: string;
  schedule: string;
  description: string;
  /** Only if the access is taken away at the service, because the sign-in is shared. */
  shared: boolean;
}

export interface DisconnectSheet {
  connection: Connection;
  stops: string[];
  callers: string[];
  automations: StoppedAutomation[];
  shared: Connection[];
  manage_url: string;
}

export interface DisconnectRequest extends ConnectionRef {
  forget: boolean;
  everywhere: boolean;
}

export interface Disconnected {
  connection: Connection;
  revoked: boolean | null;
  detail: string;
  stopped: string[];
}

/** What came of taking everything away. */
export interface Panicked {
  started_at: string;
  finished_at: string | null;
  rows: Disconnected[];
  revoked: number;
  open: number;
  kept: string[];
  receipt: string;
}

export interface VaultStatus {
  state: "none" | "locked" | "unlocked";
  source: "keyring" | "passphrase" | "keyfile" | "";
  vault_id: string;
  key_id: number;
  created_at: string | null;
  problem: Problem | null;
}

export interface PracticeStatus {
  running: boolean;
  url: string;
  faults: { name: string; title: string; text: string }[];
}

export interface Info {
  version: string;
  home: string;
  config: string;
  data: string;
  state: string;
  log: string;
  display: boolean;
  scheme: Scheme;
  loopback_port: number;
  theme: Theme;
  vault: VaultStatus;
  first_run: boolean;
}

export interface Scheme {
  name: string;
  registered: boolean;
  ours: boolean;
  executable: string;
  home: string;
  problem: string;
}

export type Theme = "" | "light" | "dark";

export interface Doctor {
  checks: { code: string; ok: boolean; message: string; hint: string; fixed: boolean }[];
}
