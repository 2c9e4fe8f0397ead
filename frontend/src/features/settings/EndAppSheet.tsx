import { useMutation } from "@tanstack/react-query";
import { call, type Client } from "@/lib/backend";
import { useNames } from "@/lib/hooks";
import { useSheets } from "@/lib/sheets";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { ProblemNotice } from "@/ui/ProblemNotice";

interface EndProps {
  app: Client;
  /** Whose use ends; empty when the app goes as a whole. */
  agent: string;
  onClose: () => void;
}

/** Names which agents stop before an app, or one agent's use of it, is taken away. */
export function EndAppSheet({ app, agent, onClose }: EndProps) {
  const names = useNames();
  const showSheet = useSheets();
  const { provider, name } = app;
  const end = useMutation({
    mutationFn: () =>
      agent ? call("Clients.Revoke", { provider, agent }) : call("Clients.Remove", { provider }),
    onSuccess: ({ disconnected }) => {
      toast(disconnected.length > 0 ? "Removed, and disconnected." : "Removed.");
      onClose();
    },
  });
  const stops = app.agents.filter((each) => !agent || each.agent === agent);
  return (
    <Dialog
      title={agent ? `Take the app back from ${names.agent(agent)}?` : `Remove your ${name} app?`}
      lead="At the service the app itself stays registered."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" busy={end.isPending} onClick={() => end.mutate()}>
            {agent ? "Take it back" : "Remove"}
          </Button>
        </>
      }
    >
      {end.error && (
        <ProblemNotice
          problem={end.error}
          onUnlock={() => showSheet({ kind: "unlock" })}
          onRetry={() => end.mutate()}
        />
      )}
      <section>
        <h3 className="mb-2 font-medium">What stops</h3>
        <ul className="list-disc pl-5 text-soft marker:text-faint">
          {stops.map((each) => (
            <li key={each.agent}>
              {each.connected > 0
                ? `${names.agent(each.agent)} is disconnected from ${name}.`
                : `${names.agent(each.agent)} can no longer connect with it.`}
            </li>
          ))}
          {!agent && <li>The id and the secret of the app are destroyed here.</li>}
        </ul>
      </section>
    </Dialog>
  );
}
