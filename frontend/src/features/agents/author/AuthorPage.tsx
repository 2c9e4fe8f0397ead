import { useState, type ComponentType } from "react";
import { useMutation } from "@tanstack/react-query";
import { ArrowLeft, Play, Square } from "lucide-react";
import { call, type Run, type StudioFolder } from "@/lib/backend";
import { href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { Button, ButtonLink } from "@/ui/Button";
import { Choice } from "@/ui/Choice";
import { SwitchField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Facts, Loading, Page, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Status } from "@/ui/Status";
import { ChooseFolder } from "./ChooseFolder";
import { Findings } from "./Findings";
import { Inputs } from "./Inputs";
import { Outcomes } from "./Outcomes";
import { harmless, useFolder, useRounds, type How, type Mode } from "./rounds";

interface AuthorProps {
  /** Empty to choose one. */
  folder: string;
  RunView: ComponentType<{ run: Run }>;
}

/** For who writes an agent: what is wrong with it, and what it does, at every save. */
export function AuthorPage({ folder, RunView }: AuthorProps) {
  return folder ? <Opened key={folder} folder={folder} RunView={RunView} /> : <ChooseFolder />;
}

const Back = ({ to, children }: { to: string; children: string }) => (
  <a
    href={to}
    className="inline-flex items-center gap-1.5 rounded-sm text-sm text-soft hover:text-ink"
  >
    <ArrowLeft size={14} aria-hidden />
    {children}
  </a>
);

function Opened({ folder, RunView }: AuthorProps) {
  const { data, problem } = useFolder(folder);
  if (!data) {
    return (
      <Page title="Write an agent" above={<Back to={href("author")}>Another folder</Back>}>
        {problem ? (
          <ProblemNotice
            problem={problem}
            actions={<ButtonLink href={href("author")}>Choose another</ButtonLink>}
          />
        ) : (
          <Loading />
        )}
      </Page>
    );
  }
  return <Workbench data={data} RunView={RunView} />;
}

const modes: { value: Mode; label: string; hint: string }[] = [
  {
    value: "practice",
    label: "Practice",
    hint: "The practice service answers for its services. Nothing real is touched.",
  },
  { value: "live", label: "For real", hint: "With your accounts, as it will run later." },
  {
    value: "record",
    label: "For real, and record it",
    hint: "Keeps what it was told in the folder, without secrets.",
  },
  { value: "replay", label: "From the recording", hint: "Needs no network and no account." },
];

function Workbench({ data, RunView }: { data: StudioFolder; RunView: AuthorProps["RunView"] }) {
  const { folder } = data;
  const [how, setHow] = useState<How>({ mode: "practice", dry: false });
  const { round, stop, allowed, byItself, press } = useRounds(folder, how, data);
  const showSheet = useSheets();
  const unrecorded = how.mode === "replay" && round.problem?.code === "not_found";
  return (
    <Page
      wide
      above={<Back to={href("author")}>Another folder</Back>}
      title={data.display_name}
      lead={<code className="font-mono text-sm break-all">{folder}</code>}
      actions={
        data.in_place && <ButtonLink href={href("agents", data.agent)}>Open the agent</ButtonLink>
      }
    >
      <div className="grid gap-8 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-8">
          <Findings findings={round.findings} />
          {!allowed && data.agent && (
            <Notice
              title="It has not been allowed to run for real yet"
              actions={
                <Button onClick={() => showSheet({ kind: "install", source: folder, link: true })}>
                  See what it may do
                </Button>
              }
            >
              You are asked once, and again only when it asks for more.
            </Notice>
          )}
          {unrecorded && (
            <Notice live tone="warning" title={round.problem?.message}>
              Choose “For real, and record it” once. Afterwards it needs nothing but the folder.
            </Notice>
          )}
          {round.problem && round.problem.code !== "canceled" && !unrecorded && (
            <ProblemNotice
              problem={round.problem}
              onRetry={press}
              onUnlock={() => showSheet({ kind: "unlock" })}
            />
          )}
          <Grown round={round} folder={folder} onAgreed={press} />
          {allowed && <Outcomes outcomes={round.outcomes} mode={how.mode} RunView={RunView} />}
        </div>
        <div className="flex min-w-0 flex-col gap-8">
          <Section title="How it runs">
            <Choice
              label="How it runs"
              value={how.mode}
              options={modes}
              onChange={(mode) => setHow({ ...how, mode })}
            />
            {!harmless(how.mode) && data.services.length > 0 && (
              <SwitchField
                label="Dry run"
                hint="Reads for real; every change is held back and only shown."
                checked={how.dry}
                onChange={(dry) => setHow({ ...how, dry })}
              />
            )}
            <div className="flex flex-wrap items-center gap-3">
              <Button look="primary" icon={Play} disabled={!allowed} onClick={press}>
                {how.mode === "record" ? "Run and record" : "Run now"}
              </Button>
              {round.busy && (
                <Button icon={Square} onClick={stop}>
                  Stop
                </Button>
              )}
            </div>
            <p className="text-sm text-soft" aria-live="polite">
              {round.busy ? (
                <Status tone="busy">Running</Status>
              ) : !allowed ? (
                "It waits until you have seen what it may do."
              ) : byItself ? (
                "It runs again at every save."
              ) : how.mode === "record" ? (
                "It runs when you press, so that no recording is replaced by accident."
              ) : (
                "It runs once you press, and then at every save."
              )}
            </p>
          </Section>
          <Section title="Saved inputs">
            <Inputs folder={folder} inputs={data.inputs} />
          </Section>
          {data.recordings.length > 0 && (
            <Section title="Recordings">
              <Facts items={data.recordings.map((name) => [name, `cassettes/${name}.json`])} />
            </Section>
          )}
        </div>
      </div>
    </Page>
  );
}

interface GrownProps {
  round: ReturnType<typeof useRounds>["round"];
  folder: string;
  onAgreed: () => void;
}

/** What it asks for beyond what was agreed to. Until the person agrees it does not run. */
function Grown({ round, folder, onAgreed }: GrownProps) {
  const asking = round.outcomes.find(({ result }) => result.grown.length > 0)?.result;
  const approve = useMutation({
    mutationFn: (hash: string) => call("Agents.Approve", { folder, hash }),
    onSuccess: onAgreed,
  });
  if (!asking) return null;
  return (
    <>
      <Notice
        live
        tone="warning"
        title="It asks for more than you agreed to"
        actions={
          <Button busy={approve.isPending} onClick={() => approve.mutate(asking.hash)}>
            Agree
          </Button>
        }
      >
        <ul>
          {asking.grown.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
        <p>Take it out of the code if that was not meant.</p>
      </Notice>
      {approve.error && <ProblemNotice problem={approve.error} />}
    </>
  );
}
