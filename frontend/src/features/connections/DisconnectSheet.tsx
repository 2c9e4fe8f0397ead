import { useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import {
  call,
  type ConnectionRef,
  type Disconnected,
  type DisconnectSheet as Preview,
} from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { listed } from "@/lib/format";
import { scheduleWords } from "@/lib/schedule";
import { useNames } from "@/lib/hooks";
import { useSheets } from "@/lib/sheets";
import { Button } from "@/ui/Button";
import { Choice } from "@/ui/Choice";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { Loading } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { accountOf } from "./words";

type How = "revoke" | "forget";

/** Says what stops before anything does, and afterwards what was done. */
export function DisconnectSheet({ of, onClose }: { of: ConnectionRef; onClose: () => void }) {
  const names = useNames();
  const showSheet = useSheets();
  const preview = useQuery({
    queryKey: ["disconnect-sheet", of.agent, of.service, of.account],
    queryFn: () => call("Connections.DisconnectPreview", of),
  });
  const [how, setHow] = useState<How>();
  const shared = (preview.data?.shared.length ?? 0) > 0;
  const chosen = how ?? (shared ? "forget" : "revoke");
  const disconnect = useMutation({
    mutationFn: () =>
      call("Connections.Disconnect", {
        ...of,
        forget: chosen === "forget",
        everywhere: chosen === "revoke" && shared,
      }),
  });
  const sheet = useQuery(queries.preview(of));
  const provider =
    sheet.data?.provider.name ?? names.provider(preview.data?.connection.provider ?? "");
  if (disconnect.data) {
    return (
      <Dialog
        title="Disconnected"
        onClose={onClose}
        footer={
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <Outcome done={disconnect.data} provider={provider} manage={preview.data?.manage_url} />
      </Dialog>
    );
  }
  return (
    <Dialog
      title={provider ? `Disconnect ${provider}?` : "Disconnect?"}
      lead={`${names.agent(of.agent)} will no longer be able to use it.`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button
            look="danger"
            busy={disconnect.isPending}
            disabled={!preview.data}
            onClick={() => disconnect.mutate()}
          >
            Disconnect
          </Button>
        </>
      }
    >
      {preview.isPending && <Loading rows={1} />}
      {preview.error && (
        <ProblemNotice problem={preview.error} onRetry={() => void preview.refetch()} />
      )}
      {disconnect.error && (
        <ProblemNotice
          problem={disconnect.error}
          onUnlock={() => showSheet({ kind: "unlock" })}
          onRetry={() => disconnect.mutate()}
        />
      )}
      {preview.data && (
        <Body preview={preview.data} provider={provider} how={chosen} onHow={setHow} />
      )}
    </Dialog>
  );
}

interface BodyProps {
  preview: Preview;
  provider: string;
  how: How;
  onHow: (how: How) => void;
}

function Body({ preview, provider, how, onHow }: BodyProps) {
  const names = useNames();
  const shown = preview.shared.slice(0, 3).map((each) => {
    const account = accountOf(each);
    return account ? `${names.agent(each.agent)} (${account})` : names.agent(each.agent);
  });
  const more = preview.shared.length - shown.length;
  const others = more > 0 ? [...shown, `${more} more`] : shown;
  return (
    <>
      <section>
        <h3 className="mb-2 font-medium">What stops</h3>
        <ul className="list-disc pl-5 text-soft marker:text-faint">
          {preview.stops.map((each) => (
            <li key={each}>
              {names.agent(each)} can no longer use {provider}.
            </li>
          ))}
          {preview.callers.map((each) => (
            <li key={each}>
              {names.agent(each)} may have {names.agent(preview.connection.agent)} work for it, and
              gets nothing from it then.
            </li>
          ))}
          {preview.automations
            .filter(({ shared }) => how === "revoke" || !shared)
            .map(({ id, agent, description, schedule }) => (
              <li key={id}>
                The automation “{description || scheduleWords(schedule)}” of {names.agent(agent)}{" "}
                would fail.
              </li>
            ))}
        </ul>
      </section>
      {others.length > 0 && (
        <Notice tone="warning" title="Others share this sign-in">
          {listed(others)} would have to sign in again if you take the access away at {provider}.
        </Notice>
      )}
      <Choice
        label="How to disconnect"
        value={how}
        onChange={onHow}
        options={[
          {
            value: "revoke",
            label: `Take the access away at ${provider}`,
            hint: "The service is told, and the keys here are destroyed.",
          },
          {
            value: "forget",
            label: "Only forget it here",
            hint: `The keys here are destroyed. ${provider} still lists the access.`,
          },
        ]}
      />
    </>
  );
}

interface OutcomeProps {
  done: Disconnected;
  provider: string;
  manage: string | undefined;
}

function Outcome({ done, provider, manage }: OutcomeProps) {
  const told =
    done.revoked === true
      ? `${provider} took the access away, and the keys here are destroyed.`
      : done.revoked === false
        ? `The keys here are destroyed, but ${provider} could not be told.`
        : `The keys here are destroyed. ${provider} was not told.`;
  return (
    <Notice
      tone={done.revoked === false ? "warning" : "good"}
      live
      title={told}
      actions={
        done.revoked !== true &&
        manage && (
          <Button
            icon={ExternalLink}
            onClick={() => void call("System.OpenLink", { url: manage }).catch(() => null)}
          >
            Open {provider}’s page
          </Button>
        )
      }
    >
      {done.detail}
    </Notice>
  );
}
