import { useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { call, type ConnectionRef, type RedirectKind } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { useConnect } from "@/lib/connect";
import { href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { Button, ButtonLink } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Mark } from "@/ui/Mark";
import { Notice } from "@/ui/Notice";
import { Loading } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Waiting } from "@/ui/Waiting";
import { ConnectPreview, type Way } from "./ConnectPreview";
import { missesParameter } from "./Parameters";

interface ConnectSheetProps {
  of: ConnectionRef;
  /** A further account, which needs a name of its own. */
  another?: boolean;
  onClose: () => void;
}

/** From "who gets what" over the wait for the browser to the end. */
export function ConnectSheet({ of, another = false, onClose }: ConnectSheetProps) {
  const preview = useQuery(queries.preview(of));
  const showSheet = useSheets();
  const [redirect, setRedirect] = useState<RedirectKind | "">("");
  const [account, setAccount] = useState(of.account);
  const [params, setParams] = useState<Record<string, string>>({});
  const [chosenWay, setWay] = useState<Way>();
  const [token, setToken] = useState("");
  const { state, attempt, start, cancel } = useConnect();
  const sheet = preview.data;
  const who = sheet?.provider.name ?? "the service";
  const takesToken = (sheet?.provider.token_steps.length ?? 0) > 0;
  const way = chosenWay ?? (takesToken && sheet?.missing_secret ? "token" : "browser");
  const paste = useMutation({
    mutationFn: () => call("Connections.ConnectToken", { ...of, account: label, params, token }),
    onSettled: () => setToken(""),
  });
  const connection = paste.data ?? (state.stage === "done" ? state.connection : undefined);
  const done = connection !== undefined;
  const waiting = state.stage === "waiting";
  const known = useQuery(queries.connections(of.agent));
  const label = account.trim();
  const taken =
    another && known.data?.some((each) => each.service === of.service && each.label === label);
  const nameless = another && (label === "" || taken);
  const blocked = !sheet || missesParameter(sheet, another, params) || nameless;
  const begin = () => void start({ ...of, account: label, redirect, params });

  return (
    <Dialog
      title={
        done
          ? `Connected to ${who}`
          : !sheet
            ? "Connect"
            : another
              ? `Connect another account at ${who}`
              : `Connect ${who}`
      }
      lead={sheet && !done && `${sheet.agent_name} wants to use ${who} as you.`}
      mark={sheet && <Mark id={sheet.provider.id} name={who} />}
      onClose={onClose}
      footer={
        done ? (
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        ) : waiting ? (
          <Button onClick={cancel}>Cancel</Button>
        ) : (
          <>
            <Button onClick={onClose}>Not now</Button>
            {way === "token" ? (
              <Button
                look="primary"
                busy={paste.isPending}
                disabled={blocked || token.trim() === ""}
                onClick={() => paste.mutate()}
              >
                Connect with it
              </Button>
            ) : sheet?.missing_secret ? (
              <ButtonLink look="primary" href={href("agents", of.agent)} onClick={onClose}>
                Set it up
              </ButtonLink>
            ) : (
              <Button look="primary" disabled={blocked} onClick={begin}>
                {state.stage === "failed" ? "Try again" : "Continue in the browser"}
              </Button>
            )}
          </>
        )
      }
    >
      {preview.isPending && <Loading rows={2} />}
      {preview.error && (
        <ProblemNotice
          problem={preview.error}
          onRetry={() => void preview.refetch()}
          onUnlock={() => showSheet({ kind: "unlock" })}
        />
      )}
      {state.stage === "failed" && (
        <ProblemNotice
          problem={state.problem}
          onReconnect={begin}
          onUnlock={() => showSheet({ kind: "unlock" })}
        />
      )}
      {paste.error && (
        <ProblemNotice problem={paste.error} onUnlock={() => showSheet({ kind: "unlock" })} />
      )}
      {waiting && <Waiting attempt={attempt} who={who} />}
      {/* Another account came back than was there, say. */}
      {connection?.problem && <ProblemNotice problem={connection.problem} />}
      {connection && !connection.problem && (
        <Notice tone="good" live title={`It works${asWhom(connection.account?.label)}.`}>
          {sheet?.agent_name} can use {who} now. You can take this away at any time under
          Connections.
        </Notice>
      )}
      {sheet && !waiting && !done && (
        <ConnectPreview
          sheet={sheet}
          another={another}
          taken={taken && label !== ""}
          params={params}
          onParams={setParams}
          way={way}
          onWay={setWay}
          token={token}
          onToken={setToken}
          redirect={redirect}
          onRedirect={setRedirect}
          account={account}
          onAccount={of.account === "" ? setAccount : undefined}
        />
      )}
    </Dialog>
  );
}

const asWhom = (account: string | undefined) => (account ? `, signed in as ${account}` : "");
