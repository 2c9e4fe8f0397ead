import { useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import {
  call,
  type InspectRequest,
  type InstallSheet as Sheet,
  type Permission,
} from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { needWords } from "@/lib/errors";
import { listed } from "@/lib/format";
import { useNames } from "@/lib/hooks";
import { go } from "@/lib/route";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { SwitchField } from "@/ui/Field";
import { Mark } from "@/ui/Mark";
import { Notice } from "@/ui/Notice";
import { Loading } from "@/ui/Page";
import { Permissions } from "@/ui/Permissions";
import { ProblemNotice } from "@/ui/ProblemNotice";

interface InstallProps {
  of: InspectRequest;
  /** It runs in place, from its folder. */
  link?: boolean;
  onClose: () => void;
}

/** What the agent may do, in words, before it is there. */
export function InstallSheet({ of, link = false, onClose }: InstallProps) {
  const sheet = useQuery({
    queryKey: ["install-sheet", of.source, of.content?.length ?? 0],
    queryFn: () => call("Agents.Inspect", of),
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  // What the person takes out; all else that the sheet names is allowed.
  const [refused, setRefused] = useState<string[]>([]);
  const [granted, setGranted] = useState<string[]>([]);
  const install = useMutation({
    mutationFn: ({ hash, hosts, api_hosts, calls, clients }: Sheet) =>
      call("Agents.Install", {
        ...of,
        hash,
        hosts,
        api_hosts,
        calls: calls.filter((name) => !refused.includes(name)),
        clients: clients.filter((provider) => granted.includes(provider)),
        link,
      }),
    onSuccess: (agent) => {
      toast(`${agent.display_name} ${link ? "runs from its folder" : "is installed"}.`);
      onClose();
      if (!link) go("agents", agent.name);
    },
  });
  const agent = sheet.data?.agent;
  const update = sheet.data?.update;
  return (
    <Dialog
      title={agent ? `${update ? "Update" : "Install"} ${agent.display_name}?` : "Install an agent"}
      lead={agent?.description}
      mark={agent && <Mark id={agent.services[0]?.provider ?? ""} name={agent.display_name} />}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{agent ? "Do not install" : "Close"}</Button>
          {sheet.data && (
            <Button
              look="primary"
              busy={install.isPending}
              onClick={() => sheet.data && install.mutate(sheet.data)}
            >
              {update ? "Allow and update" : "Allow and install"}
            </Button>
          )}
        </>
      }
    >
      {sheet.isPending && <Loading rows={2} label="Reading the agent" />}
      {sheet.error && <ProblemNotice problem={sheet.error} onRetry={() => void sheet.refetch()} />}
      {install.error && <ProblemNotice problem={install.error} />}
      {sheet.data && (
        <Body
          sheet={sheet.data}
          refused={refused}
          onRefused={setRefused}
          granted={granted}
          onGranted={setGranted}
        />
      )}
    </Dialog>
  );
}

interface BodyProps {
  sheet: Sheet;
  refused: string[];
  onRefused: (names: string[]) => void;
  granted: string[];
  onGranted: (providers: string[]) => void;
}

/** The list with one more, or without it. */
const switched = (list: string[], name: string, on: boolean) =>
  on ? [...list, name] : list.filter((each) => each !== name);

function Body({ sheet, refused, onRefused, granted, onGranted }: BodyProps) {
  const names = useNames();
  const { update, permissions, agent, calls, clients } = sheet;
  // An app that could be used has a switch of its own.
  const needs = sheet.needs.filter((each) => !each.includes("pie client grant "));
  return (
    <>
      {update && (
        <Notice title={`From version ${update.from} to ${update.to}`}>
          {update.added.length === 0 && update.removed.length === 0 && "It asks for nothing new."}
          {update.added.length > 0 && <p>New: {update.added.join("; ")}</p>}
          {update.removed.length > 0 && <p>No longer: {update.removed.join("; ")}</p>}
        </Notice>
      )}
      <section>
        <h3 className="mb-3 text-sm font-medium text-soft">It will be able to</h3>
        <Permissions permissions={permissions.map(withSwitches)} />
      </section>
      {calls.length > 0 && (
        <section className="flex flex-col gap-3">
          <h3 className="text-sm font-medium text-soft">Others that may work for it</h3>
          {calls.map((name) => (
            <Callee
              key={name}
              name={name}
              allowed={!refused.includes(name)}
              onAllowed={(on) => onRefused(switched(refused, name, !on))}
            />
          ))}
        </section>
      )}
      {clients.length > 0 && (
        <section className="flex flex-col gap-3">
          <h3 className="text-sm font-medium text-soft">Apps of yours</h3>
          {clients.map((provider) => (
            <SwitchField
              key={provider}
              label={`Let it sign in with your ${names.provider(provider)} app`}
              hint="You can take that back under Settings at any time."
              checked={granted.includes(provider)}
              onChange={(on) => onGranted(switched(granted, provider, on))}
            />
          ))}
        </section>
      )}
      {needs.length > 0 && (
        <section>
          <h3 className="mb-2 text-sm font-medium text-soft">You still need</h3>
          <ul className="list-disc pl-5 marker:text-faint">
            {needs.map((each) => (
              <li key={each}>{needWords(each)}</li>
            ))}
          </ul>
        </section>
      )}
      <p className="text-sm text-faint">
        Version {agent.version}. It runs apart from everything else: no files, no other programs, no
        keys.
      </p>
    </>
  );
}

/** Agents that may be called stand below, each with a switch. */
const withSwitches = (of: Permission) => (of.kind === "call" ? { ...of, items: [] } : of);

interface CalleeProps {
  name: string;
  allowed: boolean;
  onAllowed: (allowed: boolean) => void;
}

/** Another agent, and what its work would reach: whatever that one can do. */
function Callee({ name, allowed, onAllowed }: CalleeProps) {
  const names = useNames();
  const agents = useQuery(queries.agents());
  const known = agents.data?.find((each) => each.name === name);
  const services = [...new Set(known?.services.map(({ provider }) => names.provider(provider)))];
  return (
    <SwitchField
      label={names.agent(name)}
      hint={
        !known
          ? "It is not installed. Once it is, it may be asked."
          : services.length > 0
            ? `With its own access to ${listed(services)}.`
            : "It uses none of your accounts."
      }
      checked={allowed}
      onChange={onAllowed}
    />
  );
}
