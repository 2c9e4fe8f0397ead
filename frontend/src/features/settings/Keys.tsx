import { useState, type ReactNode } from "react";
import { useMutation } from "@tanstack/react-query";
import { call, type VaultStatus } from "@/lib/backend";
import { useSheets } from "@/lib/sheets";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Card, Facts, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Status, type StatusTone } from "@/ui/Status";
import { Time } from "@/ui/Text";

const sources: Record<VaultStatus["source"], string> = {
  keyring: "Your system’s keyring",
  passphrase: "A passphrase that you know",
  keyfile: "A key file",
  "": "Chosen when the first secret is kept",
};

const states: Record<VaultStatus["state"], { tone: StatusTone; text: string }> = {
  none: { tone: "idle", text: "Not made yet" },
  locked: { tone: "idle", text: "Closed, opens when needed" },
  unlocked: { tone: "good", text: "Open" },
};

/** Who holds the key to everything that is sealed here. */
export function Keys({ status }: { status: VaultStatus }) {
  const showSheet = useSheets();
  const [rotating, setRotating] = useState(false);
  const lock = useMutation({
    mutationFn: () => call("Vault.Lock"),
    onSuccess: () => toast("Your keys are locked."),
  });
  const state = status.problem
    ? { tone: "bad" as const, text: "Cannot be opened" }
    : states[status.state];
  return (
    <Section
      title="Keys"
      lead="Access to your accounts and what your agents did is sealed with a key."
    >
      <Card className="flex flex-col gap-5">
        {status.problem && (
          <ProblemNotice
            problem={status.problem}
            live={false}
            onUnlock={() => showSheet({ kind: "unlock" })}
          />
        )}
        <Facts
          items={[
            [
              "State",
              <Status key="state" tone={state.tone}>
                {state.text}
              </Status>,
            ],
            ["Held by", sources[status.source]],
            ...(status.created_at
              ? [["Made", <Time key="made" at={status.created_at} />] as [string, ReactNode]]
              : []),
          ]}
        />
        {status.state !== "none" && (
          <div className="flex flex-wrap gap-2">
            {status.state === "locked" && (
              <Button onClick={() => showSheet({ kind: "unlock" })}>Unlock</Button>
            )}
            {status.state === "unlocked" && (
              <>
                <Button busy={lock.isPending} onClick={() => lock.mutate()}>
                  Lock now
                </Button>
                <Button onClick={() => setRotating(true)}>Make a new key…</Button>
              </>
            )}
          </div>
        )}
        {lock.error && <ProblemNotice problem={lock.error} />}
      </Card>
      {rotating && <RotateSheet onClose={() => setRotating(false)} />}
    </Section>
  );
}

function RotateSheet({ onClose }: { onClose: () => void }) {
  const rotate = useMutation({
    mutationFn: () => call("Vault.Rotate"),
    onSuccess: () => {
      toast("A new key is in place.");
      onClose();
    },
  });
  return (
    <Dialog
      title="Make a new key?"
      lead="Everything is sealed again with it, and the old key is destroyed."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep the old one</Button>
          <Button look="primary" busy={rotate.isPending} onClick={() => rotate.mutate()}>
            Make a new key
          </Button>
        </>
      }
    >
      {rotate.error && <ProblemNotice problem={rotate.error} />}
      <p className="text-soft">
        Your connections stay. Copies of the old data can no longer be opened, a backup from before
        included.
      </p>
    </Dialog>
  );
}
