import { useId, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { call, type Message } from "@/lib/backend";
import { useNames } from "@/lib/hooks";
import { href } from "@/lib/route";
import { toast } from "@/lib/toast";
import { Button, ButtonLink } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Time } from "@/ui/Text";

/** One message. Opening it marks it as read; its text is a stranger's and stays text. */
export function MessageRow({ message }: { message: Message }) {
  const names = useNames();
  const id = useId();
  const [open, setOpen] = useState(false);
  const mark = useMutation({
    mutationFn: (unread: boolean) => call("Inbox.Read", { agent: "", ids: [message.id], unread }),
    onError: (problem) => toast(problem.message),
  });
  const remove = useMutation({
    mutationFn: () => call("Inbox.Remove", { agent: "", ids: [message.id] }),
    onSuccess: () => toast("Message deleted."),
    onError: (problem) => toast(problem.message),
  });
  const toggle = () => {
    setOpen(!open);
    if (!open && !message.read) mark.mutate(false);
  };
  return (
    <li>
      <h3>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={toggle}
          className="flex w-full items-start gap-3 px-5 py-3 text-left transition-colors hover:bg-hover focus-visible:-outline-offset-2"
        >
          <ChevronRight
            size={16}
            aria-hidden
            className={cx("mt-1 shrink-0 text-faint transition-transform", open && "rotate-90")}
          />
          <span className="min-w-0 flex-1">
            <span className={cx("block break-words", message.read ? "" : "font-semibold")}>
              {message.title || "A message"}
            </span>
            <span className="block text-sm text-soft">
              {names.agent(message.agent)} · <Time at={message.at} />
            </span>
          </span>
          {!message.read && (
            <span className="mt-1 flex items-center gap-2 text-sm font-medium text-accent-text">
              <span aria-hidden className="size-2 rounded-full bg-accent-text" />
              New
            </span>
          )}
        </button>
      </h3>
      <div id={id} hidden={!open} className="px-5 pb-5 pl-12">
        {open && (
          <div className="flex flex-col gap-4">
            <p className="max-w-prose leading-relaxed break-words whitespace-pre-wrap">
              {message.text || "It wrote nothing more."}
            </p>
            {message.cut && (
              <p className="text-sm text-soft">It wrote more than fits; the rest was cut off.</p>
            )}
            <div className="flex flex-wrap gap-2">
              {message.run && (
                <ButtonLink size="sm" href={href("activity", "run", message.run)}>
                  See the run
                </ButtonLink>
              )}
              <Button
                size="sm"
                onClick={() => {
                  setOpen(false);
                  mark.mutate(true);
                }}
              >
                Keep as new
              </Button>
              <Button size="sm" busy={remove.isPending} onClick={() => remove.mutate()}>
                Delete
              </Button>
            </div>
          </div>
        )}
      </div>
    </li>
  );
}
