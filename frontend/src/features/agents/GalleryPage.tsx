import { useRef } from "react";
import { useQuery } from "@tanstack/react-query";
import { Bot, Check, FileUp } from "lucide-react";
import { type Agent, type Sample } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { listed } from "@/lib/format";
import { readAsBase64 } from "@/lib/files";
import { useNames } from "@/lib/hooks";
import { href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { toast } from "@/lib/toast";
import { Button, ButtonLink } from "@/ui/Button";
import { Mark } from "@/ui/Mark";
import { Empty, Loading, Page, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Tag } from "@/ui/Status";
import { effortWords } from "./words";

const maxFile = 4 * 1024 * 1024;

/** What is installed, and what could be. */
export function GalleryPage() {
  const agents = useQuery(queries.agents());
  const samples = useQuery(queries.samples());
  const offered = (samples.data ?? []).filter(({ installed }) => !installed);
  return (
    <Page
      title="Agents"
      lead="Small programs that do one job with your accounts. They run on this computer and see only what you allow."
      actions={
        <>
          <ButtonLink look="quiet" href={href("author")}>
            Write an agent
          </ButtonLink>
          <InstallFile />
        </>
      }
    >
      <Section title="Installed">
        {agents.isPending && <Loading rows={2} />}
        {agents.error && (
          <ProblemNotice problem={agents.error} onRetry={() => void agents.refetch()} />
        )}
        {agents.data?.length === 0 && (
          <Empty icon={Bot} title="No agents yet">
            Pick one of the samples below, or install a file somebody gave you.
          </Empty>
        )}
        {agents.data && agents.data.length > 0 && (
          <ul className="grid gap-3 md:grid-cols-2">
            {agents.data.map((agent) => (
              <AgentCard key={agent.name} agent={agent} />
            ))}
          </ul>
        )}
      </Section>
      <Section
        title="Samples"
        lead="They come with PIE Desktop. You see what each may do before it is installed."
      >
        {samples.isPending && <Loading rows={2} />}
        {samples.error && (
          <ProblemNotice problem={samples.error} onRetry={() => void samples.refetch()} />
        )}
        {samples.data && offered.length === 0 && (
          <p className="text-soft">All samples are installed.</p>
        )}
        {offered.length > 0 && (
          <ul className="grid gap-3 md:grid-cols-2">
            {offered.map((sample) => (
              <SampleCard key={sample.name} sample={sample} />
            ))}
          </ul>
        )}
      </Section>
    </Page>
  );
}

function AgentCard({ agent }: { agent: Agent }) {
  const names = useNames();
  const missing = agent.secrets.filter(({ required, set }) => required && !set);
  const providers = [...new Set(agent.services.map(({ provider }) => names.provider(provider)))];
  return (
    <li>
      <a
        href={href("agents", agent.name)}
        className="flex h-full items-start gap-4 rounded-lg border border-line bg-surface p-5 transition-colors hover:bg-hover"
      >
        <Mark id={agent.services[0]?.provider ?? ""} name={agent.display_name} />
        <span className="flex min-w-0 flex-1 flex-col gap-1">
          <span className="font-semibold break-words">{agent.display_name}</span>
          <span className="line-clamp-3 text-sm text-soft break-words">{agent.description}</span>
          <span className="mt-2 flex flex-wrap gap-1.5">
            {missing.length > 0 && <Tag>Needs set-up</Tag>}
            {providers.map((each) => (
              <Tag key={each}>{each}</Tag>
            ))}
          </span>
        </span>
      </a>
    </li>
  );
}

function SampleCard({ sample }: { sample: Sample }) {
  const names = useNames();
  const showSheet = useSheets();
  const effort = effortWords[sample.effort];
  return (
    <li className="flex items-start gap-4 rounded-lg border border-line bg-surface p-5">
      <Mark id={sample.services[0] ?? ""} name={sample.display_name} />
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <h3 className="font-semibold break-words">{sample.display_name}</h3>
        <p className="text-sm text-soft break-words">{sample.description}</p>
        <p className="mt-1 flex items-center gap-1.5 text-sm text-faint">
          <Check size={14} aria-hidden className="shrink-0" />
          {effort.label}
          {sample.services.length > 0 &&
            ` · ${listed(sample.services.map((each) => names.provider(each)))}`}
        </p>
        <div className="mt-3">
          <Button
            size="sm"
            aria-label={`Install ${sample.display_name}`}
            onClick={() => showSheet({ kind: "install", source: `sample:${sample.name}` })}
          >
            Install…
          </Button>
        </div>
      </div>
    </li>
  );
}

function InstallFile() {
  const input = useRef<HTMLInputElement>(null);
  const showSheet = useSheets();
  const pick = async (file: File) => {
    if (file.size > maxFile) {
      toast(`${file.name} is too large for an agent. The limit is 4 MB.`);
      return;
    }
    showSheet({ kind: "install", source: file.name, content: await readAsBase64(file) });
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".pie"
        className="hidden"
        aria-label="An agent’s file"
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) void pick(file);
        }}
      />
      <Button icon={FileUp} onClick={() => input.current?.click()}>
        Install from a file…
      </Button>
    </>
  );
}
