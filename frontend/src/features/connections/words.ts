import { useQuery } from "@tanstack/react-query";
import { type Access, type Connection, type ProviderInfo, type ScopeInfo } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { useNames } from "@/lib/hooks";
import { type StatusTone } from "@/ui/Status";

export function statusOf({ status, problem }: Connection): { tone: StatusTone; text: string } {
  switch (status) {
    case "connected":
      return problem
        ? { tone: "warn", text: "Has a problem" }
        : { tone: "good", text: "Connected" };
    case "needs_more":
      return { tone: "warn", text: "Needs more access" };
    case "needs_reconnect":
      return { tone: "bad", text: "Sign in again" };
    case "not_connected":
      return { tone: "idle", text: "Not connected" };
  }
}

export const accessWords: Record<Access, { label: string; hint: string }> = {
  full: { label: "Read and change", hint: "Everything you allowed at the service." },
  ask: {
    label: "Ask before each change",
    hint: "Reading goes ahead. A change waits for your word, in the outbox when you are away.",
  },
  read: { label: "Only read", hint: "Every change is blocked here, whatever the service allows." },
};

/** The scopes a connection has, in the words of its provider. */
export function scopesOf(connection: Connection, provider: ProviderInfo | undefined): ScopeInfo[] {
  const { granted, requested } = connection.scopes;
  const ids = connection.status === "not_connected" ? requested : granted;
  return ids.map(
    (id) => provider?.scopes.find((scope) => scope.id === id) ?? { id, label: id, risk: "" },
  );
}

const urgency = ({ status, problem }: Connection) =>
  status === "needs_reconnect" ? 0 : status === "needs_more" ? 1 : problem ? 2 : 3;

/** What needs the person comes first; otherwise the order stays as it is. */
export function sorted(connections: Connection[]): Connection[] {
  return connections
    .filter(({ status }) => status !== "not_connected")
    .sort((a, b) => urgency(a) - urgency(b));
}

/** Whose account it is, and the name the person gave it. */
export const accountOf = ({ account, label }: Connection) =>
  [account?.label, label].filter(Boolean).join(", ");

export const refOf = ({ agent, service, label }: Connection) => ({
  agent,
  service,
  account: label,
});

/** The provider of a connection as its agent's manifest has it, custom ones included. */
export function useProvider(connection: Connection): { name: string; info?: ProviderInfo } {
  const names = useNames();
  const preview = useQuery(queries.preview(refOf(connection)));
  const info = preview.data?.provider;
  return { name: info?.name ?? names.provider(connection.provider), info };
}
