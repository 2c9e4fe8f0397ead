import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import {
  Ellipsis,
  Plug,
  ReceiptText,
  RefreshCw,
  SlidersHorizontal,
  Unplug,
  UserPlus,
} from "lucide-react";
import { call, type Connection, type ProviderInfo } from "@/lib/backend";
import { useNames, useNow } from "@/lib/hooks";
import { href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { toast } from "@/lib/toast";
import { Button, IconButton } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Mark } from "@/ui/Mark";
import { Menu } from "@/ui/Menu";
import { Fold } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Scopes } from "@/ui/Scopes";
import { Status } from "@/ui/Status";
import { Time } from "@/ui/Text";
import { AccessSheet } from "./AccessSheet";
import { ReceiptSheet } from "./ReceiptSheet";
import { accessWords, accountOf, refOf, scopesOf, statusOf, useProvider } from "./words";

interface CardProps {
  connection: Connection;
  /** The agent's own page need not say whose connection it is. */
  ofAgent?: boolean;
}

/** One connection: who, what it may do, how it is, and what can be done about it. */
export function ConnectionCard({ connection, ofAgent }: CardProps) {
  const names = useNames();
  const status = statusOf(connection);
  const { name: provider, info } = useProvider(connection);
  const account = accountOf(connection);
  return (
    <li className="rounded-lg border border-line bg-surface p-5">
      <div className="flex items-start gap-4">
        <Mark id={connection.provider} name={provider} />
        <div className="min-w-0 flex-1">
          <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
            <h3 className="min-w-0 font-semibold break-words">{provider}</h3>
            <Status tone={status.tone}>{status.text}</Status>
          </div>
          <p className="text-soft break-words">
            {account && (
              <>
                as <bdi>{account}</bdi>
              </>
            )}
            {!ofAgent && (
              <>
                {account ? " · used by " : "Used by "}
                <a
                  href={href("agents", connection.agent)}
                  className="rounded-sm text-accent-text underline decoration-line-strong underline-offset-4 hover:decoration-current"
                >
                  {names.agent(connection.agent)}
                </a>
              </>
            )}
          </p>
        </div>
        <Actions connection={connection} provider={provider} />
      </div>
      <div className="mt-2 flex flex-col gap-3 md:pl-14">
        <Details connection={connection} provider={info} />
        <Trouble connection={connection} />
      </div>
    </li>
  );
}

interface DetailsProps {
  connection: Connection;
  provider: ProviderInfo | undefined;
}

function Details({ connection, provider }: DetailsProps) {
  const scopes = scopesOf(connection, provider);
  const { last_used_at, connected_at, refreshes, access, kind } = connection;
  return (
    <>
      <p className="text-sm text-soft">
        {last_used_at ? (
          <>
            Last used <Time at={last_used_at} />
          </>
        ) : (
          "Not used yet"
        )}
        {connected_at && (
          <>
            {kind === "token" ? " · by a personal token, " : " · connected "}
            <Time at={connected_at} />
          </>
        )}
        {refreshes > 0 && ` · renewed ${refreshes === 1 ? "once" : `${refreshes} times`}`}
        {access !== "full" && ` · ${accessWords[access].label.toLowerCase()}`}
      </p>
      <Ending connection={connection} />
      {scopes.length > 0 && (
        <Fold title="What it may do">
          <Scopes scopes={scopes} />
        </Fold>
      )}
    </>
  );
}

const day = 86_400_000;

/** When the access ends, and whether the person has to do something about it. */
function Ending({ connection }: { connection: Connection }) {
  const now = useNow();
  const { expires_at, renews, status } = connection;
  if (!expires_at || status !== "connected") return null;
  if (renews) {
    return (
      <p className="text-sm text-soft">
        Renewed by itself, next <Time at={expires_at} />
      </p>
    );
  }
  const soon = Date.parse(expires_at) - now < 7 * day;
  return (
    <p className={cx("text-sm", soon ? "font-medium text-warn" : "text-soft")}>
      Ends <Time at={expires_at} />. Connect again then; nothing else is lost.
    </p>
  );
}

function Trouble({ connection }: { connection: Connection }) {
  const { show } = useSheetsFor(connection);
  const check = useCheck(connection);
  const { problem, status } = connection;
  const connectAgain = (
    <Button look="primary" onClick={() => show("connect")}>
      {status === "needs_more" ? "Allow what is missing" : "Connect again"}
    </Button>
  );
  if (problem) {
    const signIn = status !== "connected";
    return (
      <ProblemNotice
        problem={problem}
        live={false}
        onRetry={signIn ? undefined : () => check.mutate()}
        actions={signIn && connectAgain}
      />
    );
  }
  if (status === "needs_reconnect" || status === "needs_more") {
    return <div>{connectAgain}</div>;
  }
  return null;
}

function Actions({ connection, provider }: { connection: Connection; provider: string }) {
  const { show, addAnother } = useSheetsFor(connection);
  const check = useCheck(connection);
  const [access, setAccess] = useState(false);
  const [receipt, setReceipt] = useState(false);
  return (
    <>
      <Menu
        trigger={<IconButton icon={Ellipsis} label={`More about ${provider}`} className="-mr-2" />}
        items={[
          { label: "Check now", icon: RefreshCw, onSelect: () => check.mutate() },
          { label: "What it may change", icon: SlidersHorizontal, onSelect: () => setAccess(true) },
          { label: "What it did", icon: ReceiptText, onSelect: () => setReceipt(true) },
          { label: "Connect again", icon: Plug, onSelect: () => show("connect") },
          { label: "Add another account", icon: UserPlus, onSelect: addAnother },
          { label: "Disconnect", icon: Unplug, danger: true, onSelect: () => show("disconnect") },
        ]}
      />
      {receipt && <ReceiptSheet connection={connection} onClose={() => setReceipt(false)} />}
      {access && <AccessSheet connection={connection} onClose={() => setAccess(false)} />}
    </>
  );
}

function useSheetsFor(connection: Connection) {
  const showSheet = useSheets();
  return {
    show: (kind: "connect" | "disconnect") => showSheet({ kind, ...refOf(connection) }),
    addAnother: () =>
      showSheet({ kind: "connect", ...refOf(connection), account: "", another: true }),
  };
}

function useCheck(connection: Connection) {
  return useMutation({
    mutationFn: () => call("Connections.Check", refOf(connection)),
    onSuccess: ({ problem }) => toast(problem ? problem.message : "It works."),
    onError: (problem) => toast(problem.message),
  });
}
