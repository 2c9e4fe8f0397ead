import { useQuery } from "@tanstack/react-query";
import { Plug } from "lucide-react";
import { type Connection } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { useNames } from "@/lib/hooks";
import { href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { Button, ButtonLink } from "@/ui/Button";
import { Mark } from "@/ui/Mark";
import { Empty, Loading, Page, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { ConnectionCard } from "./ConnectionCard";
import { refOf, sorted, useProvider } from "./words";

export function ConnectionsPage() {
  const { data, error, isPending, refetch } = useQuery(queries.connections());
  const showSheet = useSheets();
  const connected = sorted(data ?? []);
  const open = (data ?? []).filter(({ status }) => status === "not_connected");
  return (
    <Page
      title="Connections"
      lead="Which agent may use which of your accounts. You can take any of it away at any time."
      actions={connected.length > 0 && <ButtonLink href={href("agents")}>Add</ButtonLink>}
    >
      {isPending && <Loading />}
      {error && (
        <ProblemNotice
          problem={error}
          onRetry={() => void refetch()}
          onUnlock={() => showSheet({ kind: "unlock" })}
        />
      )}
      {data && connected.length === 0 && (
        <Empty
          icon={Plug}
          title="No connections yet"
          actions={
            <>
              <ButtonLink look="primary" href={href("welcome", "practice")}>
                Try a practice account
              </ButtonLink>
              <ButtonLink href={href("agents")}>Choose an agent</ButtonLink>
            </>
          }
        >
          An agent that needs one of your accounts asks for it. What you allow is listed here.
        </Empty>
      )}
      {connected.length > 0 && (
        <section>
          <h2 className="sr-only">Connected</h2>
          <ul className="flex flex-col gap-3">
            {connected.map((each) => (
              <ConnectionCard key={each.id} connection={each} />
            ))}
          </ul>
        </section>
      )}
      {open.length > 0 && (
        <Section title="Not connected" lead="Services that your agents could use.">
          <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
            {open.map((each) => (
              <OpenService key={`${each.agent}/${each.service}`} connection={each} />
            ))}
          </ul>
        </Section>
      )}
    </Page>
  );
}

/** A service without a connection: a line and a button. */
export function OpenService({ connection }: { connection: Connection }) {
  const names = useNames();
  const showSheet = useSheets();
  const { name: provider } = useProvider(connection);
  return (
    <li className="flex items-center gap-4 px-5 py-3">
      <Mark id={connection.provider} name={provider} size="sm" />
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">{provider}</p>
        <p className="text-sm text-soft break-words">for {names.agent(connection.agent)}</p>
      </div>
      <Button
        size="sm"
        aria-label={`Connect ${provider} for ${names.agent(connection.agent)}`}
        onClick={() => showSheet({ kind: "connect", ...refOf(connection) })}
      >
        Connect
      </Button>
    </li>
  );
}
