import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { type AuditRow } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { useNames } from "@/lib/hooks";
import { go } from "@/lib/route";
import { Button } from "@/ui/Button";
import { SelectField } from "@/ui/Field";
import { Card, Empty, Loading, Page } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Tabs } from "@/ui/Tabs";
import { beginnings, endings, noFilters, useFilters, type Filters } from "./filters";
import { RequestTable } from "./RequestTable";
import { RunPage } from "./RunPage";
import { Runs } from "./Runs";

const step = 50;

/** `#/activity`, `#/activity/requests` or `#/activity/run/ID`. */
export function ActivityPage({ rest }: { rest: string[] }) {
  const [filters, change] = useFilters();
  if (rest[0] === "run" && rest[1]) return <RunPage id={rest[1]} />;
  return (
    <Page
      title="Activity"
      lead="Everything your agents did, and every request that was made in your name."
    >
      <Tabs
        label="Activity"
        value={rest[0] === "requests" ? "requests" : "runs"}
        onChange={(id) => (id === "requests" ? go("activity", id) : go("activity"))}
        tabs={[
          {
            id: "runs",
            label: "Runs",
            content: (
              <>
                <Choose filters={filters} onChange={change} />
                <Runs filters={filters} onAll={() => change(noFilters)} />
              </>
            ),
          },
          {
            id: "requests",
            label: "Requests",
            content: (
              <>
                <Choose filters={filters} onChange={change} agentOnly />
                <Requests agent={filters.agent} />
              </>
            ),
          },
        ]}
      />
    </Page>
  );
}

interface ChooseProps {
  filters: Filters;
  onChange: (part: Partial<Filters>) => void;
  agentOnly?: boolean;
}

/** What to look for. One that nothing can fit is shown all the same: people look for it. */
function Choose({ filters, onChange, agentOnly }: ChooseProps) {
  const agents = useQuery(queries.agents());
  const shown = agents.data?.map(({ name, display_name }) => [name, display_name] as const) ?? [];
  return (
    <div className="mb-4 grid grid-cols-2 gap-3 md:grid-cols-3 max-md:[&>:first-child]:col-span-2">
      <One
        label="Agent"
        all="All agents"
        value={filters.agent}
        options={shown}
        onChange={(agent) => onChange({ agent })}
      />
      {!agentOnly && (
        <>
          <One
            label="How it ended"
            all="In any way"
            value={filters.ended}
            options={Object.entries(endings).map(([id, { label }]) => [id, label])}
            onChange={(ended) => onChange({ ended })}
          />
          <One
            label="Who began it"
            all="Anybody"
            value={filters.began}
            options={Object.entries(beginnings).map(([id, { label }]) => [id, label])}
            onChange={(began) => onChange({ began })}
          />
        </>
      )}
    </div>
  );
}

interface OneProps {
  label: string;
  all: string;
  value: string;
  options: (readonly [id: string, label: string])[];
  onChange: (id: string) => void;
}

function One({ label, all, value, options, onChange }: OneProps) {
  return (
    <SelectField label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{all}</option>
      {options.map(([id, text]) => (
        <option key={id} value={id}>
          {text}
        </option>
      ))}
    </SelectField>
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
