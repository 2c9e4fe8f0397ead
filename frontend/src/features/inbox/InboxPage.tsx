import { useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { CheckCheck, Inbox, Trash2 } from "lucide-react";
import { call } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { count } from "@/lib/format";
import { useNames } from "@/lib/hooks";
import { href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { toast } from "@/lib/toast";
import { Button, ButtonLink } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { SelectField } from "@/ui/Field";
import { Empty, Loading, Page } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { MessageRow } from "./MessageRow";

/** What agents told the person, in full. */
export function InboxPage() {
  const names = useNames();
  const { data, error, isPending, refetch } = useQuery(queries.inbox());
  const showSheet = useSheets();
  const [agent, setAgent] = useState("");
  const [clearing, setClearing] = useState(false);
  const read = useMutation({
    mutationFn: () => call("Inbox.Read", { agent, ids: [], unread: false }),
  });
  const agents = [...new Set(data?.map((each) => each.agent))];
  const shown = data?.filter((each) => agent === "" || each.agent === agent) ?? [];
  const unread = shown.filter((each) => !each.read).length;
  return (
    <Page
      title="Inbox"
      lead="What your agents told you. It stays on this computer."
      actions={
        agents.length > 1 && (
          <div className="w-56">
            <SelectField
              label="Agent"
              value={agent}
              onChange={(event) => setAgent(event.target.value)}
            >
              <option value="">All agents</option>
              {agents.map((name) => (
                <option key={name} value={name}>
                  {names.agent(name)}
                </option>
              ))}
            </SelectField>
          </div>
        )
      }
    >
      {isPending && <Loading />}
      {(error ?? read.error) && (
        <ProblemNotice
          problem={(error ?? read.error)!}
          onRetry={() => void refetch()}
          onUnlock={() => showSheet({ kind: "unlock" })}
        />
      )}
      {data && shown.length === 0 && (
        <Empty
          icon={Inbox}
          title="No messages"
          actions={<ButtonLink href={href("automations")}>See what runs by itself</ButtonLink>}
        >
          When an agent has something to tell you, it is kept here, also when you were away.
        </Empty>
      )}
      {shown.length > 0 && (
        <section className="flex flex-col gap-3">
          <div className="flex flex-wrap items-center justify-between gap-2">
            <h2 className="font-semibold">
              {unread > 0 ? `${unread} not read yet` : count(shown.length, "message")}
            </h2>
            <div className="flex flex-wrap gap-2">
              <Button
                size="sm"
                icon={CheckCheck}
                busy={read.isPending}
                disabled={unread === 0}
                onClick={() => read.mutate()}
              >
                Mark all as read
              </Button>
              <Button
                size="sm"
                icon={Trash2}
                disabled={unread === shown.length}
                onClick={() => setClearing(true)}
              >
                Delete what is read
              </Button>
            </div>
          </div>
          <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
            {shown.map((each) => (
              <MessageRow key={each.id} message={each} />
            ))}
          </ul>
        </section>
      )}
      {clearing && (
        <ClearSheet
          ids={shown.filter((each) => each.read).map(({ id }) => id)}
          onClose={() => setClearing(false)}
        />
      )}
    </Page>
  );
}

function ClearSheet({ ids, onClose }: { ids: string[]; onClose: () => void }) {
  const remove = useMutation({
    mutationFn: () => call("Inbox.Remove", { agent: "", ids }),
    onSuccess: ({ changed }) => {
      toast(`${count(changed, "message")} deleted.`);
      onClose();
    },
  });
  return (
    <Dialog
      title={`Delete ${count(ids.length, "message")}?`}
      lead="What you have not read yet stays. Nothing else changes."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep them</Button>
          <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Delete
          </Button>
        </>
      }
    >
      {remove.error ? (
        <ProblemNotice problem={remove.error} />
      ) : (
        <p className="text-soft">Deleted messages cannot be brought back.</p>
      )}
    </Dialog>
  );
}
