import { useMutation, useQuery } from "@tanstack/react-query";
import { call, newOp, type Delivered, type WholeWrite, type Write } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { bytes } from "@/lib/format";
import { useNames } from "@/lib/hooks";
import { useSheets } from "@/lib/sheets";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { Facts, Fold, Loading } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Preformatted, Time } from "@/ui/Text";
import { readable, usePlace, writeReasons, writeVerb } from "./words";

interface SheetProps {
  write: Write;
  onClose: () => void;
}

/** The exact request, and what becomes of it. */
export function WriteSheet({ write, onClose }: SheetProps) {
  const names = useNames();
  const placeOf = usePlace();
  const showSheet = useSheets();
  const whole = useQuery(queries.write(write.id));
  const asking = write.state === "asking";
  const unsure = write.state === "unsure";
  const send = useMutation({
    mutationFn: () => call("Outbox.Send", { op: newOp(), id: write.id, again: unsure }),
    onSuccess: () => {
      if (asking) onClose();
    },
  });
  const drop = useMutation({
    mutationFn: () =>
      asking
        ? call("Outbox.Answer", { id: write.id, send: false })
        : call("Outbox.Drop", { id: write.id }),
    onSuccess: () => {
      toast(asking ? "Not sent." : "Dropped. It was not sent.");
      onClose();
    },
  });
  const agent = names.agent(write.agent);
  if (send.data && !asking) return <Sent delivered={send.data} onClose={onClose} />;
  return (
    <Dialog
      wide
      title={`${writeVerb(write.method)} ${placeOf(write)}?`}
      lead={asking ? `${agent} is running and waits for your answer.` : writeReasons[write.reason]}
      onClose={onClose}
      footer={
        <>
          <Button className="mr-auto" busy={drop.isPending} onClick={() => drop.mutate()}>
            {asking ? "Do not send it" : "Drop it"}
          </Button>
          <Button onClick={onClose}>{asking ? "Decide later" : "Keep it waiting"}</Button>
          <Button
            look="primary"
            busy={send.isPending}
            disabled={!whole.data || write.state === "sending"}
            onClick={() => send.mutate()}
          >
            {unsure ? "Send it again" : "Send it"}
          </Button>
        </>
      }
    >
      {(send.error ?? drop.error) && (
        <ProblemNotice
          problem={(send.error ?? drop.error)!}
          onUnlock={() => showSheet({ kind: "unlock" })}
          onReconnect={() =>
            showSheet({
              kind: "connect",
              agent: write.agent,
              service: write.service ?? "default",
              account: write.account,
            })
          }
        />
      )}
      {unsure && (
        <Notice tone="warning" title="It may have arrived already">
          It was sent before and the answer got lost. Look at the service first; sent again, it may
          happen twice.
        </Notice>
      )}
      {whole.isPending && <Loading rows={2} />}
      {whole.error && (
        <ProblemNotice
          problem={whole.error}
          onRetry={() => void whole.refetch()}
          onUnlock={() => showSheet({ kind: "unlock" })}
        />
      )}
      {whole.data && <Whole write={whole.data} agent={agent} />}
    </Dialog>
  );
}

function Whole({ write, agent }: { write: WholeWrite; agent: string }) {
  const headers = Object.entries(write.headers);
  return (
    <>
      <Facts
        items={[
          ["Agent", agent],
          ...(write.account ? [["Account", write.account] as [string, string]] : []),
          [
            "Request",
            <code key="request" className="font-mono text-sm break-all">
              {write.method} {write.url}
            </code>,
          ],
          ["Since", <Time key="since" at={write.created_at} />],
        ]}
      />
      <section className="flex flex-col gap-2">
        <h3 className="text-sm font-medium text-soft">What is sent</h3>
        {write.bytes === 0 ? (
          <p>Nothing but the request itself.</p>
        ) : write.body_encoding === "base64" ? (
          <p>{bytes(write.bytes)} that are no text.</p>
        ) : (
          <Preformatted label="What is sent" text={readable(write.body)} />
        )}
      </section>
      <Fold title={`Details of the request (${headers.length})`}>
        {headers.length > 0 && (
          <Preformatted
            label="Details of the request"
            text={headers.map(([name, value]) => `${name}: ${value}`).join("\n")}
          />
        )}
        <p className="mt-2 text-sm text-soft">
          {write.service === null
            ? "It goes without any of your accounts."
            : "Your access is added when it is sent, and never shown."}
        </p>
      </Fold>
    </>
  );
}

function Sent({ delivered, onClose }: { delivered: Delivered; onClose: () => void }) {
  const { ok, status, body } = delivered;
  const unsure = !ok && delivered.write.state === "unsure";
  return (
    <Dialog
      title={ok ? "Sent" : unsure ? "It may have arrived" : "The service refused it"}
      onClose={onClose}
      footer={
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <Notice
        tone={ok ? "good" : "warning"}
        live
        title={
          ok ? "It arrived." : unsure ? "Nobody can say whether it arrived." : "It was not taken."
        }
      >
        The service answered {status}.{" "}
        {unsure
          ? "Look there whether the change was made. It waits in the outbox until you send it again or drop it."
          : !ok && "It waits in the outbox: you can send it again or drop it."}
      </Notice>
      {body && <Preformatted label="Answer" text={readable(body)} />}
    </Dialog>
  );
}
