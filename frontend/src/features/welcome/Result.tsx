import { useQuery } from "@tanstack/react-query";
import { ArrowRight, CircleCheck, Unplug } from "lucide-react";
import { type Json, type Run } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { count } from "@/lib/format";
import { href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { Button, ButtonLink } from "@/ui/Button";
import { Card, Fold, Loading } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Screen } from "./Screen";
import { practiceAgent } from "./story";

export function Result() {
  const { data, error, isPending, refetch } = useQuery(queries.runs(practiceAgent, 1));
  const showSheet = useSheets();
  const run = data?.[0];
  const ok = run?.status === "ok";
  const notes = ok ? notesOf(run.result) : [];
  return (
    <Screen
      step={3}
      back={href("welcome", "practice")}
      title={ok ? "It worked" : isPending ? "One moment" : "It did not work this time"}
      lead={ok ? summary(run, notes.length) : undefined}
    >
      {isPending && <Loading rows={1} />}
      {error && <ProblemNotice problem={error} onRetry={() => void refetch()} />}
      {run?.error && <ProblemNotice problem={run.error} />}
      {notes.length > 0 && (
        <Card>
          <ul className="flex flex-col gap-3" aria-label="Notes">
            {notes.map((note, index) => (
              <li key={index} className="flex items-start gap-3">
                <CircleCheck size={18} aria-hidden className="mt-0.5 shrink-0 text-good" />
                <span className="min-w-0 break-words">{note}</span>
              </li>
            ))}
          </ul>
        </Card>
      )}
      {run && run.requests.length > 0 && (
        <Fold title={`See every request (${run.requests.length})`}>
          <ul className="flex flex-col gap-1 font-mono text-sm text-soft">
            {run.requests.map(({ at, method, url, status, ms }) => (
              <li key={at + url} className="break-all">
                {method} {url} → {status}, {ms} ms
              </li>
            ))}
          </ul>
        </Fold>
      )}
      <div className="flex flex-wrap gap-2">
        <ButtonLink look="primary" href={href("welcome", "choose")} icon={ArrowRight}>
          {ok ? "Now a real account" : "Go on"}
        </ButtonLink>
        {!ok && !isPending && <ButtonLink href={href("welcome", "practice")}>Try again</ButtonLink>}
        {ok && (
          <Button
            icon={Unplug}
            onClick={() =>
              showSheet({
                kind: "disconnect",
                agent: practiceAgent,
                service: "default",
                account: "",
              })
            }
          >
            Take access away
          </Button>
        )}
      </div>
    </Screen>
  );
}

function summary(run: Run, notes: number): string {
  const changes = run.requests.filter(({ method }) => method !== "GET" && method !== "HEAD").length;
  const changed = changes === 0 ? "nothing was changed" : `${count(changes, "change")} made`;
  return `${count(notes, "note")} read, ${changed}. The agent never saw your sign-in.`;
}

function notesOf(result: Json): string[] {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return [];
  return Array.isArray(result.notes) ? result.notes.map(String) : [];
}
