import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { call, type Info } from "@/lib/backend";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { Card, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Status } from "@/ui/Status";

const defaultPort = 53682;

/** How answers come back from the browser. */
export function SignIn({ info }: { info: Info }) {
  const { scheme } = info;
  const fix = useMutation({
    mutationFn: () => call("System.RegisterScheme"),
    onSuccess: () => toast("Links come back to this window."),
  });
  return (
    <Section title="Signing in" lead="How the browser gives its answer back to PIE Desktop.">
      <Card className="flex flex-col gap-5">
        <div className="flex flex-wrap items-center justify-between gap-4">
          <div className="min-w-0">
            <p className="font-medium">Links to PIE Desktop</p>
            <Status tone={scheme.ours ? "good" : scheme.registered ? "warn" : "idle"}>
              {scheme.ours
                ? "Open in this program"
                : scheme.registered
                  ? "Open in another copy"
                  : "Not set up"}
            </Status>
            {scheme.registered && !scheme.ours && (
              <p className="mt-1 font-mono text-sm text-soft break-all">{scheme.executable}</p>
            )}
          </div>
          {!scheme.ours && (
            <Button busy={fix.isPending} onClick={() => fix.mutate()}>
              Open them here
            </Button>
          )}
        </div>
        {scheme.problem && <p className="text-sm text-soft">{scheme.problem}</p>}
        {fix.error && <ProblemNotice problem={fix.error} />}
        <PortForm port={info.loopback_port} />
      </Card>
    </Section>
  );
}

function PortForm({ port }: { port: number }) {
  const [text, setText] = useState(String(port || defaultPort));
  const number = Number(text);
  const valid = Number.isInteger(number) && number > 0 && number < 65536;
  const save = useMutation({
    mutationFn: () => call("System.SetLoopbackPort", { port: number }),
    onSuccess: () => toast("Saved. Addresses you registered before must be changed too."),
  });
  return (
    <form
      className="flex flex-col gap-3 border-t border-line pt-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) save.mutate();
      }}
    >
      <div className="flex items-end gap-2">
        <TextField
          className="max-w-40"
          label="Port on this computer"
          hint="Part of the redirect address that some services ask you to register."
          inputMode="numeric"
          value={text}
          error={valid ? undefined : "Use a number from 1 to 65535."}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <Button
        type="submit"
        size="sm"
        className="self-start"
        busy={save.isPending}
        disabled={!valid || number === (port || defaultPort)}
      >
        Save the port
      </Button>
      {save.error && <ProblemNotice problem={save.error} />}
    </form>
  );
}
