import { Check, Copy, ExternalLink } from "lucide-react";
import { call, type Attempt } from "@/lib/backend";
import { useCopy } from "@/lib/hooks";
import { Button } from "./Button";
import { Time } from "./Text";

/** A short code that is typed on another page, maybe on another device. */
export function DeviceCode({ attempt, who }: { attempt: Attempt; who: string }) {
  const { copied, copy } = useCopy();
  const code = attempt.user_code ?? "";
  return (
    <div className="flex flex-col gap-4">
      <p>
        Open the page of {who}, here or on your phone, and type this code there. Type it only on
        that page, and give it to nobody.
      </p>
      <div className="flex flex-col items-center gap-3 rounded-md border border-line bg-sunken px-4 py-6">
        <p className="font-mono text-2xl font-semibold tracking-widest break-all" aria-label="Code">
          {code}
        </p>
        <Button size="sm" icon={copied ? Check : Copy} onClick={() => copy(code)}>
          <span aria-live="polite">{copied ? "Copied" : "Copy the code"}</span>
        </Button>
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button
          icon={ExternalLink}
          onClick={() => void call("Connections.OpenAgain", { op: attempt.op }).catch(() => null)}
        >
          Open the page
        </Button>
        <code className="min-w-0 font-mono text-sm break-all text-soft">
          {attempt.verification_uri}
        </code>
      </div>
      {attempt.expires_at && (
        <p className="text-sm text-soft">
          The code ends <Time at={attempt.expires_at} />. This window goes on by itself when you
          have answered.
        </p>
      )}
    </div>
  );
}
