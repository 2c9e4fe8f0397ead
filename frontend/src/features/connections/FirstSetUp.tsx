import { useMutation } from "@tanstack/react-query";
import { call, type ConnectSheet } from "@/lib/backend";
import { useSheets } from "@/lib/sheets";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { ProblemNotice } from "@/ui/ProblemNotice";

/** By which app the agent signs in: one that is missing, or the person's own. */
export function FirstSetUp({ sheet }: { sheet: ConnectSheet }) {
  const showSheet = useSheets();
  const { provider, client, agent, agent_name } = sheet;
  const grant = useMutation({
    mutationFn: () => call("Clients.Grant", { provider: client.app, agent }),
    onSuccess: () => toast(`${agent_name} may use your app.`),
  });
  if (client.kind === "app") {
    return <p className="text-soft">It signs in with your own app at {provider.name}.</p>;
  }
  if (client.kind === "agent" && !sheet.missing_secret) return null;
  return (
    <>
      <Notice
        tone="warning"
        title="A one-time set-up comes first"
        actions={
          client.app !== "" &&
          (client.has_app ? (
            <Button size="sm" busy={grant.isPending} onClick={() => grant.mutate()}>
              Use your {provider.name} app
            </Button>
          ) : (
            <Button
              size="sm"
              onClick={() => showSheet({ kind: "client", provider: client.app, agent })}
            >
              Register your own app
            </Button>
          ))
        }
      >
        {provider.name} wants to know this program.{" "}
        {client.has_app
          ? "You registered an app there before; this agent may use it when you say so."
          : client.app !== ""
            ? "Register an app of your own once, for all your agents, or set up only this one."
            : `The agent’s page says what to register there and where the value of ${sheet.missing_secret} goes.`}
      </Notice>
      {grant.error && <ProblemNotice problem={grant.error} />}
    </>
  );
}
