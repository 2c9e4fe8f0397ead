import { useState, type ComponentType } from "react";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, Ellipsis, FolderCode, Trash2 } from "lucide-react";
import { type AgentDetail, type Run } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { go, href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { ButtonLink, IconButton } from "@/ui/Button";
import { Mark } from "@/ui/Mark";
import { Menu } from "@/ui/Menu";
import { Notice } from "@/ui/Notice";
import { Card, Facts, Loading, Page, Section } from "@/ui/Page";
import { Permissions } from "@/ui/Permissions";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Time } from "@/ui/Text";
import { ConfigForm } from "./ConfigForm";
import { RemoveSheet } from "./RemoveSheet";
import { RunPanel } from "./RunPanel";
import { Setup } from "./Setup";

/** What other features lend to this page. The shell puts them in. */
export interface AgentParts {
  Connections: ComponentType<{ agent: string }>;
  RunView: ComponentType<{ run: Run }>;
  RecentRuns: ComponentType<{ agent: string }>;
}

export function AgentPage({ name, parts }: { name: string; parts: AgentParts }) {
  const { data, error, isPending, refetch } = useQuery(queries.agent(name));
  const showSheet = useSheets();
  // What is shown stays while it is asked for again, whatever comes of that.
  if (!data) {
    return (
      <Page title={isPending ? "Agent" : name} above={<Back />}>
        {isPending && <Loading />}
        {error && (
          <ProblemNotice
            problem={error}
            onRetry={() => void refetch()}
            onUnlock={() => showSheet({ kind: "unlock" })}
            actions={<ButtonLink href={href("agents")}>All agents</ButtonLink>}
          />
        )}
      </Page>
    );
  }
  return <Loaded detail={data} parts={parts} />;
}

const Back = () => (
  <a
    href={href("agents")}
    className="inline-flex items-center gap-1.5 rounded-sm text-sm text-soft hover:text-ink"
  >
    <ArrowLeft size={14} aria-hidden />
    Agents
  </a>
);

function Loaded({ detail, parts }: { detail: AgentDetail; parts: AgentParts }) {
  const { agent } = detail;
  const [removing, setRemoving] = useState(false);
  const missing = agent.secrets.filter(({ required, set }) => required && !set);
  const setup = agent.secrets.length > 0 && <Setup detail={detail} />;
  return (
    <Page
      wide
      above={<Back />}
      title={agent.display_name}
      lead={agent.description}
      mark={<Mark size="lg" id={agent.services[0]?.provider ?? ""} name={agent.display_name} />}
      actions={
        <Menu
          trigger={<IconButton icon={Ellipsis} label={`More about ${agent.display_name}`} />}
          items={[
            ...(detail.link
              ? [
                  {
                    label: "Work on it",
                    icon: FolderCode,
                    onSelect: () => go("author", detail.link),
                  },
                ]
              : []),
            { label: "Remove", icon: Trash2, danger: true, onSelect: () => setRemoving(true) },
          ]}
        />
      }
    >
      {removing && <RemoveSheet agent={agent} onClose={() => setRemoving(false)} />}
      <div className="grid gap-8 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-8">
          {missing.length > 0 && setup}
          <RunPanel detail={detail} RunView={parts.RunView} />
          <parts.RecentRuns agent={agent.name} />
        </div>
        <div className="flex min-w-0 flex-col gap-8">
          <parts.Connections agent={agent.name} />
          {missing.length === 0 && setup}
          <ConfigForm detail={detail} />
          <Section title="What it may do">
            <Card>
              <Permissions permissions={detail.permissions} />
            </Card>
          </Section>
          {agent.automations.length > 0 && (
            <Notice
              title="It can run by itself"
              actions={
                <ButtonLink size="sm" href={href("automations")}>
                  See automations
                </ButtonLink>
              }
            >
              {agent.automations.map(({ description, type }) => description || type).join(", ")}. It
              does so only once you switch it on.
            </Notice>
          )}
          <Section title="About">
            <Facts
              items={[
                ["Version", agent.version],
                ["Installed", <Time key="at" at={detail.installed_at} />],
                ["Name", agent.name],
                ...(detail.link ? [["Folder", detail.link] as [string, string]] : []),
              ]}
            />
          </Section>
        </div>
      </div>
    </Page>
  );
}
