/** Shapes of what the author of an agent sees while writing it. */
import { type Json, type Problem, type Run } from "./types";

export interface Finding {
  file: string;
  /** From 1, or 0 where there is no place. */
  line: number;
  column: number;
  level: "error" | "warning" | "note";
  code: string;
  message: string;
  fix: string;
}

export interface SavedInput {
  name: string;
  function: string;
  input: Json;
}

export interface StudioFolder {
  folder: string;
  /** Empty while the folder cannot be read. */
  agent: string;
  display_name: string;
  /** It runs from here, as agreed. */
  in_place: boolean;
  services: string[];
  inputs: SavedInput[];
  recordings: string[];
}

/** A content; one of them is set at most. */
export interface Body {
  json?: Json;
  text?: string;
  base64?: string;
}

/** One question of a run and its answer, without secrets. */
export interface Exchange {
  service?: string;
  request?: Body & { method: string; url: string; headers?: Record<string, string> };
  call?: Body & { op: string; params?: Json };
  answer?: Body & { status?: number; headers?: Record<string, string>; value?: Json };
  fault?: Problem;
  ms: number;
}

export interface DevRequest {
  op: string;
  folder: string;
  function: string;
  account: string;
  input: Json;
  timeout_ms: number;
  dry_run: boolean;
  record: boolean;
  replay: boolean;
  practice: boolean;
  name: string;
}

export interface DevResult {
  agent: string;
  hash: string;
  findings: Finding[];
  grown: string[];
  run: Run | null;
  exchanges: Exchange[];
  cassette: string;
  compile_ms: number;
  total_ms: number;
}

/** Methods of the services for who writes agents. */
export interface StudioMethods {
  "Studio.Folders": [undefined, { agent: string; display_name: string; folder: string }[]];
  "Studio.Open": [{ folder: string }, StudioFolder];
  "Studio.Look": [{ folder: string }, StudioFolder];
  "Studio.Close": [{ folder: string }, null];
  "Studio.KeepInput": [{ folder: string; name: string; input: Json }, null];
  "Runs.Dev": [DevRequest, DevResult];
  "Agents.Check": [{ source: string }, Finding[]];
  "Agents.Approve": [{ folder: string; hash: string }, null];
}
