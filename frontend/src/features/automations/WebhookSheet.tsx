import { useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { call, newOp, type Automation, type Json } from "@/lib/backend";
import { useNames } from "@/lib/hooks";
import { href } from "@/lib/route";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextAreaField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Loading } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { runWords } from "@/ui/runWords";
import { Status } from "@/ui/Status";
import { CopyField } from "@/ui/Text";

/** The secret address of an automation that another program starts. */
export function WebhookSheet(props: { automation: Automation; onClose: () => void }) {
  const { automation, onClose } = props;
  const names = useNames();
  const id = automation.id;
  const known = useQuery({
    queryKey: ["webhook", id],
    queryFn: () => call("Automations.Webhook", { id, renew: false }),
    gcTime: 0,
  });
  const renew = useMutation({
    mutationFn: () => call("Automations.Webhook", { id, renew: true }),
  });
  const webhook = renew.data ?? known.data;
  return (
    <Dialog
      title="Its secret address"
      lead={`A program on this computer that knows the address can start ${names.agent(automation.agent)}.`}
      onClose={onClose}
      footer={
        <>
          <Button busy={renew.isPending} onClick={() => renew.mutate()}>
            Make a new address
          </Button>
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      {known.isPending && <Loading rows={1} />}
      {(renew.error ?? known.error) && <ProblemNotice problem={(renew.error ?? known.error)!} />}
      {webhook && (
        <>
          <CopyField text={webhook.url} />
          {webhook.problem ? (
            <Notice tone="warning" title="Nobody listens there at the moment">
              {webhook.problem}
            </Notice>
          ) : (
            <p className="text-soft">
              Keep it like a password. With a new address the old one stops working.
            </p>
          )}
          <TryOut id={id} />
        </>
      )}
    </Dialog>
  );
}

const example = '{"event": "test"}';

/** Runs it once as if something had come to the address. */
function TryOut({ id }: { id: string }) {
  const [text, setText] = useState(example);
  const [error, setError] = useState<string>();
  const run = useMutation({
    mutationFn: (payload: Json) => call("Automations.Run", { op: newOp(), id, payload }),
  });
  const send = () => {
    const payload = parsed(text);
    setError(payload === undefined ? "This is no JSON." : undefined);
    if (payload !== undefined) run.mutate(payload);
  };
  return (
    <form
      noValidate
      className="flex flex-col gap-3 border-t border-line pt-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (!run.isPending) send();
      }}
    >
      <TextAreaField
        label="Try it"
        hint="The agent gets this as if a program had sent it to the address. It runs for real."
        className="font-mono text-sm"
        value={text}
        error={error}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2" aria-live="polite">
        <Button type="submit" busy={run.isPending}>
          Send test payload
        </Button>
        {run.data && !run.isPending && (
          <>
            <Status tone={runWords[run.data.status].tone}>{runWords[run.data.status].text}</Status>
            <a
              href={href("activity", "run", run.data.id)}
              className="rounded-sm text-sm text-accent-text underline decoration-line-strong underline-offset-4 hover:decoration-current"
            >
              See the run
            </a>
          </>
        )}
      </div>
      {run.error && <ProblemNotice problem={run.error} onRetry={send} />}
    </form>
  );
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
