import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, type Keep } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { count } from "@/lib/format";
import { useNames } from "@/lib/hooks";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { SelectField, Switch } from "@/ui/Field";
import { Card, Loading, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";

const days: [number, string][] = [
  [0, "Without an end"],
  [7, "A week"],
  [30, "30 days"],
  [90, "90 days"],
  [365, "A year"],
];
const sizes: [number, string][] = [
  [0, "Without a limit"],
  [50, "50 MB"],
  [200, "200 MB"],
  [1000, "1000 MB"],
];

/** How long runs are kept and how much room they take. */
export function KeepHistory() {
  const { data, error, isPending, refetch } = useQuery(queries.kept());
  return (
    <Section
      title="How much is kept"
      lead="Runs and requests are kept on this computer, sealed. The oldest go first."
    >
      {isPending && <Loading rows={1} />}
      {error && <ProblemNotice problem={error} onRetry={() => void refetch()} />}
      {data && (
        <Card>
          <KeepForm key={`${data.days} ${data.megabytes}`} kept={data} />
        </Card>
      )}
    </Section>
  );
}

// A value that was set in another place is offered beside the usual ones.
const withOwn = (list: [number, string][], own: number, unit: string) =>
  list.some(([value]) => value === own) ? list : [...list, [own, `${own} ${unit}`] as const];

const less = (next: number, now: number) => next !== 0 && (now === 0 || next < now);

function KeepForm({ kept }: { kept: Keep }) {
  const [wish, setWish] = useState<Keep>({ days: kept.days, megabytes: kept.megabytes });
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => call("Runs.Keep", wish),
    onSuccess: ({ runs }) => {
      setAsking(false);
      toast(runs > 0 ? `Saved. ${count(runs, "run")} deleted.` : "Saved.");
      return client.invalidateQueries();
    },
  });
  const removes = less(wish.days, kept.days) || less(wish.megabytes, kept.megabytes);
  return (
    <form
      className="flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (removes) setAsking(true);
        else save.mutate();
      }}
    >
      <div className="min-w-40 flex-1">
        <SelectField
          label="How long"
          value={wish.days}
          onChange={(event) => setWish({ ...wish, days: Number(event.target.value) })}
        >
          {withOwn(days, kept.days, "days").map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </SelectField>
      </div>
      <div className="min-w-40 flex-1">
        <SelectField
          label="How much"
          value={wish.megabytes}
          onChange={(event) => setWish({ ...wish, megabytes: Number(event.target.value) })}
        >
          {withOwn(sizes, kept.megabytes, "MB").map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </SelectField>
      </div>
      <Button
        type="submit"
        busy={save.isPending && !asking}
        disabled={wish.days === kept.days && wish.megabytes === kept.megabytes}
      >
        {removes ? "Save…" : "Save"}
      </Button>
      {save.error && !asking && (
        <div className="basis-full">
          <ProblemNotice problem={save.error} />
        </div>
      )}
      {asking && (
        <Dialog
          title="Keep less from now on?"
          lead="What is over the limit is deleted now, and every day from then on."
          onClose={() => setAsking(false)}
          footer={
            <>
              <Button onClick={() => setAsking(false)}>Keep it all</Button>
              <Button look="danger" busy={save.isPending} onClick={() => save.mutate()}>
                Delete what is over
              </Button>
            </>
          }
        >
          {save.error && <ProblemNotice problem={save.error} />}
          <ul className="list-disc pl-5 text-soft marker:text-faint">
            {wish.days > 0 && (
              <li>Runs and requests older than {count(wish.days, "day")} are deleted.</li>
            )}
            {wish.megabytes > 0 && <li>The oldest runs beyond {wish.megabytes} MB are deleted.</li>}
            <li>What agents sent to a service stays there.</li>
          </ul>
        </Dialog>
      )}
    </form>
  );
}

/** Whose inputs, results and logs are kept beside the fact that something ran. */
export function KeepResults() {
  const names = useNames();
  const client = useQueryClient();
  const agents = useQuery(queries.agents());
  const kept = useQuery(queries.kept());
  const save = useMutation({
    mutationFn: (of: { agent: string; kept: boolean }) => call("Runs.Results", of),
    onSuccess: (now) => client.setQueryData(queries.kept().queryKey, now),
  });
  if (!agents.data || agents.data.length === 0 || !kept.data) return null;
  return (
    <Section
      title="What is kept of a run"
      lead="That it ran and how it ended is always kept. What it was given, what came out and its log need not be. Runs from before stay as they are."
    >
      <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
        {agents.data.map(({ name }) => {
          const on = !kept.data.no_results.includes(name);
          return (
            <li key={name} className="flex items-center justify-between gap-4 px-5 py-3">
              <span className="min-w-0">
                <span className="block break-words">{names.agent(name)}</span>
                <span className="block text-sm text-soft">
                  {on ? "With what came out" : "Only that it ran"}
                </span>
              </span>
              <Switch
                name={`Keep what came out of ${names.agent(name)}`}
                checked={on}
                onChange={(next) => save.mutate({ agent: name, kept: next })}
              />
            </li>
          );
        })}
      </ul>
      {save.error && <ProblemNotice problem={save.error} />}
    </Section>
  );
}
