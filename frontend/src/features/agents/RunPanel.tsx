import { useRef, useState, type ComponentType } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Play, Square } from "lucide-react";
import { call, newOp, type AgentDetail, type Json, type Run } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { count } from "@/lib/format";
import { href } from "@/lib/route";
import { fieldsOf, fill } from "@/lib/schema";
import { useSheets } from "@/lib/sheets";
import { Button, ButtonLink } from "@/ui/Button";
import { SwitchField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Card, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { SchemaForm } from "./SchemaForm";

interface RunPanelProps {
  detail: AgentDetail;
  RunView: ComponentType<{ run: Run }>;
}

/** The form of the agent's tool, the button, and what came of it. */
export function RunPanel({ detail, RunView }: RunPanelProps) {
  const { agent, tool } = detail;
  const fields = fieldsOf(tool?.parameters ?? null);
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [dry, setDry] = useState(false);
  const { run, stop } = useRun(agent.name);
  const showSheet = useSheets();
  const missing = agent.secrets.find(({ required, set }) => required && !set);
  if (!agent.functions.includes("handler")) return null;

  const submit = () => {
    const filled = fill(fields, typed);
    setErrors(filled.errors);
    if (Object.keys(filled.errors).length === 0) run.mutate({ input: filled.input, dry });
  };

  return (
    <Section title="Run" lead={tool?.description}>
      <Card>
        <form
          noValidate
          className="flex flex-col gap-5"
          onSubmit={(event) => {
            event.preventDefault();
            if (!run.isPending) submit();
          }}
        >
          <SchemaForm
            fields={fields}
            typed={typed}
            errors={errors}
            onType={(name, value) => setTyped((before) => ({ ...before, [name]: value }))}
          />
          {agent.services.length > 0 && (
            <SwitchField
              label="Dry run"
              hint="Reads for real; every change is held back and only shown."
              checked={dry}
              onChange={setDry}
            />
          )}
          <div className="flex flex-wrap items-center gap-3">
            <Button
              type="submit"
              look="primary"
              icon={Play}
              busy={run.isPending}
              disabled={missing !== undefined}
            >
              Run
            </Button>
            {run.isPending && (
              <Button icon={Square} onClick={stop}>
                Stop
              </Button>
            )}
            {missing && (
              <p className="text-sm text-soft">
                First give it a value for {missing.description || missing.name}.
              </p>
            )}
          </div>
        </form>
      </Card>
      {run.error && run.error.code !== "canceled" && (
        <ProblemNotice
          problem={run.error}
          onRetry={submit}
          onUnlock={() => showSheet({ kind: "unlock" })}
          onReconnect={() =>
            showSheet({
              kind: "connect",
              agent: agent.name,
              service: agent.services[0]?.key ?? "default",
              account: "",
            })
          }
        />
      )}
      {run.data && !run.isPending && <HeldBack run={run.data.id} />}
      {run.data && !run.isPending && (
        <Card>
          <RunView run={run.data} />
        </Card>
      )}
    </Section>
  );
}

/** What the run wanted to change and was not let. */
function HeldBack({ run }: { run: string }) {
  const { data } = useQuery(queries.outbox());
  const held = data?.filter((each) => each.run === run).length ?? 0;
  if (held === 0) return null;
  return (
    <Notice
      live
      title={`${count(held, "change")} held back`}
      actions={
        <ButtonLink size="sm" href={href("outbox")}>
          See what would be sent
        </ButtonLink>
      }
    >
      Nothing was changed. In the outbox you see it exactly, and send it or drop it.
    </Notice>
  );
}

function useRun(agent: string) {
  const op = useRef("");
  const run = useMutation({
    mutationFn: ({ input, dry }: { input: Json; dry: boolean }) => {
      op.current = newOp();
      return call("Runs.Run", {
        op: op.current,
        agent,
        function: "handler",
        account: "",
        input,
        timeout_ms: 0,
        dry_run: dry,
        attended: true,
      });
    },
  });
  const stop = () => void call("Operations.Cancel", { op: op.current }).catch(() => null);
  return { run, stop };
}
