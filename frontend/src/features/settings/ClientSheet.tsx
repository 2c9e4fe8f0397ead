import { useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { call, type Client, type ProviderInfo } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { useNames } from "@/lib/hooks";
import { useSheets } from "@/lib/sheets";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { SelectField, SwitchField, TextField } from "@/ui/Field";
import { Mark } from "@/ui/Mark";
import { Notice } from "@/ui/Notice";
import { Loading } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { CopyField } from "@/ui/Text";
import { verdictOf } from "./YourApps";

interface ClientSheetProps {
  /** Empty: the person chooses it here. */
  provider: string;
  /** Who is to use it at once, empty for nobody. */
  agent: string;
  onClose: () => void;
}

/** Registers the person's own app at a provider: the steps, the address, the two values. */
export function ClientSheet({ provider, agent, onClose }: ClientSheetProps) {
  const names = useNames();
  const showSheet = useSheets();
  const providers = useQuery(queries.providers());
  const [chosen, setChosen] = useState(provider);
  const [id, setId] = useState("");
  const [secret, setSecret] = useState("");
  const [unchecked, setUnchecked] = useState(false);
  const takers = (providers.data ?? []).filter((each) => each.redirects.length > 0);
  const info = takers.find((each) => each.id === chosen);
  const add = useMutation({
    mutationFn: async () => {
      const app = await call("Clients.Add", {
        provider: chosen,
        client_id: id.trim(),
        client_secret: secret,
        no_check: unchecked,
      });
      return agent ? call("Clients.Grant", { provider: chosen, agent }) : app;
    },
    onSuccess: () => setSecret(""),
  });
  if (add.data) {
    return <Added app={add.data} agent={agent && names.agent(agent)} onClose={onClose} />;
  }
  return (
    <Dialog
      title={info ? `Your own app at ${info.name}` : "Add an app of your own"}
      lead="About five minutes, once. All your agents can use it."
      mark={info && <Mark id={info.id} name={info.name} />}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button
            look="primary"
            busy={add.isPending}
            disabled={!info || id.trim() === ""}
            onClick={() => add.mutate()}
          >
            Keep it
          </Button>
        </>
      }
    >
      {providers.isPending && <Loading rows={2} />}
      {add.error && (
        <ProblemNotice problem={add.error} onUnlock={() => showSheet({ kind: "unlock" })} />
      )}
      {!provider && (
        <SelectField
          label="Service"
          value={chosen}
          onChange={(event) => setChosen(event.target.value)}
        >
          <option value="">Choose a service</option>
          {takers.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </SelectField>
      )}
      {info && (
        <>
          <RegisterSteps info={info} />
          <TextField label="Client ID" value={id} onChange={(event) => setId(event.target.value)} />
          <TextField
            type="password"
            label="Client secret"
            optional
            hint="Some services give none. It is sealed here and never shown again."
            value={secret}
            onChange={(event) => setSecret(event.target.value)}
          />
          {add.error && (
            <SwitchField
              label="Keep it without asking the service"
              hint="Only if you are sure of both values."
              checked={unchecked}
              onChange={setUnchecked}
            />
          )}
        </>
      )}
    </Dialog>
  );
}

function RegisterSteps({ info }: { info: ProviderInfo }) {
  const redirect = info.redirects.find(({ preferred }) => preferred) ?? info.redirects[0];
  const address = redirect?.address ?? "";
  return (
    <>
      {info.setup.length > 0 && (
        <ol className="list-decimal pl-5 marker:text-faint">
          {info.setup.map((step) => (
            <li key={step} className="py-0.5 pl-1 break-words">
              {step.replaceAll("{redirect_uri}", address)}
            </li>
          ))}
        </ol>
      )}
      <div className="flex flex-col gap-1.5">
        <p className="font-medium">Redirect address to register</p>
        <CopyField text={address} />
      </div>
      {info.console_url && (
        <Button
          className="self-start"
          icon={ExternalLink}
          onClick={() =>
            void call("System.OpenLink", { url: info.console_url ?? "" }).catch(() =>
              toast("The browser could not be opened."),
            )
          }
        >
          Open {info.name}’s page
        </Button>
      )}
    </>
  );
}

function Added(props: { app: Client; agent: string; onClose: () => void }) {
  const { app, agent, onClose } = props;
  const { tone, text } = verdictOf(app);
  return (
    <Dialog
      title={`Your ${app.name} app is kept`}
      onClose={onClose}
      footer={
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <Notice tone={tone === "good" ? "good" : "calm"} live title={`${text}.`}>
        {app.check?.detail}
      </Notice>
      <p className="text-soft">
        {agent
          ? `${agent} may sign in with it now.`
          : "Under “Your apps” you say which agents may use it."}
      </p>
    </Dialog>
  );
}
