/** Shapes of agents, and of what is shown before one is installed. */
import { type Disconnected, type Json, type RedirectInfo } from "./types";

export interface Secret {
  name: string;
  description: string;
  required: boolean;
  set: boolean;
}

export interface Agent {
  name: string;
  display_name: string;
  version: string;
  description: string;
  tier: string;
  functions: string[];
  services: { key: string; provider: string; scopes: string[] }[];
  secrets: Secret[];
  hosts: string[];
  automations: { type: string; default: Json; description: string }[];
  warnings: string[];
}

export interface Permission {
  kind: string;
  text: string;
  items: string[];
}

export interface AgentDetail {
  agent: Agent;
  tool: { name: string; description: string; parameters: Json } | null;
  permissions: Permission[];
  redirects: (RedirectInfo & { service: string })[];
  token_hosts: Record<string, string[]>;
  link: string;
  installed_at: string;
  user_config: Json;
}

export type Effort = "none" | "token" | "setup";

export interface Sample {
  name: string;
  display_name: string;
  description: string;
  tier: string;
  installed: boolean;
  effort: Effort;
  services: string[];
}

export interface InspectRequest {
  source: string;
  content?: string;
}

export interface InstallSheet {
  agent: Agent;
  hash: string;
  permissions: Permission[];
  hosts: string[];
  api_hosts: Record<string, string[]>;
  /** Agents that it asks to have work for it. */
  calls: string[];
  update: { from: string; to: string; added: string[]; removed: string[] } | null;
  needs: string[];
  /** Providers whose app the person has and could let it use. */
  clients: string[];
}

export interface InstallRequest extends InspectRequest {
  hash: string;
  hosts: string[];
  api_hosts: Record<string, string[]>;
  calls: string[];
  clients: string[];
  link: boolean;
}

export interface Removed {
  agent: string;
  disconnected: Disconnected[];
}
