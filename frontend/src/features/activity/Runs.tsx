import { useEffect, useRef } from "react";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { History, ListFilter } from "lucide-react";
import { call, type RunRow } from "@/lib/backend";
import { count, duration } from "@/lib/format";
import { useNames } from "@/lib/hooks";
import { href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { Button, ButtonLink } from "@/ui/Button";
import { Empty, Loading, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { runWords, triggerWords } from "@/ui/runWords";
import { Status } from "@/ui/Status";
import { Time } from "@/ui/Text";
import { beginnings, endings, noFilters, type Filters } from "./filters";

const part = 100;

const find = ({ agent, ended, began }: Filters, before: string, limit: number) =>
  call("Runs.Find", {
    agent,
    statuses: endings[ended]?.of ?? [],
    triggers: beginnings[began]?.of ?? [],
    before,
    limit,
  });

/** All runs that are wanted, the newest first; more come as somebody goes down. */
export function Runs({ filters, onAll }: { filters: Filters; onAll: () => void }) {
  const list = useInfiniteQuery({
    queryKey: ["runs", "list", filters],
    queryFn: ({ pageParam }) => find(filters, pageParam, part),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next || undefined,
    placeholderData: keepPreviousData,
  });
  const showSheet = useSheets();
  if (list.isPending) return <Loading />;
  if (list.error) {
    return (
      <ProblemNotice
        problem={list.error}
        onRetry={() => void list.refetch()}
        onUnlock={() => showSheet({ kind: "unlock" })}
      />
    );
  }
  const rows = list.data.pages.flatMap((page) => page.rows);
  const more = list.hasNextPage && (
    <Older busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
  );
  if (rows.length === 0 && !list.hasNextPage) return <None filters={filters} onAll={onAll} />;
  return (
    <>
      <RunList runs={rows} />
      {more}
    </>
  );
}

function None({ filters, onAll }: { filters: Filters; onAll: () => void }) {
  const all = Object.values(filters).every((each) => each === "");
  return all ? (
    <Empty
      icon={History}
      title="Nothing has run yet"
      actions={<ButtonLink href={href("agents")}>Go to agents</ButtonLink>}
    >
      When an agent runs, its result, its log and its requests are kept here.
    </Empty>
  ) : (
    <Empty
      icon={ListFilter}
      title="No such runs"
      actions={<Button onClick={onAll}>Show all runs</Button>}
    >
      Nothing that was kept fits what you look for.
    </Empty>
  );
}

/** Comes into sight at the end of the list and brings more; a button for the keyboard. */
function Older({ busy, onMore }: { busy: boolean; onMore: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current || busy) return;
    const seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && onMore(), {
      rootMargin: "400px",
    });
    seen.observe(end.current);
    return () => seen.disconnect();
  });
  return (
    <div ref={end}>
      <Button className="mt-4" busy={busy} onClick={onMore}>
        Show older
      </Button>
    </div>
  );
}

/** Rows out of sight are not drawn, so that a thousand scroll like ten. */
export function RunList({ runs, ofAgent }: { runs: RunRow[]; ofAgent?: boolean }) {
  const names = useNames();
  return (
    <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
      {runs.map((run) => {
        const { tone, text } = runWords[run.status];
        const trigger = triggerWords(run.trigger);
        return (
          <li
            key={run.id}
            className="[contain-intrinsic-size:auto_4.25rem] [content-visibility:auto]"
          >
            <a
              href={href("activity", "run", run.id)}
              className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 px-5 py-3 transition-colors hover:bg-hover focus-visible:-outline-offset-2"
            >
              <span className="font-medium break-words">
                {ofAgent ? <Time at={run.started_at} /> : names.agent(run.agent)}
              </span>
              <Status tone={tone}>{text}</Status>
              <span className="col-span-2 text-sm text-soft">
                {[
                  !ofAgent && <Time key="at" at={run.started_at} />,
                  ran(run) && `${duration(run.duration_ms)} · ${count(run.requests, "request")}`,
                  trigger,
                ]
                  .filter(Boolean)
                  .flatMap((each, index) => (index > 0 ? [" · ", each] : [each]))}
              </span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}

// One that was missed or left out took no time and asked for nothing.
const ran = ({ status }: RunRow) => status !== "missed" && status !== "skipped";

/** The last runs of one agent, for its page. */
export function RecentRuns({ agent }: { agent: string }) {
  const { data } = useQuery({
    queryKey: ["runs", "recent", agent],
    queryFn: () => find({ ...noFilters, agent }, "", 5),
  });
  if (!data || data.rows.length === 0) return null;
  return (
    <Section title="Last runs">
      <RunList runs={data.rows} ofAgent />
    </Section>
  );
}
