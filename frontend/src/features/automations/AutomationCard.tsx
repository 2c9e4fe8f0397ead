import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { CalendarClock, Ellipsis, Link2, Play } from "lucide-react";
import { call, newOp, type Automation } from "@/lib/backend";
import { useNames } from "@/lib/hooks";
import { href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { toast } from "@/lib/toast";
import { Button, IconButton } from "@/ui/Button";
import { Switch } from "@/ui/Field";
import { Menu } from "@/ui/Menu";
import { Notice } from "@/ui/Notice";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { runWords } from "@/ui/runWords";
import { Status } from "@/ui/Status";
import { Time } from "@/ui/Text";
import { Soon } from "./Soon";
import { AutomationSheet } from "./AutomationSheet";
import { WebhookSheet } from "./WebhookSheet";
import { hasTimes, occasionOf, titleOf, waitWords, zoneHere } from "./words";

type Open = "sheet" | "webhook" | undefined;

/** One occasion: what happens, when next, how it went, and the switch. */
export function AutomationCard({ automation }: { automation: Automation }) {
  const names = useNames();
  const [open, setOpen] = useState<Open>();
  const { run, off } = useActions(automation);
  const title = titleOf(automation, zoneHere());
  const agent = names.agent(automation.agent);
  const occasion = occasionOf(automation, zoneHere());
  const close = () => setOpen(undefined);
  return (
    <li className="rounded-lg border border-line bg-surface p-5">
      <div className="flex items-start gap-4">
        <div className="min-w-0 flex-1">
          <h3 className="font-semibold break-words">{title}</h3>
          <p className="text-soft break-words">
            <a
              href={href("agents", automation.agent)}
              className="rounded-sm text-accent-text underline decoration-line-strong underline-offset-4 hover:decoration-current"
            >
              {agent}
            </a>
            {occasion !== title && ` · ${occasion}`}
            {automation.by === "agent" && " · planned by the agent"}
          </p>
        </div>
        <Menu
          trigger={<IconButton icon={Ellipsis} label={`More about ${title} of ${agent}`} />}
          items={[
            { label: "Run now", icon: Play, onSelect: () => run.mutate() },
            ...(automation.enabled
              ? [
                  {
                    label: hasTimes(automation) ? "Change when it runs" : "Change how it runs",
                    icon: CalendarClock,
                    onSelect: () => setOpen("sheet"),
                  },
                ]
              : []),
            ...(automation.type === "webhook" && automation.enabled
              ? [{ label: "Its address", icon: Link2, onSelect: () => setOpen("webhook") }]
              : []),
          ]}
        />
        <Switch
          name={`${title} of ${agent}`}
          checked={automation.enabled}
          disabled={off.isPending}
          onChange={(on) => (on ? setOpen("sheet") : off.mutate())}
        />
      </div>
      <div className="mt-2 flex flex-col gap-3">
        <Facts automation={automation} running={run.isPending} />
        <Waiting automation={automation} />
        {(run.error ?? off.error) && (
          <ProblemNotice
            problem={run.error ?? off.error!}
            onRetry={() => (run.error ? run.mutate() : off.mutate())}
          />
        )}
      </div>
      {open === "sheet" && <AutomationSheet automation={automation} onClose={close} />}
      {open === "webhook" && <WebhookSheet automation={automation} onClose={close} />}
    </li>
  );
}

function useActions({ id, agent }: Automation) {
  const names = useNames();
  const off = useMutation({
    mutationFn: () => call("Automations.Disable", { id }),
    onSuccess: () => toast("Off. It no longer runs by itself."),
  });
  const run = useMutation({
    mutationFn: () => call("Automations.Run", { op: newOp(), id, payload: null }),
    onSuccess: ({ status }) => toast(`${names.agent(agent)}: ${runWords[status].text}.`),
  });
  return { off, run };
}

function Facts({ automation, running }: { automation: Automation; running: boolean }) {
  const { last_run: last, next, enabled, queued } = automation;
  // One that is due and cannot begin waits for what the notice below says, not for the person.
  const due = last?.status === "waiting";
  const status = running
    ? runWords.running
    : due
      ? ({ tone: "busy", text: "Due" } as const)
      : last && runWords[last.status];
  return (
    <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm text-soft">
      {status && (
        <Status tone={status.tone}>
          {last?.run && !running ? (
            <a
              href={href("activity", "run", last.run)}
              className="rounded-sm underline decoration-line-strong underline-offset-4 hover:decoration-current"
            >
              {status.text}
            </a>
          ) : (
            status.text
          )}
        </Status>
      )}
      {last ? (
        <span>
          {due ? "Since" : "Last time"} <Time at={last.due} />
        </span>
      ) : (
        <span>Has not run yet</span>
      )}
      {enabled && next && (
        <span>
          Next time <Time at={next} />
        </span>
      )}
      {queued > 0 && <span>{queued} more waiting behind it</span>}
    </p>
  );
}

/** A run that is due and cannot begin says for what it waits. */
function Waiting({ automation }: { automation: Automation }) {
  const showSheet = useSheets();
  const { waits, until, enabled, allowed } = automation;
  if (enabled && !allowed) {
    return (
      <Notice>
        The agent planned it. It waits until you switch on what the agent plans for itself.
      </Notice>
    );
  }
  if (waits === "" && !until) return null;
  return (
    <Notice
      tone={waits === "vault" || waits === "person" ? "warning" : "calm"}
      actions={
        waits === "vault" && (
          <Button size="sm" onClick={() => showSheet({ kind: "unlock" })}>
            Unlock
          </Button>
        )
      }
    >
      {waits !== ""
        ? waitWords[waits]
        : until && (
            <>
              It begins <Soon at={until} />.
            </>
          )}
    </Notice>
  );
}
