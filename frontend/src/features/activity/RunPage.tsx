import { useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { ArrowLeft, RotateCcw } from "lucide-react";
import { call, newOp, type RunDetail } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { useNames } from "@/lib/hooks";
import { go, href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { Button, ButtonLink } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { SwitchField } from "@/ui/Field";
import { Card, Fold, Loading, Page } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { triggerWords } from "@/ui/runWords";
import { Preformatted } from "@/ui/Text";
import { RunView } from "./RunView";

/** One run as a whole. */
export function RunPage({ id }: { id: string }) {
  const { data, error, isPending, refetch } = useQuery(queries.run(id));
  const [again, setAgain] = useState(false);
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
      actions={
        data && (
          <>
            {over(data) && (
              <Button icon={RotateCcw} onClick={() => setAgain(true)}>
                Run again
              </Button>
            )}
            <ButtonLink href={href("agents", data.agent)}>Open the agent</ButtonLink>
          </>
        )
      }
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
        <Card className="flex flex-col gap-5">
          <RunView run={data} />
          {given(data) && (
            <Fold title="What it was given">
              <Preformatted label="Input" text={given(data)} />
            </Fold>
          )}
        </Card>
      )}
      {again && data && <RunAgain run={data} onClose={() => setAgain(false)} />}
    </Page>
  );
}

const over = ({ status }: RunDetail) =>
  !["queued", "running", "waiting", "missed", "skipped"].includes(status);

function given({ input }: RunDetail): string {
  return input === null || JSON.stringify(input) === "{}" ? "" : JSON.stringify(input, null, 2);
}

function RunAgain({ run, onClose }: { run: RunDetail; onClose: () => void }) {
  const names = useNames();
  const showSheet = useSheets();
  const [dry, setDry] = useState(false);
  const again = useMutation({
    mutationFn: () =>
      call("Runs.Run", {
        op: newOp(),
        agent: run.agent,
        function: run.function,
        account: "",
        input: run.input ?? {},
        timeout_ms: 0,
        dry_run: dry,
        attended: true,
      }),
    onSuccess: ({ id }) => {
      onClose();
      go("activity", "run", id);
    },
  });
  return (
    <Dialog
      title={`Run ${names.agent(run.agent)} again?`}
      lead="With the code of today and what it was given then. What it changed the first time it may change once more."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button look="primary" busy={again.isPending} onClick={() => again.mutate()}>
            Run it again
          </Button>
        </>
      }
    >
      {again.error && (
        <ProblemNotice
          problem={again.error}
          onRetry={() => again.mutate()}
          onUnlock={() => showSheet({ kind: "unlock" })}
        />
      )}
      {given(run) ? (
        <Preformatted label="Input" text={given(run)} />
      ) : (
        <p className="text-soft">It was given nothing.</p>
      )}
      <SwitchField
        label="Dry run"
        hint="Reads for real; every change is held back and only shown."
        checked={dry}
        onChange={setDry}
      />
    </Dialog>
  );
}
