/** The getters as queries, and which of them an event makes stale. */
import { QueryClient, queryOptions } from "@tanstack/react-query";
import {
  call,
  type BackendEvent,
  type ConnectionRef,
  type EventKind,
  type ExportRequest,
  type Fault,
} from "./index";

export const queries = {
  connections: (agent = "") =>
    queryOptions({
      queryKey: ["connections", agent],
      queryFn: () => call("Connections.List", { agent }),
    }),
  /** Who would get what; also where a connection's provider says its name and scopes. */
  preview: (of: ConnectionRef) =>
    queryOptions({
      queryKey: ["connect-sheet", of.agent, of.service, of.account],
      queryFn: () => call("Connections.Preview", of),
    }),
  agents: () => queryOptions({ queryKey: ["agents"], queryFn: () => call("Agents.List") }),
  agent: (agent: string) =>
    queryOptions({ queryKey: ["agent", agent], queryFn: () => call("Agents.Show", { agent }) }),
  samples: () => queryOptions({ queryKey: ["samples"], queryFn: () => call("Agents.Samples") }),
  runs: (agent: string, limit: number) =>
    queryOptions({
      queryKey: ["runs", agent, limit],
      queryFn: () => call("Runs.List", { agent, limit }),
    }),
  run: (id: string) =>
    queryOptions({ queryKey: ["run", id], queryFn: () => call("Runs.Get", { id }) }),
  audit: (agent: string, limit: number) =>
    queryOptions({
      queryKey: ["audit", agent, limit],
      queryFn: () => call("Runs.Audit", { agent, limit }),
    }),
  receipts: (agent = "") =>
    queryOptions({
      queryKey: ["receipts", agent],
      queryFn: () => call("Connections.Receipts", { agent }),
    }),
  automations: () =>
    queryOptions({ queryKey: ["automations"], queryFn: () => call("Automations.List") }),
  catchUp: () =>
    queryOptions({ queryKey: ["catch-up"], queryFn: () => call("Automations.CatchUp") }),
  inbox: () =>
    queryOptions({
      queryKey: ["inbox"],
      queryFn: () => call("Inbox.List", { agent: "", limit: 500 }),
    }),
  outbox: () =>
    queryOptions({
      queryKey: ["outbox"],
      queryFn: () => call("Outbox.List", { agent: "", run: "" }),
    }),
  write: (id: string) =>
    queryOptions({ queryKey: ["write", id], queryFn: () => call("Outbox.Get", { id }) }),
  clients: () => queryOptions({ queryKey: ["clients"], queryFn: () => call("Clients.List") }),
  providers: () =>
    queryOptions({
      queryKey: ["providers"],
      queryFn: () => call("Providers.List"),
      staleTime: Infinity,
    }),
  vault: () => queryOptions({ queryKey: ["vault"], queryFn: () => call("Vault.Status") }),
  practice: () => queryOptions({ queryKey: ["practice"], queryFn: () => call("Practice.Status") }),
  info: () => queryOptions({ queryKey: ["info"], queryFn: () => call("System.Info") }),
  quiet: () =>
    queryOptions({ queryKey: ["settings", "quiet"], queryFn: () => call("Automations.Quiet") }),
  background: () =>
    queryOptions({
      queryKey: ["settings", "background"],
      queryFn: () => call("Automations.Background"),
    }),
  model: () => queryOptions({ queryKey: ["settings", "model"], queryFn: () => call("AI.Show") }),
  relay: () =>
    queryOptions({ queryKey: ["settings", "relay"], queryFn: () => call("System.Relay") }),
  kept: () => queryOptions({ queryKey: ["settings", "kept"], queryFn: () => call("Runs.Kept") }),
  exportPlace: () =>
    queryOptions({
      queryKey: ["settings", "export-place"],
      queryFn: () => call("Runs.ExportPlace"),
    }),
  exported: (of: Omit<ExportRequest, "file">) =>
    queryOptions({
      queryKey: ["export", of.agent, of.days, of.results],
      queryFn: () => call("Runs.Export", { ...of, file: "" }),
    }),
};

const stale: Record<EventKind, string[]> = {
  connection: ["receipts", "connections", "connect-sheet", "audit", "automation-sheet", "clients"],
  recovered: ["connections", "connect-sheet"],
  client: ["clients", "connect-sheet", "connections", "agents", "agent"],
  attempt: ["attempt"],
  agent: [
    "agents",
    "agent",
    "samples",
    "connections",
    "connect-sheet",
    "automations",
    "catch-up",
    "clients",
    "settings",
    "studio",
  ],
  run: ["receipts", "export", "runs", "run", "audit", "connections", "automations", "catch-up"],
  outbox: ["outbox", "runs", "run"],
  inbox: ["inbox"],
  automation: ["automations", "automation-sheet", "catch-up"],
  practice: ["practice"],
  studio: [], // the page of the folder runs again by itself
  vault: ["vault", "info", "runs", "run", "inbox", "outbox", "automations", "catch-up", "export"],
  settings: ["info", "settings", "agent", "connect-sheet", "clients", "providers"],
};

export function applyEvent(client: QueryClient, event: BackendEvent) {
  for (const key of stale[event.kind] ?? []) {
    void client.invalidateQueries({ queryKey: [key] });
  }
}

/** One client for the page. Answers are local, so nothing is tried twice. */
export const newQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        retry: false,
        staleTime: 5_000,
        refetchOnWindowFocus: true,
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: Fault;
  }
}
