import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, History } from "lucide-react";
import { type AuditRow, type Run } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { count, duration } from "@/lib/format";
import { useNames } from "@/lib/hooks";
import { go, href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { Button, ButtonLink } from "@/ui/Button";
import { SelectField } from "@/ui/Field";
import { Card, Empty, Loading, Page, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Status } from "@/ui/Status";
import { Tabs } from "@/ui/Tabs";
import { Time } from "@/ui/Text";
import { RequestTable } from "./RequestTable";
import { RunView } from "./RunView";
import { runWords, triggerWords } from "@/ui/runWords";

const step = 50;

/** `#/activity`, `#/activity/requests` or `#/activity/run/ID`. */
export function ActivityPage({ rest }: { rest: string[] }) {
  const [agent, setAgent] = useState("");
  const agents = useQuery(queries.agents());
  if (rest[0] === "run" && rest[1]) return <RunPage id={rest[1]} />;
  return (
    <Page
      title="Activity"
      lead="Everything your agents did, and every request that was made in your name."
      actions={
        (agents.data?.length ?? 0) > 1 && (
          <div className="w-56">
            <SelectField
              label="Agent"
              value={agent}
              onChange={(event) => setAgent(event.target.value)}
            >
              <option value="">All agents</option>
              {agents.data?.map(({ name, display_name }) => (
                <option key={name} value={name}>
                  {display_name}
                </option>
              ))}
            </SelectField>
          </div>
        )
      }
    >
      <Tabs
        label="Activity"
        value={rest[0] === "requests" ? "requests" : "runs"}
        onChange={(id) => (id === "requests" ? go("activity", id) : go("activity"))}
        tabs={[
          { id: "runs", label: "Runs", content: <Runs agent={agent} /> },
          { id: "requests", label: "Requests", content: <Requests agent={agent} /> },
        ]}
      />
    </Page>
  );
}

function Runs({ agent }: { agent: string }) {
  const [limit, setLimit] = useState(step);
  const { data, error, isPending, refetch } = useQuery(queries.runs(agent, limit));
  const showSheet = useSheets();
  if (isPending) return <Loading />;
  if (error) {
    return (
      <ProblemNotice
        problem={error}
        onRetry={() => void refetch()}
        onUnlock={() => showSheet({ kind: "unlock" })}
      />
    );
  }
  if (data.length === 0) {
    return (
      <Empty
        icon={History}
        title="Nothing has run yet"
        actions={<ButtonLink href={href("agents")}>Go to agents</ButtonLink>}
      >
        When an agent runs, its result, its log and its requests are kept here.
      </Empty>
    );
  }
  return (
    <>
      <RunList runs={data} />
      <More shown={data.length} limit={limit} onMore={() => setLimit(limit + step)} />
    </>
  );
}

function More(props: { shown: number; limit: number; onMore: () => void }) {
  if (props.shown < props.limit) return null;
  return (
    <Button className="mt-4" onClick={props.onMore}>
      Show older
    </Button>
  );
}

export function RunList({ runs, ofAgent }: { runs: Run[]; ofAgent?: boolean }) {
  const names = useNames();
  return (
    <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
      {runs.map((run) => {
        const { tone, text } = runWords[run.status];
        const trigger = triggerWords(run.trigger);
        return (
          <li key={run.id}>
            <a
              href={href("activity", "run", run.id)}
              className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 px-5 py-3 transition-colors hover:bg-hover focus-visible:-outline-offset-2"
            >
              <span className="font-medium break-words">
                {ofAgent ? <Time at={run.started_at} /> : names.agent(run.agent)}
              </span>
              <Status tone={tone}>{text}</Status>
              <span className="col-span-2 text-sm text-soft">
                {!ofAgent && (
                  <>
                    <Time at={run.started_at} /> ·{" "}
                  </>
                )}
                {duration(run.duration_ms)} · {count(run.requests.length, "request")}
                {trigger && ` · ${trigger}`}
              </span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}

const rowOf = (row: AuditRow, agent: string) => ({
  ...row,
  agent,
  bytes: row.bytes_in,
  blocked: row.decision === "blocked" ? row.reason || "Not allowed." : "",
});

function Requests({ agent }: { agent: string }) {
  const names = useNames();
  const [limit, setLimit] = useState(step);
  const { data, error, isPending, refetch } = useQuery(queries.audit(agent, limit));
  if (isPending) return <Loading />;
  if (error) return <ProblemNotice problem={error} onRetry={() => void refetch()} />;
  if (data.length === 0) {
    return (
      <Empty icon={History} title="No requests yet">
        Every request that an agent makes is listed here, sent or blocked.
      </Empty>
    );
  }
  return (
    <>
      <Card>
        <RequestTable rows={data.map((row) => rowOf(row, names.agent(row.agent)))} />
      </Card>
      <More shown={data.length} limit={limit} onMore={() => setLimit(limit + step)} />
    </>
  );
}

function RunPage({ id }: { id: string }) {
  const { data, error, isPending, refetch } = useQuery(queries.run(id));
  const names = useNames();
  const showSheet = useSheets();
  return (
    <Page
      title={data ? names.agent(data.agent) : "Run"}
      lead={data && triggerWords(data.trigger)}
      above={
        <a
          href={href("activity")}
          className="inline-flex items-center gap-1.5 rounded-sm text-sm text-soft hover:text-ink"
        >
          <ArrowLeft size={14} aria-hidden />
          Activity
        </a>
      }
      actions={data && <ButtonLink href={href("agents", data.agent)}>Open the agent</ButtonLink>}
    >
      {isPending && <Loading />}
      {error && (
        <ProblemNotice
          problem={error}
          onRetry={() => void refetch()}
          onUnlock={() => showSheet({ kind: "unlock" })}
        />
      )}
      {data && (
        <Card>
          <RunView run={data} />
        </Card>
      )}
    </Page>
  );
}

/** The last runs of one agent, for its page. */
export function RecentRuns({ agent }: { agent: string }) {
  const { data } = useQuery(queries.runs(agent, 5));
  if (!data || data.length === 0) return null;
  return (
    <Section title="Last runs">
      <RunList runs={data} ofAgent />
    </Section>
  );
}
