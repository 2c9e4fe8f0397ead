import { useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { call, type Client } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { useNames } from "@/lib/hooks";
import { useSheets } from "@/lib/sheets";
import { toast } from "@/lib/toast";
import { Button, TextButton } from "@/ui/Button";
import { Mark } from "@/ui/Mark";
import { Empty, Loading, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Status, type StatusTone } from "@/ui/Status";
import { Time } from "@/ui/Text";
import { EndAppSheet } from "./EndAppSheet";

/** Apps the person registered once, and which agents may sign in with them. */
export function YourApps() {
  const { data, error, isPending, refetch } = useQuery(queries.clients());
  const showSheet = useSheets();
  const add = (
    <Button
      size="sm"
      icon={Plus}
      onClick={() => showSheet({ kind: "client", provider: "", agent: "" })}
    >
      Add an app
    </Button>
  );
  return (
    <Section
      title="Your apps"
      lead="Some services want to know a program before anybody signs in with it. Register it once, and let your agents use it."
      actions={data && data.length > 0 && add}
    >
      {isPending && <Loading rows={1} />}
      {error && <ProblemNotice problem={error} onRetry={() => void refetch()} />}
      {data?.length === 0 && (
        <Empty icon={KeyRound} title="No apps yet" actions={add}>
          An agent brings its own, or asks for one when you connect it.
        </Empty>
      )}
      {data && data.length > 0 && (
        <ul className="flex flex-col gap-3">
          {data.map((each) => (
            <AppCard key={each.provider} app={each} />
          ))}
        </ul>
      )}
    </Section>
  );
}

export function verdictOf({ check, name }: Client): { tone: StatusTone; text: string } {
  switch (check?.verdict) {
    case "accepted":
      return { tone: "good", text: `${name} knows it` };
    case "refused":
      return { tone: "bad", text: `${name} refuses it` };
    default:
      return { tone: "idle", text: check ? "Could not be checked" : "Not checked yet" };
  }
}

function AppCard({ app }: { app: Client }) {
  const names = useNames();
  const { provider, name, check, agents, offers } = app;
  const [ending, setEnding] = useState<string>();
  const ask = useMutation({ mutationFn: () => call("Clients.Check", { provider }) });
  const grant = useMutation({
    mutationFn: (agent: string) => call("Clients.Grant", { provider, agent }),
    onSuccess: (_, agent) => toast(`${names.agent(agent)} may use it.`),
  });
  const verdict = verdictOf(app);
  const problem = ask.error ?? grant.error;
  return (
    <li className="rounded-lg border border-line bg-surface p-5">
      <div className="flex items-start gap-4">
        <Mark id={provider} name={name} />
        <div className="min-w-0 flex-1">
          <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
            <h3 className="min-w-0 font-semibold break-words">{name}</h3>
            <Status tone={verdict.tone}>{verdict.text}</Status>
          </div>
          <p className="text-sm text-soft">
            {check?.detail ? `${check.detail} ` : ""}
            Added <Time at={app.added_at} />
            {check && (
              <>
                , checked <Time at={check.at} />
              </>
            )}
            .
          </p>
        </div>
      </div>
      <ul className="mt-3 divide-y divide-line border-t border-line">
        {agents.map(({ agent, connected }) => (
          <li key={agent} className="flex items-center justify-between gap-4 py-2">
            <span className="min-w-0 break-words">
              {names.agent(agent)}{" "}
              <span className="text-sm text-soft">
                {connected > 0 ? "is connected with it" : "may use it"}
              </span>
            </span>
            <TextButton
              className="text-sm"
              aria-label={`Take back from ${names.agent(agent)}`}
              onClick={() => setEnding(agent)}
            >
              Take back
            </TextButton>
          </li>
        ))}
        {offers.map((agent) => (
          <li key={agent} className="flex items-center justify-between gap-4 py-2">
            <span className="min-w-0 break-words text-soft">{names.agent(agent)} could use it</span>
            <TextButton
              className="text-sm"
              aria-label={`Let ${names.agent(agent)} use it`}
              onClick={() => grant.mutate(agent)}
            >
              Let it
            </TextButton>
          </li>
        ))}
        {agents.length + offers.length === 0 && (
          <li className="py-2 text-soft">None of your agents uses {name} yet.</li>
        )}
      </ul>
      {problem && <ProblemNotice problem={problem} onRetry={() => ask.mutate()} />}
      <div className="mt-3 flex flex-wrap gap-2">
        <Button size="sm" busy={ask.isPending} onClick={() => ask.mutate()}>
          Check now
        </Button>
        <Button size="sm" onClick={() => setEnding("")}>
          Remove
        </Button>
      </div>
      {ending !== undefined && (
        <EndAppSheet app={app} agent={ending} onClose={() => setEnding(undefined)} />
      )}
    </li>
  );
}
