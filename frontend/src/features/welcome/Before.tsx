import { useMutation, useQuery } from "@tanstack/react-query";
import { UserRound } from "lucide-react";
import { call, type InstallSheet } from "@/lib/backend";
import { needWords } from "@/lib/errors";
import { queries } from "@/lib/backend/queries";
import { listed } from "@/lib/format";
import { useNames } from "@/lib/hooks";
import { go, href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { Button, ButtonLink } from "@/ui/Button";
import { Card, Loading } from "@/ui/Page";
import { Permissions } from "@/ui/Permissions";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Screen } from "./Screen";

/** What the agent reads and may change, and as whom, before it works. */
export function Before({ agent }: { agent: string }) {
  const source = `sample:${agent}`;
  const names = useNames();
  const showSheet = useSheets();
  const samples = useQuery(queries.samples());
  const sheet = useQuery({
    queryKey: ["install-sheet", source, 0],
    queryFn: () => call("Agents.Inspect", { source }),
  });
  const installed = samples.data?.find(({ name }) => name === agent)?.installed ?? false;
  const name = sheet.data?.agent.display_name;
  const install = useMutation({
    mutationFn: async ({ hash, hosts, api_hosts, calls, needs }: InstallSheet) => {
      const { services } = await call("Agents.Install", {
        source,
        hash,
        hosts,
        api_hosts,
        calls,
        clients: [],
        link: false,
      });
      // All that is left may be the sign-in itself.
      const ready = needs.every((each) => each.startsWith("Connect "));
      return { ready, service: services[0]?.key };
    },
    onSuccess: ({ ready, service }) => {
      go("agents", agent);
      if (ready && service) showSheet({ kind: "connect", agent, service, account: "" });
    },
  });
  const providers = [
    ...new Set(sheet.data?.agent.services.map(({ provider }) => names.provider(provider)) ?? []),
  ];
  return (
    <Screen
      step={5}
      back={href("welcome", "choose")}
      title={name ? `Before ${name} works` : "Before it works"}
      lead={sheet.data?.agent.description}
    >
      {sheet.isPending && <Loading rows={2} />}
      {sheet.error && <ProblemNotice problem={sheet.error} onRetry={() => void sheet.refetch()} />}
      {sheet.data && (
        <Card className="flex flex-col gap-5">
          <Permissions permissions={sheet.data.permissions} />
          {providers.length > 0 && (
            <p className="flex items-start gap-3 border-t border-line pt-5">
              <UserRound size={18} aria-hidden className="mt-0.5 shrink-0 text-faint" />
              <span>
                It acts as the account you choose when you sign in at {listed(providers)}.
              </span>
            </p>
          )}
        </Card>
      )}
      {sheet.data && sheet.data.needs.length > 0 && (
        <section>
          <h2 className="mb-2 font-semibold">You still need</h2>
          <ul className="list-disc pl-5 text-soft marker:text-faint">
            {sheet.data.needs.map((each) => (
              <li key={each}>{needWords(each)}</li>
            ))}
          </ul>
        </section>
      )}
      {install.error && <ProblemNotice problem={install.error} />}
      {installed ? (
        <ButtonLink look="primary" className="self-start" href={href("agents", agent)}>
          Open {name}
        </ButtonLink>
      ) : (
        <Button
          look="primary"
          className="self-start"
          disabled={!sheet.data}
          busy={install.isPending}
          onClick={() => sheet.data && install.mutate(sheet.data)}
        >
          Allow and install
        </Button>
      )}
    </Screen>
  );
}
