import { type ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { type Connection, type Receipt, type ReceiptScope } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { count } from "@/lib/format";
import { useNames } from "@/lib/hooks";
import { href } from "@/lib/route";
import { Button, ButtonLink } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { Facts, Fold, Loading } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Time } from "@/ui/Text";
import { useProvider } from "./words";

/** What an agent did with one connection, in words, and what it never needed. */
export function ReceiptSheet(props: { connection: Connection; onClose: () => void }) {
  const { connection, onClose } = props;
  const names = useNames();
  const { name: provider } = useProvider(connection);
  const { data, error, isPending, refetch } = useQuery(queries.receipts(connection.agent));
  const receipt = data?.find((each) => each.connection.id === connection.id);
  return (
    <Dialog
      title={`What ${names.agent(connection.agent)} did at ${provider}`}
      onClose={onClose}
      footer={
        <>
          <ButtonLink href={href("activity", "requests")} onClick={onClose}>
            Every request
          </ButtonLink>
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      {isPending && <Loading rows={1} />}
      {error && <ProblemNotice problem={error} onRetry={() => void refetch()} />}
      {receipt && <Told receipt={receipt} />}
      {data && !receipt && <p>Nothing is known of it yet.</p>}
    </Dialog>
  );
}

function Told({ receipt }: { receipt: Receipt }) {
  const { text, nudge, hosts, unused, read_only, partial } = receipt;
  return (
    <>
      <p className="break-words">{text}</p>
      {nudge && <Notice>{nudge}</Notice>}
      <Facts items={figuresOf(receipt)} />
      {hosts.length > 0 && (
        <Fold title="Where it went">
          <ul className="flex flex-col gap-1">
            {hosts.map(({ host, reads, writes }) => (
              <li key={host} className="flex flex-wrap justify-between gap-x-4">
                <span className="min-w-0 break-all">{host}</span>
                <span className="text-sm text-soft">
                  {count(reads, "read")}, {count(writes, "change")}
                </span>
              </li>
            ))}
          </ul>
        </Fold>
      )}
      <Scopes title="Allowed and never seen in use" scopes={unused} />
      <Scopes title="Allowed to change, seen only reading" scopes={read_only} />
      {partial && (
        <p className="text-sm text-soft">The oldest requests are no longer counted in this.</p>
      )}
    </>
  );
}

function figuresOf(receipt: Receipt): [string, ReactNode][] {
  const { reads, writes, failed, blocked, last_read, last_write } = receipt;
  const last = (at: string | null) =>
    at && (
      <>
        , last <Time at={at} />
      </>
    );
  return [
    [
      "Reads",
      <span key="reads">
        {reads}
        {last(last_read)}
      </span>,
    ],
    [
      "Changes",
      <span key="writes">
        {writes}
        {last(last_write)}
      </span>,
    ],
    ...(failed > 0 ? [["Refused there", failed] as [string, number]] : []),
    ...(blocked > 0 ? [["Blocked here", blocked] as [string, number]] : []),
  ];
}

function Scopes({ title, scopes }: { title: string; scopes: ReceiptScope[] }) {
  if (scopes.length === 0) return null;
  return (
    <section>
      <h3 className="mb-1 text-sm font-medium text-soft">{title}</h3>
      <ul className="list-disc pl-5 marker:text-faint">
        {scopes.map(({ id, label }) => (
          <li key={id} title={id} className="break-words">
            {label || id}
          </li>
        ))}
      </ul>
    </section>
  );
}
