import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { type Write } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { useNames } from "@/lib/hooks";
import { href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { Button, ButtonLink } from "@/ui/Button";
import { Empty, Loading, Page } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Status } from "@/ui/Status";
import { Time } from "@/ui/Text";
import { WriteSheet } from "./WriteSheet";
import { usePlace, writeReasons, writeStates, writeVerb } from "./words";

/** Changes that agents wanted to make and that wait for the person. */
export function OutboxPage() {
  const { data, error, isPending, refetch } = useQuery(queries.outbox());
  const showSheet = useSheets();
  // A write that was sent leaves the list; its sheet stays until it is closed.
  const [open, setOpen] = useState<Write>();
  return (
    <Page
      title="Outbox"
      lead="Changes your agents want to make. Each waits here until you send it or drop it."
    >
      {isPending && <Loading />}
      {error && (
        <ProblemNotice
          problem={error}
          onRetry={() => void refetch()}
          onUnlock={() => showSheet({ kind: "unlock" })}
        />
      )}
      {data?.length === 0 && (
        <Empty
          icon={Send}
          title="Nothing waits"
          actions={<ButtonLink href={href("connections")}>Go to connections</ButtonLink>}
        >
          A change comes here when you try an agent with a dry run, or when its connection is set to
          ask before each change.
        </Empty>
      )}
      {data && data.length > 0 && (
        <ul className="flex flex-col gap-3">
          {data.map((each) => (
            <WriteCard key={each.id} write={each} onOpen={() => setOpen(each)} />
          ))}
        </ul>
      )}
      {open && <WriteSheet write={open} onClose={() => setOpen(undefined)} />}
    </Page>
  );
}

function WriteCard({ write, onOpen }: { write: Write; onOpen: () => void }) {
  const names = useNames();
  const placeOf = usePlace();
  const state = writeStates[write.state];
  const title = `${writeVerb(write.method)} ${placeOf(write)}`;
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-3 rounded-lg border border-line bg-surface p-5">
      <div className="min-w-0 flex-1 basis-72">
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
          <h2 className="min-w-0 font-semibold break-words">{title}</h2>
          <Status tone={state.tone}>{state.text}</Status>
        </div>
        <p className="text-soft break-words">
          {names.agent(write.agent)}
          {write.account && ` as ${write.account}`} · <Time at={write.created_at} />
        </p>
        <p className="mt-1 text-sm text-soft">{writeReasons[write.reason]}</p>
        <code className="mt-1 block font-mono text-xs text-faint break-all">
          {write.method} {write.url}
        </code>
      </div>
      <Button aria-label={`Look at it: ${title}`} onClick={onOpen}>
        Look at it
      </Button>
    </li>
  );
}
