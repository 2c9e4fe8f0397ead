import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, type Background } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { ofTheTerminal } from "@/lib/errors";
import { SwitchField } from "@/ui/Field";
import { Card, Loading, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";

/** What goes on without the window: beside the clock, and from log-in on. */
export function KeepRunning() {
  const client = useQueryClient();
  const { data, error, isPending, refetch } = useQuery(queries.background());
  const save = useMutation({
    mutationFn: (next: { in_tray: boolean; at_login: boolean }) =>
      call("Automations.KeepRunning", next),
    onSuccess: (now) => client.setQueryData(queries.background().queryKey, now),
  });
  return (
    <Section
      title="Without the window"
      lead="What runs by itself does so only while PIE Desktop is running."
    >
      {isPending && <Loading rows={1} />}
      {error && <ProblemNotice problem={error} onRetry={() => void refetch()} />}
      {data && (
        <Card className="flex flex-col gap-5">
          <SwitchField
            label="Keep running when the window is closed"
            hint={trayWords(data)}
            checked={data.in_tray}
            disabled={!data.tray && !data.in_tray}
            onChange={(in_tray) => save.mutate({ in_tray, at_login: data.service.ours })}
          />
          <SwitchField
            label="Start when you log in"
            hint={<AtLogin of={data} />}
            checked={data.service.ours}
            onChange={(at_login) => save.mutate({ in_tray: data.in_tray, at_login })}
          />
          {save.error && <ProblemNotice problem={save.error} />}
        </Card>
      )}
    </Section>
  );
}

function trayWords({ tray, in_tray }: Background) {
  if (!tray) {
    return "This desktop shows no icons beside the clock, so closing the window ends PIE Desktop.";
  }
  return in_tray
    ? "An icon beside the clock brings the window back."
    : "Closing the window ends PIE Desktop.";
}

function AtLogin({ of: { service } }: { of: Background }) {
  const { installed, ours, path, hint } = service;
  if (installed && !ours) {
    return (
      <>
        Another copy of PIE Desktop starts then, as{" "}
        <code className="font-mono break-all">{path}</code> says. Switched on, this one does.
      </>
    );
  }
  if (!ours) return "It starts when you open it.";
  const more = ofTheTerminal(hint) ? "" : hint;
  return `It starts without a window.${more && ` ${more}`}`;
}
