import { useQuery } from "@tanstack/react-query";
import { queries } from "@/lib/backend/queries";
import { Loading, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { ConnectionCard } from "./ConnectionCard";
import { OpenService } from "./ConnectionsPage";
import { sorted } from "./words";

/** The connections of one agent, for its page. */
export function AgentConnections({ agent }: { agent: string }) {
  const { data, error, isPending, refetch } = useQuery(queries.connections(agent));
  if (data?.length === 0) return null;
  const connected = sorted(data ?? []);
  const open = (data ?? []).filter(({ status }) => status === "not_connected");
  return (
    <Section title="Connections">
      {isPending && <Loading rows={1} />}
      {error && <ProblemNotice problem={error} onRetry={() => void refetch()} />}
      {connected.length > 0 && (
        <ul className="flex flex-col gap-3">
          {connected.map((each) => (
            <ConnectionCard key={each.id} connection={each} ofAgent />
          ))}
        </ul>
      )}
      {open.length > 0 && (
        <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
          {open.map((each) => (
            <OpenService key={each.service} connection={each} />
          ))}
        </ul>
      )}
    </Section>
  );
}
