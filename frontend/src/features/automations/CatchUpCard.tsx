import { type ReactNode } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, type AskAgain, type Automation, type Decision, type WillRun } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { count } from "@/lib/format";
import { useNames } from "@/lib/hooks";
import { href } from "@/lib/route";
import { Button } from "@/ui/Button";
import { Card, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { runWords } from "@/ui/runWords";
import { Time } from "@/ui/Text";
import { Soon } from "./Soon";
import { titleOf, waitWords, zoneHere } from "./words";

/** What was missed, what runs for it, what was left out and why; changeable before it runs. */
export function CatchUpCard({ automations }: { automations: Automation[] }) {
  const names = useNames();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(queries.catchUp());
  const decide = useMutation({
    mutationFn: (of: { id: string; decision: Decision }) => call("Automations.Decide", of),
    onSuccess: (next) => client.setQueryData(queries.catchUp().queryKey, next),
  });
  const read = useMutation({
    mutationFn: () => call("Automations.CaughtUp"),
    onSuccess: () => refetch(),
  });
  if (error) return <ProblemNotice problem={error} onRetry={() => void refetch()} />;
  if (!data) return null;
  const { ask, will_run_once: will, missed, skipped } = data;
  if (ask.length + will.length + missed.length + skipped.length === 0) return null;
  const nameOf = ({ id, agent }: { id: string; agent: string }) => {
    const known = automations.find((each) => each.id === id);
    const title = known && titleOf(known, zoneHere());
    return title ? `${names.agent(agent)}: ${title}` : names.agent(agent);
  };
  const act = (id: string) => (decision: Decision) => decide.mutate({ id, decision });
  return (
    <Section
      title="Catching up"
      lead={
        data.since && data.until ? (
          <>
            Times passed while nothing could run, the last one <Time at={data.until} />.
          </>
        ) : (
          "What is due, and what needs your word."
        )
      }
      actions={
        missed.length + skipped.length > 0 && (
          <Button size="sm" busy={read.isPending} onClick={() => read.mutate()}>
            I have read it
          </Button>
        )
      }
    >
      <Card className="flex flex-col gap-6">
        {(decide.error ?? read.error) && <ProblemNotice problem={(decide.error ?? read.error)!} />}
        <Group title="Needs your word" shown={ask.length > 0}>
          {ask.map((each) => (
            <Ask key={each.id} of={each} name={nameOf(each)} act={act(each.id)} />
          ))}
        </Group>
        <Group title="Will run once" shown={will.length > 0}>
          {will.map((each) => (
            <Will key={each.id} of={each} name={nameOf(each)} act={act(each.id)} />
          ))}
        </Group>
        <Group title="Missed" shown={missed.length > 0}>
          {missed.map((each) => (
            <Row key={each.id} name={nameOf(each)}>
              {count(each.count, "time")}, one run stands for them. {each.reason}
            </Row>
          ))}
        </Group>
        <Group title="Left out" shown={skipped.length > 0}>
          {skipped.map((each) => (
            <Row key={each.id} name={nameOf(each)}>
              {count(each.count, "time")}, the last one <Time at={each.last} />. {each.reason}
            </Row>
          ))}
        </Group>
      </Card>
    </Section>
  );
}

function Group(props: { title: string; shown: boolean; children: ReactNode }) {
  if (!props.shown) return null;
  return (
    <section>
      <h3 className="mb-2 text-sm font-medium text-soft">{props.title}</h3>
      <ul className="flex flex-col divide-y divide-line">{props.children}</ul>
    </section>
  );
}

function Row({
  name,
  children,
  actions,
}: {
  name: string;
  children: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2 first:pt-0 last:pb-0">
      <div className="min-w-0 flex-1 basis-72">
        <p className="font-medium break-words">{name}</p>
        <div className="text-sm text-soft break-words">{children}</div>
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </li>
  );
}

type Act = (decision: Decision) => void;

function Will({ of, name, act }: { of: WillRun; name: string; act: Act }) {
  return (
    <Row
      name={name}
      actions={
        <>
          <Button size="sm" aria-label={`Run now: ${name}`} onClick={() => act("run")}>
            Run now
          </Button>
          {of.waits !== "person" && (
            <Button size="sm" aria-label={`Hold it: ${name}`} onClick={() => act("hold")}>
              Hold it
            </Button>
          )}
          <Button size="sm" aria-label={`Leave it out: ${name}`} onClick={() => act("skip")}>
            Leave it out
          </Button>
        </>
      }
    >
      {of.stands_for > 1 ? `One run for ${count(of.stands_for, "time")}. ` : "One run. "}
      {of.attempt > 1 && `Try number ${of.attempt}. `}
      {of.waits === "person" ? "Held back by you." : of.waits !== "" && waitWords[of.waits]}
      {of.at && of.waits === "" && (
        <>
          {" "}
          Begins <Soon at={of.at} />.
        </>
      )}
    </Row>
  );
}

function Ask({ of, name, act }: { of: AskAgain; name: string; act: Act }) {
  return (
    <Row
      name={name}
      actions={
        <>
          <Button size="sm" aria-label={`Run it again: ${name}`} onClick={() => act("run")}>
            Run it again
          </Button>
          <Button size="sm" aria-label={`Leave it: ${name}`} onClick={() => act("skip")}>
            Leave it
          </Button>
        </>
      }
    >
      <a
        href={href("activity", "run", of.run)}
        className="rounded-sm text-accent-text underline decoration-line-strong underline-offset-4 hover:decoration-current"
      >
        {runWords[of.status].text}
      </a>{" "}
      <Time at={of.due} />
      {of.sent.length > 0
        ? `, after ${count(of.sent.length, "request")} that may have changed something: `
        : ". What it changed is not known."}
      {of.sent.slice(0, 3).map((row) => (
        <code key={row.at + row.path} className="block font-mono text-xs break-all">
          {row.method} {row.host}
          {row.path}
        </code>
      ))}
    </Row>
  );
}
