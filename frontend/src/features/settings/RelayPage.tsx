import { useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import page from "../../../../docs/relay/index.html?raw";
import { call } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Card, Fold, Loading, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { CopyButton } from "@/ui/Text";

/** The person's own page for services that send the browser back to https alone. */
export function RelayPage() {
  const { data, error, isPending, refetch } = useQuery(queries.relay());
  return (
    <Section
      title="A page of your own for the way back"
      lead="Some services send the browser back to an https address alone. Without such a page you copy that address by hand; with one you press a button. Most people need none."
    >
      {isPending && <Loading rows={1} />}
      {error && <ProblemNotice problem={error} onRetry={() => void refetch()} />}
      {data && (
        <Card className="flex flex-col gap-5">
          <RelayForm key={data.address} address={data.address} />
          <Fold title="How to make one">
            <ol className="list-decimal pl-5 marker:text-faint">
              <li className="py-0.5 pl-1">
                Copy the page and host it on an https address that is yours, so that it is shown for
                every path below it that begins with <code className="font-mono">/api/oauth/</code>.
                A static host does that with one rule.
              </li>
              <li className="py-0.5 pl-1">Put the address above, save it and check it.</li>
              <li className="py-0.5 pl-1">
                Register the redirect addresses anew: they begin with your page’s address from then
                on.
              </li>
            </ol>
            <div className="mt-3 flex flex-col items-start gap-2">
              <CopyButton text={page} label="Copy the page" />
              <p className="text-sm text-soft">
                It loads nothing, keeps nothing and sends nothing. What it hands back is worth
                nothing without a secret that never leaves this computer.
              </p>
            </div>
          </Fold>
        </Card>
      )}
    </Section>
  );
}

function RelayForm({ address }: { address: string }) {
  const [text, setText] = useState(address);
  const wanted = text.trim();
  const check = useMutation({ mutationFn: () => call("System.CheckRelay") });
  const save = useMutation({
    mutationFn: (address: string) => call("System.SetRelay", { address }),
    onSuccess: (_, address) =>
      toast(address ? "Saved. Register the redirect addresses anew." : "No page is used any more."),
  });
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted !== "" && wanted !== address && !save.isPending) save.mutate(wanted);
      }}
    >
      <TextField
        label="Address of your page"
        optional={address === ""}
        placeholder="https://you.example/pie"
        spellCheck={false}
        inputMode="url"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <Button
          type="submit"
          size="sm"
          busy={save.isPending}
          disabled={wanted === "" || wanted === address}
        >
          Save the address
        </Button>
        {address !== "" && (
          <>
            <Button size="sm" busy={check.isPending} onClick={() => check.mutate()}>
              Check it
            </Button>
            <Button size="sm" onClick={() => save.mutate("")}>
              Use none
            </Button>
          </>
        )}
      </div>
      {save.error && <ProblemNotice problem={save.error} />}
      {check.error && <ProblemNotice problem={check.error} onRetry={() => check.mutate()} />}
      {check.isSuccess && (
        <Notice tone="good" live title="The page is there">
          Sign-ins that need it come back by a button.
        </Notice>
      )}
    </form>
  );
}
