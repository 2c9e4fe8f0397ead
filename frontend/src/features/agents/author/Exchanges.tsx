import { type Body, type Exchange, type Json } from "@/lib/backend";
import { duration } from "@/lib/format";
import { Fold } from "@/ui/Page";
import { Preformatted } from "@/ui/Text";

/** What the run asked of the world and what it was told. Secrets are taken out by the services. */
export function Exchanges({ exchanges }: { exchanges: Exchange[] }) {
  if (exchanges.length === 0) return <p className="text-soft">It asked for nothing.</p>;
  return (
    <ul className="flex flex-col gap-3">
      {exchanges.map((each, index) => (
        <li key={index}>
          <Fold title={<Title exchange={each} />}>
            <div className="flex flex-col gap-3 pl-5">
              <Part name="Asked" text={asked(each)} />
              <Part name="Told" text={told(each)} />
            </div>
          </Fold>
        </li>
      ))}
    </ul>
  );
}

function Title({ exchange: { request, call, answer, fault, ms } }: { exchange: Exchange }) {
  const what = request ? `${request.method} ${request.url}` : (call?.op ?? "");
  return (
    <span className="min-w-0">
      <code className="font-mono text-xs break-all">{what}</code>{" "}
      <span className="font-normal text-faint">
        {answer?.status ?? (fault ? "failed" : "")} · {duration(ms)}
      </span>
    </span>
  );
}

function Part({ name, text }: { name: string; text: string }) {
  return (
    <div className="flex flex-col gap-1">
      <p className="text-sm text-soft">{name}</p>
      {text ? <Preformatted label={name} text={text} /> : <p>No content.</p>}
    </div>
  );
}

const pretty = (value: Json | undefined) =>
  value === undefined || value === null ? "" : JSON.stringify(value, null, 2);

const content = (body: Body | undefined) =>
  body?.text ?? (body?.base64 ? `base64: ${body.base64}` : pretty(body?.json));

const lines = (headers: Record<string, string> | undefined) =>
  Object.entries(headers ?? {})
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");

const joined = (...parts: string[]) => parts.filter(Boolean).join("\n\n");

const asked = ({ request, call }: Exchange) =>
  request
    ? joined(content(request), lines(request.headers))
    : joined(pretty(call?.params), content(call));

const told = ({ answer, fault }: Exchange) =>
  fault ? fault.message : joined(content(answer), pretty(answer?.value), lines(answer?.headers));
