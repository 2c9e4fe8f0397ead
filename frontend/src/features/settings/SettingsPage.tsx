import { type ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { type Info } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { go, href } from "@/lib/route";
import { ButtonLink } from "@/ui/Button";
import { Card, Facts, Loading, Page, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Tabs } from "@/ui/Tabs";
import { Appearance } from "./Appearance";
import { CheckUp } from "./CheckUp";
import { ExportHistory } from "./ExportHistory";
import { KeepHistory, KeepResults } from "./KeepHistory";
import { KeepRunning } from "./KeepRunning";
import { Keys } from "./Keys";
import { LanguageModel } from "./LanguageModel";
import { Panic } from "./Panic";
import { PracticeCard } from "./PracticeCard";
import { QuietHours } from "./QuietHours";
import { RelayPage } from "./RelayPage";
import { SignIn } from "./SignIn";
import { YourApps } from "./YourApps";

const parts = ["general", "access", "model", "history", "check-up"];

/** `#/settings`, or `#/settings/PART`. */
export function SettingsPage({ rest }: { rest: string[] }) {
  const { data, error, isPending, refetch } = useQuery(queries.info());
  const part = parts.find((each) => each === rest[0]) ?? "general";
  return (
    <Page title="Settings">
      {isPending && <Loading />}
      {error && <ProblemNotice problem={error} onRetry={() => void refetch()} />}
      {data && (
        <Tabs
          label="Settings"
          value={part}
          onChange={(id) => (id === "general" ? go("settings") : go("settings", id))}
          tabs={[
            { id: "general", label: "General", content: <General info={data} /> },
            { id: "access", label: "Access", content: <Access info={data} /> },
            {
              id: "model",
              label: "Language model",
              content: (
                <Sections>
                  <LanguageModel />
                </Sections>
              ),
            },
            {
              id: "history",
              label: "History",
              content: (
                <Sections>
                  <KeepHistory />
                  <KeepResults />
                  <ExportHistory />
                </Sections>
              ),
            },
            {
              id: "check-up",
              label: "Check-up",
              content: (
                <Sections>
                  <CheckUp />
                  <PracticeCard />
                </Sections>
              ),
            },
          ]}
        />
      )}
    </Page>
  );
}

const Sections = ({ children }: { children: ReactNode }) => (
  <div className="flex flex-col gap-8 pt-2">{children}</div>
);

function General({ info }: { info: Info }) {
  return (
    <Sections>
      <Appearance theme={info.theme} />
      <QuietHours />
      <KeepRunning />
      <Section title="Where things are" lead="Everything stays on this computer.">
        <Card>
          <Facts
            items={[
              ["Agents and keys", <Path key="data" text={info.data} />],
              ["Settings", <Path key="config" text={info.config} />],
              ["Log", <Path key="log" text={info.log} />],
            ]}
          />
        </Card>
      </Section>
      <Section title="About">
        <Card className="flex flex-wrap items-center justify-between gap-4">
          <p>
            PIE Desktop <span className="text-soft">{info.version}</span>
          </p>
          <ButtonLink size="sm" href={href("welcome")}>
            Show the welcome again
          </ButtonLink>
        </Card>
      </Section>
    </Sections>
  );
}

/** What holds the person's access, how it comes in, and how all of it ends. */
function Access({ info }: { info: Info }) {
  return (
    <Sections>
      <Keys status={info.vault} />
      <SignIn info={info} />
      <YourApps />
      <RelayPage />
      <Panic />
    </Sections>
  );
}

const Path = ({ text }: { text: string }) => (
  <code className="font-mono text-sm break-all">{text}</code>
);
