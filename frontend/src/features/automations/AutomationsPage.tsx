import { useQuery } from "@tanstack/react-query";
import { CalendarClock } from "lucide-react";
import { type Automation } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { ButtonLink } from "@/ui/Button";
import { Empty, Loading, Page, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { AutomationCard } from "./AutomationCard";
import { CatchUpCard } from "./CatchUpCard";

// A task waits, switched on as it is, until its agent may run what it plans.
const isOn = ({ enabled, allowed }: Automation) => enabled && allowed;

/** What runs by itself, what could, and what was missed. */
export function AutomationsPage() {
  const { data, error, isPending, refetch } = useQuery(queries.automations());
  const showSheet = useSheets();
  const on = (data ?? []).filter(isOn);
  const off = (data ?? []).filter((each) => !isOn(each));
  return (
    <Page
      title="Automations"
      lead="What your agents do by themselves. Nothing runs before you switch it on, and only while PIE Desktop is running."
    >
      {isPending && <Loading />}
      {error && (
        <ProblemNotice
          problem={error}
          onRetry={() => void refetch()}
          onUnlock={() => showSheet({ kind: "unlock" })}
        />
      )}
      <CatchUpCard automations={data ?? []} />
      {data?.length === 0 && (
        <Empty
          icon={CalendarClock}
          title="Nothing can run by itself yet"
          actions={
            <ButtonLink look="primary" href={href("agents")}>
              Choose an agent
            </ButtonLink>
          }
        >
          An agent that works by a schedule or when something happens is listed here once it is
          installed.
        </Empty>
      )}
      {on.length > 0 && (
        <Section title="On">
          <ul className="flex flex-col gap-3">
            {on.map((each) => (
              <AutomationCard key={each.id} automation={each} />
            ))}
          </ul>
        </Section>
      )}
      {off.length > 0 && (
        <Section title="Off" lead="You see what each may do before you switch it on.">
          <ul className="flex flex-col gap-3">
            {off.map((each) => (
              <AutomationCard key={each.id} automation={each} />
            ))}
          </ul>
        </Section>
      )}
    </Page>
  );
}
