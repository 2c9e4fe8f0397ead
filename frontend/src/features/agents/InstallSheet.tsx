import { useMutation, useQuery } from "@tanstack/react-query";
import { call, type InspectRequest, type InstallSheet as Sheet } from "@/lib/backend";
import { needWords } from "@/lib/errors";
import { go } from "@/lib/route";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Mark } from "@/ui/Mark";
import { Notice } from "@/ui/Notice";
import { Loading } from "@/ui/Page";
import { Permissions } from "@/ui/Permissions";
import { ProblemNotice } from "@/ui/ProblemNotice";

interface InstallProps {
  of: InspectRequest;
  onClose: () => void;
}

/** What the agent may do, in words, before it is there. */
export function InstallSheet({ of, onClose }: InstallProps) {
  const sheet = useQuery({
    queryKey: ["install-sheet", of.source, of.content?.length ?? 0],
    queryFn: () => call("Agents.Inspect", of),
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const install = useMutation({
    mutationFn: ({ hash, hosts, api_hosts }: Sheet) =>
      call("Agents.Install", { ...of, hash, hosts, api_hosts, link: false }),
    onSuccess: (agent) => {
      toast(`${agent.display_name} is installed.`);
      onClose();
      go("agents", agent.name);
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
      {sheet.data && <Body sheet={sheet.data} />}
    </Dialog>
  );
}

function Body({ sheet }: { sheet: Sheet }) {
  const { update, needs, permissions, agent } = sheet;
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
        <Permissions permissions={permissions} />
      </section>
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
