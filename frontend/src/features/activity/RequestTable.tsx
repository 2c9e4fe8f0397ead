import { type ReactNode } from "react";
import { bytes, duration } from "@/lib/format";
import { Status } from "@/ui/Status";
import { Time } from "@/ui/Text";

export interface RequestRow {
  at: string;
  method: string;
  host: string;
  path: string;
  status: number;
  ms: number;
  bytes: number;
  service: string | null;
  /** Why it was not sent; empty when it was. */
  blocked: string;
  agent?: string;
}

const verbs: Record<string, string> = {
  GET: "Read",
  HEAD: "Looked",
  POST: "Sent",
  PUT: "Changed",
  PATCH: "Changed",
  DELETE: "Deleted",
};

/** Every request, in words first and exactly second. */
export function RequestTable({ rows }: { rows: RequestRow[] }) {
  if (rows.length === 0) return <p className="text-soft">No requests were made.</p>;
  const named = rows.some(({ agent }) => agent);
  return (
    <div className="-mx-1 overflow-x-auto px-1" tabIndex={0} role="region" aria-label="Requests">
      <table className="w-full border-collapse text-left">
        <thead className="text-sm text-soft">
          <tr className="border-b border-line">
            <Head>What</Head>
            {named && <Head>Agent</Head>}
            <Head>Answer</Head>
            <Head>When</Head>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index} className="border-b border-line align-top last:border-0">
              <td className="max-w-96 min-w-44 py-2.5 pr-4">
                <span className="font-medium">{verbs[row.method] ?? row.method}</span>{" "}
                <span className="break-all">{row.host}</span>
                <code className="block font-mono text-xs text-faint break-all">
                  {row.method} {row.path || "/"}
                </code>
              </td>
              {named && <td className="py-2.5 pr-4 break-words">{row.agent}</td>}
              <td className="py-2.5 pr-4">
                <Answer row={row} />
              </td>
              <td className="py-2.5 text-sm whitespace-nowrap text-soft">
                <Time at={row.at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const Head = ({ children }: { children: ReactNode }) => (
  <th scope="col" className="pr-4 pb-2 font-medium whitespace-nowrap last:pr-0">
    {children}
  </th>
);

function Answer({ row }: { row: RequestRow }) {
  if (row.blocked) {
    return (
      <>
        <Status tone="warn">Blocked</Status>
        <span className="block text-sm text-soft break-words">{row.blocked}</span>
      </>
    );
  }
  const ok = row.status >= 200 && row.status < 400;
  return (
    <>
      <Status tone={ok ? "good" : "bad"}>
        {row.status === 0 ? "No answer" : ok ? `OK, ${row.status}` : `Refused, ${row.status}`}
      </Status>
      <span className="block text-xs whitespace-nowrap text-faint">
        {duration(row.ms)} · {bytes(row.bytes)}
      </span>
    </>
  );
}
