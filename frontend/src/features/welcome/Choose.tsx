import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { type Effort, type Sample } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { href } from "@/lib/route";
import { Mark } from "@/ui/Mark";
import { Loading, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Screen } from "./Screen";
import { practiceAgent } from "./story";

const groups: { effort: Effort; title: string; lead: string }[] = [
  { effort: "none", title: "Sign in only", lead: "Nothing to prepare." },
  {
    effort: "token",
    title: "Paste a key",
    lead: "You copy a key from the service’s own pages, once.",
  },
  {
    effort: "setup",
    title: "One-time set-up",
    lead: "You register this program at the service, once. About ten minutes, step by step.",
  },
];

/** Effort is said before the choice and not after. */
export function Choose() {
  const { data, error, isPending, refetch } = useQuery(queries.samples());
  const samples = (data ?? []).filter(({ name }) => name !== practiceAgent);
  return (
    <Screen
      step={4}
      back={href("welcome")}
      title="What would you like to use?"
      lead="Sorted by how much there is to do."
    >
      {isPending && <Loading />}
      {error && <ProblemNotice problem={error} onRetry={() => void refetch()} />}
      {groups.map(({ effort, title, lead }) => {
        const items = samples.filter((sample) => sample.effort === effort);
        if (items.length === 0) return null;
        return (
          <Section key={effort} title={title} lead={lead}>
            <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
              {items.map((sample) => (
                <Item key={sample.name} sample={sample} />
              ))}
            </ul>
          </Section>
        );
      })}
    </Screen>
  );
}

function Item({ sample }: { sample: Sample }) {
  return (
    <li>
      <a
        href={href("welcome", "before", sample.name)}
        className="flex items-center gap-4 px-5 py-4 transition-colors hover:bg-hover focus-visible:-outline-offset-2"
      >
        <Mark id={sample.services[0] ?? ""} name={sample.display_name} />
        <span className="flex min-w-0 flex-1 flex-col">
          <span className="font-medium break-words">{sample.display_name}</span>
          <span className="text-sm text-soft break-words">{sample.description}</span>
        </span>
        <ChevronRight size={18} aria-hidden className="shrink-0 text-faint" />
      </a>
    </li>
  );
}
