import { useQuery } from "@tanstack/react-query";
import { queries } from "@/lib/backend/queries";
import { href } from "@/lib/route";
import { ButtonLink } from "@/ui/Button";
import { Card, Facts, Loading, Page, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { CheckUp } from "./CheckUp";
import { Keys } from "./Keys";
import { PracticeCard } from "./PracticeCard";
import { SignIn } from "./SignIn";
import { Appearance } from "./Appearance";
import { Panic } from "./Panic";
import { YourApps } from "./YourApps";
// from "./Appearance";

export function SettingsPage() {
  const { data, error, isPending, refetch } = useQuery(queries.info());
  return (
    <Page title="Settings">
      {isPending && <Loading />}
      {error && <ProblemNotice problem={error} onRetry={() => void refetch()} />}
      {data && (
        <>
          <Appearance theme={data.theme} />
          <Keys status={data.vault} />
          <SignIn info={data} />
          <YourApps />
          <CheckUp />
          <PracticeCard />
          <Panic />
          <Section title="Where things are" lead="Everything stays on this computer.">
            <Card>
              <Facts
                items={[
                  ["Agents and keys", <Path key="data" text={data.data} />],
                  ["Settings", <Path key="config" text={data.config} />],
                  ["Log", <Path key="log" text={data.log} />],
                ]}
              />
            </Card>
          </Section>
          <Section title="About">
            <Card className="flex flex-wrap items-center justify-between gap-4">
              <p>
                PIE Desktop <span className="text-soft">{data.version}</span>
              </p>
              <ButtonLink size="sm" href={href("welcome")}>
                Show the welcome again
              </ButtonLink>
            </Card>
          </Section>
        </>
      )}
    </Page>
  );
}

const Path = ({ text }: { text: string }) => (
  <code className="font-mono text-sm break-all">{text}</code>
);
