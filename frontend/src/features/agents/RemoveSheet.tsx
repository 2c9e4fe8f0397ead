import { useMutation, useQuery } from "@tanstack/react-query";
import { call, type Agent } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { useNames } from "@/lib/hooks";
import { go } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { ProblemNotice } from "@/ui/ProblemNotice";

/** What goes with an agent when it goes. */
export function RemoveSheet({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const names = useNames();
  const showSheet = useSheets();
  const connections = useQuery(queries.connections(agent.name));
  const live = (connections.data ?? []).filter(({ status }) => status !== "not_connected");
  const set = agent.secrets.filter((secret) => secret.set);
  const remove = useMutation({
    mutationFn: () => call("Agents.Remove", { agent: agent.name }),
    onSuccess: ({ disconnected }) => {
      const untold = disconnected.filter(({ revoked }) => revoked === false).length;
      toast(
        untold > 0
          ? `${agent.display_name} is removed, but ${untold} of its services could not be told.`
          : `${agent.display_name} is removed.`,
      );
      go("agents");
    },
  });
  return (
    <Dialog
      title={`Remove ${agent.display_name}?`}
      lead="It stops at once and can be installed again later."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Remove
          </Button>
        </>
      }
    >
      {remove.error && (
        <ProblemNotice problem={remove.error} onUnlock={() => showSheet({ kind: "unlock" })} />
      )}
      <ul className="list-disc pl-5 text-soft marker:text-faint">
        {live.map(({ id, provider, account }) => (
          <li key={id}>
            Its access to {names.provider(provider)}
            {account && ` (${account.label})`} is taken away.
          </li>
        ))}
        {set.length > 0 && <li>The values you gave it are destroyed.</li>}
        {agent.automations.length > 0 && <li>It no longer runs by itself.</li>}
        <li>Its files here are deleted.</li>
        <li>What it did stays in Activity.</li>
      </ul>
    </Dialog>
  );
}
