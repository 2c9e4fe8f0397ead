import { useState } from "react";
import { Check, Copy, ExternalLink, LoaderCircle } from "lucide-react";
import { call, toFault, type Attempt, type Problem } from "@/lib/backend";
import { hintOf } from "@/lib/errors";
import { useAfter, useCopy } from "@/lib/hooks";
import { Button } from "./Button";
import { DeviceCode } from "./DeviceCode";
import { TextField } from "./Field";

const patience = 20_000;

interface WaitingProps {
  attempt: Attempt | undefined;
  /** Whom the person is asked by, in the browser. */
  who: string;
}

/** The browser has the word. Help comes after 20 seconds, or at once where a paste is needed. */
export function Waiting({ attempt, who }: WaitingProps) {
  const late = useAfter(patience, true);
  const paste = attempt?.kind === "paste";
  if (attempt?.step === "device") return <DeviceCode attempt={attempt} who={who} />;
  const exchanging = attempt?.step === "exchanging";
  return (
    <div className="flex flex-col gap-5">
      <div role="status" className="flex items-start gap-4">
        <LoaderCircle size={20} aria-hidden className="mt-0.5 animate-spin text-accent-text" />
        <div>
          <p className="font-medium">
            {exchanging ? "Finishing the sign-in…" : "Waiting for you in the browser"}
          </p>
          <p className="text-soft">
            {exchanging
              ? "This takes a moment."
              : `${who} asks you there. This window goes on by itself when you have answered.`}
          </p>
        </div>
      </div>
      {paste && (
        <p className="text-soft">
          After you allow access, the browser shows a page that cannot be opened. That is expected:
          copy the whole address of that page and paste it here.
        </p>
      )}
      {(late || paste) && !exchanging && <Help attempt={attempt} late={late} />}
    </div>
  );
}

function Help({ attempt, late }: { attempt: Attempt | undefined; late: boolean }) {
  const { copied, copy } = useCopy();
  return (
    <div className="animate-appear flex flex-col gap-4 border-t border-line pt-5">
      {late && <p className="font-medium">Nothing happened in the browser?</p>}
      {attempt?.url && (
        <div className="flex flex-wrap gap-2">
          <Button
            icon={ExternalLink}
            onClick={() => void call("Connections.OpenAgain", { op: attempt.op }).catch(() => null)}
          >
            Open again
          </Button>
          <Button icon={copied ? Check : Copy} onClick={() => copy(attempt.url)}>
            <span aria-live="polite">{copied ? "Copied" : "Copy link"}</span>
          </Button>
        </div>
      )}
      <PasteAddress />
    </div>
  );
}

function PasteAddress() {
  const [link, setLink] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const send = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await call("Connections.Callback", { link: link.trim() });
    } catch (reason) {
      setProblem(toFault(reason));
    }
    setBusy(false);
  };
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && link.trim() !== "") void send();
      }}
    >
      <TextField
        label="Paste address"
        hint="The address in the browser's address bar after you allowed access."
        value={link}
        onChange={(event) => setLink(event.target.value)}
        error={problem && `${problem.message} ${hintOf(problem)}`}
      />
      <Button type="submit" className="self-start" busy={busy} disabled={link.trim() === ""}>
        Use this address
      </Button>
    </form>
  );
}
