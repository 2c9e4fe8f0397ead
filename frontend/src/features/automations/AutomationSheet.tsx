import { useState, type ReactNode } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { CalendarClock, UserCheck, type LucideIcon } from "lucide-react";
import {
  call,
  type Automation,
  type AutomationSheet as Preview,
  type EnableRequest,
} from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { useNames } from "@/lib/hooks";
import { hintOf } from "@/lib/errors";
import { pickOf, scheduleOf, type Pick } from "@/lib/schedule";
import { useSheets } from "@/lib/sheets";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { Fold, Loading } from "@/ui/Page";
import { Permissions } from "@/ui/Permissions";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { MoreOptions } from "./MoreOptions";
import { NextTimes, useNextTimes } from "./NextTimes";
import { SchedulePicker } from "./SchedulePicker";
import { accountWords, hasTimes, occasionOf, titleOf, writeWords, zoneHere } from "./words";

interface SheetProps {
  automation: Automation;
  onClose: () => void;
}

/** What would run, as whom and what it may change: before it is switched on, and to change it. */
export function AutomationSheet({ automation, onClose }: SheetProps) {
  const names = useNames();
  const showSheet = useSheets();
  const preview = useQuery({
    queryKey: ["automation-sheet", automation.id],
    queryFn: () => call("Automations.Preview", { id: automation.id }),
  });
  const [wish, setWish] = useState<EnableRequest>(() => wishOf(automation));
  const [pick, setPick] = useState<Pick>(() => pickOf(automation.schedule));
  const picked = hasTimes(automation) ? scheduleOf(pick) : { schedule: "" };
  const next = useNextTimes(automation, { schedule: picked.schedule, zone: wish.zone });
  const wrong = picked.error ?? (next.error && `${next.error.message} ${hintOf(next.error)}`);
  const enable = useMutation({
    mutationFn: () => call("Automations.Enable", { ...wish, schedule: picked.schedule }),
    onSuccess: () => {
      toast(automation.enabled ? "Saved." : "On. It runs by itself from now on.");
      onClose();
    },
  });
  const change = (part: Partial<EnableRequest>) => setWish((before) => ({ ...before, ...part }));
  return (
    <Dialog
      title={
        automation.enabled
          ? `How ${names.agent(automation.agent)} runs by itself`
          : `Let ${names.agent(automation.agent)} run by itself?`
      }
      lead={titleOf(automation, zoneHere())}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{automation.enabled ? "Leave it as it is" : "Not now"}</Button>
          <Button
            look="primary"
            busy={enable.isPending}
            disabled={!preview.data || Boolean(wrong)}
            onClick={() => enable.mutate()}
          >
            {automation.enabled ? "Save" : "Switch it on"}
          </Button>
        </>
      }
    >
      {preview.isPending && <Loading rows={2} />}
      {preview.error && (
        <ProblemNotice problem={preview.error} onRetry={() => void preview.refetch()} />
      )}
      {enable.error && (
        <ProblemNotice
          problem={enable.error}
          onUnlock={() => showSheet({ kind: "unlock" })}
          onRetry={() => enable.mutate()}
        />
      )}
      {preview.data && (
        <>
          <What preview={preview.data} />
          {hasTimes(automation) && (
            <SchedulePicker
              pick={pick}
              onPick={setPick}
              error={wrong ?? undefined}
              usual={automation.default}
              zone={wish.zone}
              onZone={(zone) => change({ zone })}
            >
              <NextTimes times={wrong ? undefined : next.times} zone={wish.zone} />
            </SchedulePicker>
          )}
          <MoreOptions
            automation={automation}
            accounts={preview.data.accounts}
            wish={wish}
            onChange={change}
          />
        </>
      )}
    </Dialog>
  );
}

const wishOf = (of: Automation): EnableRequest => ({
  id: of.id,
  schedule: of.schedule,
  zone: of.zone,
  missed: of.missed_policy,
  overlap: of.overlap,
  retry: of.retry,
  account: of.account,
  network: of.network,
  battery: of.battery,
  jitter_s: of.jitter_s,
});

function What({ preview }: { preview: Preview }) {
  const names = useNames();
  const { automation, accounts, permissions, may_write, consent } = preview;
  const connections = useQuery(queries.connections(automation.agent));
  const providerOf = (service: string) =>
    names.provider(connections.data?.find((each) => each.service === service)?.provider ?? service);
  const write = writeWords[may_write];
  return (
    <>
      <ul className="flex flex-col gap-2">
        <Line icon={CalendarClock}>{occasionOf(automation, zoneHere())}</Line>
        {planned(preview).map((each) => (
          <Line key={each} icon={CalendarClock}>
            {each}
          </Line>
        ))}
        {accounts.map((each) => (
          <Line key={each.service + each.label} icon={UserCheck}>
            {accountWords(each, providerOf(each.service))}
          </Line>
        ))}
        {accounts.length === 0 && <Line icon={UserCheck}>It uses none of your accounts</Line>}
      </ul>
      <Notice tone={write.tone === "good" ? "good" : "warning"} title={write.title}>
        {write.text}
      </Notice>
      {consent && (
        <Notice
          tone="warning"
          title={
            automation.type === "tasks"
              ? "The agent itself decides when it runs"
              : "Somebody else decides when it runs"
          }
        >
          {automation.type === "tasks"
            ? "What it plans runs from then on, now and later. Each task stands in the list, where you can switch it off."
            : "What comes with it is handed to the agent. Switch it on only if you trust where it comes from."}
        </Notice>
      )}
      <Fold title="Everything it may do">
        <Permissions permissions={permissions} />
      </Fold>
    </>
  );
}

/** What the agent has planned already, in the services' words. */
const planned = ({ automation, says }: Preview) =>
  automation.type === "tasks" ? says.filter((each) => /^Planned|are planned\.$/.test(each)) : [];

function Line({ icon: Icon, children }: { icon: LucideIcon; children: ReactNode }) {
  return (
    <li className="flex items-start gap-3">
      <Icon size={16} aria-hidden className="mt-1 shrink-0 text-faint" />
      <span className="min-w-0 flex-1 break-words">{children}</span>
    </li>
  );
}
