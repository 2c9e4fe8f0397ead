import { useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { call, type Panicked } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { needWords } from "@/lib/errors";
import { count, listed } from "@/lib/format";
import { useNames } from "@/lib/hooks";
import { useSheets } from "@/lib/sheets";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { Card, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Status } from "@/ui/Status";
import { CopyField } from "@/ui/Text";

/** The one button for a bad day: everything is taken away, and a receipt is kept. */
export function Panic() {
  const [open, setOpen] = useState(false);
  return (
    <Section title="All access at once">
      <Card className="flex flex-wrap items-center justify-between gap-4">
        <p className="min-w-0 flex-1 basis-72 text-soft">
          A computer was lost, or an agent does what it should not: every connection ends here and
          at its service.
        </p>
        <Button look="danger" onClick={() => setOpen(true)}>
          Take all access away
        </Button>
      </Card>
      {open && <PanicSheet onClose={() => setOpen(false)} />}
    </Section>
  );
}

function PanicSheet({ onClose }: { onClose: () => void }) {
  const names = useNames();
  const showSheet = useSheets();
  const connections = useQuery(queries.connections());
  const automations = useQuery(queries.automations());
  const panic = useMutation({ mutationFn: () => call("Connections.Panic") });
  const ends = connections.data?.filter(({ status }) => status !== "not_connected") ?? [];
  const agents = [...new Set(ends.map(({ agent }) => agent))];
  const stops =
    automations.data?.filter(({ enabled, agent }) => enabled && agents.includes(agent)) ?? [];
  if (panic.data) return <PanicReceipt done={panic.data} onClose={onClose} />;
  return (
    <Dialog
      title="Take all access away?"
      lead="Each service is told, and the keys here are destroyed."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" busy={panic.isPending} onClick={() => panic.mutate()}>
            Take all away
          </Button>
        </>
      }
    >
      {panic.error && (
        <ProblemNotice problem={panic.error} onUnlock={() => showSheet({ kind: "unlock" })} />
      )}
      <section>
        <h3 className="mb-2 font-medium">What stops</h3>
        <ul className="list-disc pl-5 text-soft marker:text-faint">
          <li>{count(ends.length, "connection")}; each has to be signed in again.</li>
          {agents.length > 0 && <li>{listed(agents.map(names.agent))} can use them no more.</li>}
          {stops.length > 0 && (
            <li>{count(stops.length, "automation")} would fail until you connect again.</li>
          )}
        </ul>
      </section>
      <p className="text-soft">Agents, their settings and what they did stay.</p>
    </Dialog>
  );
}

function PanicReceipt({ done, onClose }: { done: Panicked; onClose: () => void }) {
  const names = useNames();
  return (
    <Dialog
      wide
      title="All access is taken away"
      onClose={onClose}
      footer={
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <Notice
        tone={done.open > 0 ? "warning" : "good"}
        live
        title={`${count(done.rows.length, "connection")} ended here; ${done.revoked} confirmed by the service.`}
      >
        {done.open > 0 &&
          `${count(done.open, "service")} did not confirm. What is left to do stands beside each.`}
      </Notice>
      {done.rows.length > 0 && (
        <ul className="divide-y divide-line">
          {done.rows.map(({ connection, revoked, detail }) => (
            <li key={connection.id} className="py-2">
              <div className="flex flex-wrap items-center justify-between gap-x-4">
                <p className="min-w-0 font-medium break-words">
                  {[
                    names.provider(connection.provider),
                    connection.account?.label || connection.label,
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </p>
                <Status tone={revoked === true ? "good" : "warn"}>
                  {revoked === true ? "Confirmed" : "Only ended here"}
                </Status>
              </div>
              <p className="text-sm text-soft break-words">{detail}</p>
            </li>
          ))}
        </ul>
      )}
      {done.kept.length > 0 && (
        <section>
          <h3 className="mb-1 text-sm font-medium text-soft">Not touched</h3>
          <ul className="list-disc pl-5 marker:text-faint">
            {done.kept.map((each) => (
              <li key={each} className="break-words">
                {needWords(each)}
              </li>
            ))}
          </ul>
        </section>
      )}
      <section className="flex flex-col gap-1.5">
        <h3 className="text-sm font-medium text-soft">The receipt is kept at</h3>
        <CopyField text={done.receipt} />
      </section>
    </Dialog>
  );
}
