/** What the person sets: hours, the language model, the way back, history. */

/** Times of the day such as "22:00"; both are empty for none. */
export interface QuietHours {
  from: string;
  to: string;
}

/** How the program goes on without its window. */
export interface Background {
  /** Something runs by itself and the person was not asked yet. */
  ask: boolean;
  in_tray: boolean;
  service: { installed: boolean; path: string; ours: boolean; hint: string };
  /** Icons beside the clock are shown. */
  tray: boolean;
}

/** The language model that agents may ask. */
export interface Model {
  address: string;
  model: string;
  key_set: boolean;
  /** On this computer: no word leaves it. */
  local: boolean;
  off: boolean;
  /** Installed agents whose code asks a model. */
  agents: string[];
}

/** What is left out stays; an empty key removes it. */
export interface ModelChange {
  address?: string;
  model?: string;
  key?: string;
  off?: boolean;
}

/** How much history is kept; 0 for all. */
export interface Keep {
  days: number;
  megabytes: number;
}

export interface Kept extends Keep {
  /** Agents whose inputs, results and logs are not kept. */
  no_results: string[];
}

/** Without a file it is a preview. */
export interface ExportRequest {
  agent: string;
  days: number;
  results: boolean;
  file: string;
}

export interface ExportContents {
  runs: number;
  agents: Record<string, number>;
  from: string | null;
  to: string | null;
  bytes: number;
  fields: string[];
}

/** Methods of the services that keep what the person sets. */
export interface SettingsMethods {
  "Automations.Quiet": [undefined, QuietHours];
  "Automations.SetQuiet": [QuietHours, QuietHours];
  "Automations.Background": [undefined, Background];
  "Automations.KeepRunning": [{ in_tray: boolean; at_login: boolean }, Background];
  "AI.Show": [undefined, Model];
  "AI.Set": [ModelChange, Model];
  "AI.Models": [{ op: string }, string[]];
  "System.Relay": [undefined, { address: string }];
  "System.SetRelay": [{ address: string }, null];
  "System.CheckRelay": [undefined, null];
  "Runs.Kept": [undefined, Kept];
  "Runs.Keep": [Keep, { runs: number; audit: number }];
  "Runs.Results": [{ agent: string; kept: boolean }, Kept];
  "Runs.Export": [ExportRequest, ExportContents];
  "Runs.ExportPlace": [undefined, { file: string }];
}
