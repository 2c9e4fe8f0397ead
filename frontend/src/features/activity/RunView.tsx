import { type Json, type Run, type RunLog } from "@/lib/backend";
import { count, duration } from "@/lib/format";
import { words } from "@/lib/schema";
import { useSheets } from "@/lib/sheets";
import { Facts } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Status } from "@/ui/Status";
import { Tabs } from "@/ui/Tabs";
import { Preformatted, Time } from "@/ui/Text";
import { RequestTable } from "./RequestTable";
import { runWords } from "@/ui/runWords";

/** One run: how it ended, what it gave, what it said and what it asked for. */
export function RunView({ run }: { run: Run }) {
  const status = runWords[run.status];
  const showSheet = useSheets();
  const service = run.requests.find((each) => each.service)?.service ?? "default";
  return (
    <div className="flex flex-col gap-4">
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm text-soft" role="status">
        <Status tone={status.tone}>{status.text}</Status>
        <span>
          <Time at={run.started_at} /> · {duration(run.duration_ms)} ·{" "}
          {count(run.requests.length, "request")}
        </span>
      </p>
      {run.error && (
        <ProblemNotice
          problem={run.error}
          live={false}
          onUnlock={() => showSheet({ kind: "unlock" })}
          onReconnect={() => showSheet({ kind: "connect", agent: run.agent, service, account: "" })}
        />
      )}
      <Tabs
        label="About this run"
        tabs={[
          {
            id: "result",
            label: "Result",
            content: <Result result={reported(run) ? null : run.result} />,
          },
          { id: "log", label: "Log", count: run.logs.length, content: <Logs logs={run.logs} /> },
          {
            id: "requests",
            label: "Requests",
            count: run.requests.length,
            content: <RequestTable rows={run.requests.map(rowOf)} />,
          },
        ]}
      />
    </div>
  );
}

function rowOf(request: Run["requests"][number]) {
  const { host, path } = split(request.url);
  const { at, method, status, ms, bytes, service } = request;
  return { at, method, host, path, status, ms, bytes, service, blocked: "" };
}

function split(address: string) {
  try {
    const { host, pathname } = new URL(address);
    return { host, path: pathname };
  } catch {
    return { host: address, path: "" };
  }
}

/** A result that only says what the notice above says already. */
function reported({ error, result }: Run): boolean {
  return error !== null && isBag(result) && result.error === true;
}

type Bag = { [key: string]: Json };
const isBag = (value: Json): value is Bag =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isPlain = (value: Json) => typeof value !== "object" || value === null;
const plain = (value: Json) => (value === null ? "–" : String(value));

/** Short results read as lists and facts; all others as they came. */
function Result({ result }: { result: Json }) {
  if (result === null || result === undefined) {
    return <p className="text-soft">It gave no result.</p>;
  }
  const [first] = isBag(result) ? Object.entries(result) : [];
  if (isBag(result) && first && Object.keys(result).length === 1 && isPlainList(first[1])) {
    return <PlainList name={first[0]} items={first[1]} />;
  }
  if (isPlainList(result)) return <PlainList name="" items={result} />;
  if (isBag(result) && Object.keys(result).length < 12 && Object.values(result).every(isPlain)) {
    return (
      <Facts items={Object.entries(result).map(([name, value]) => [words(name), plain(value)])} />
    );
  }
  if (isPlain(result)) return <Preformatted label="Result" text={plain(result)} />;
  return <Preformatted label="Result" text={JSON.stringify(result, null, 2)} />;
}

const isPlainList = (value: Json): value is Json[] =>
  Array.isArray(value) && value.length <= 100 && value.every(isPlain);

function PlainList({ name, items }: { name: string; items: Json[] }) {
  return (
    <div>
      <p className="text-sm text-soft">
        {name ? `${words(name)}: ` : ""}
        {items.length}
      </p>
      <ul className="mt-1 divide-y divide-line">
        {items.map((item, index) => (
          <li key={index} className="py-2 break-words">
            {plain(item)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Logs({ logs }: { logs: RunLog[] }) {
  if (logs.length === 0) return <p className="text-soft">It wrote nothing.</p>;
  const lines = logs.map(({ at, level, text }) => {
    const time = at.slice(11, 19);
    return `${time}  ${level === "log" || level === "info" ? "" : `${level}: `}${text}`;
  });
  return <Preformatted label="Log" text={lines.join("\n")} />;
}
