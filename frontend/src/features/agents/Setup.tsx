import { useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { call, type AgentDetail, type ConnectSheet, type Secret } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { useSheets } from "@/lib/sheets";
import { toast } from "@/lib/toast";
import { Button, TextButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { Card, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Status } from "@/ui/Status";
import { CopyField } from "@/ui/Text";

/** What a person does once: register at the service, put the values here. */
export function Setup({ detail }: { detail: AgentDetail }) {
  const { agent } = detail;
  const missing = agent.secrets.some(({ required, set }) => required && !set);
  return (
    <Section
      title={missing ? "Set it up once" : "Values"}
      lead="Values are sealed on this computer. They are never shown again."
    >
      <Card className="flex flex-col gap-6">
        {agent.services
          .filter(({ provider }) => provider !== "practice")
          .map(({ key }) => (
            <Steps key={key} agent={agent.name} service={key} open={missing} />
          ))}
        <ul className="flex flex-col gap-6">
          {agent.secrets.map((secret) => (
            <SecretRow
              key={secret.name}
              agent={agent.name}
              title={agent.display_name}
              secret={secret}
            />
          ))}
        </ul>
      </Card>
    </Section>
  );
}

function Steps(props: { agent: string; service: string; open: boolean }) {
  const of = { agent: props.agent, service: props.service, account: "" };
  const { data } = useQuery(queries.preview(of));
  if (!data) return null;
  const redirect = data.redirects.find(({ preferred }) => preferred) ?? data.redirects[0];
  const address = redirect?.address ?? "";
  // Where steps are known they name the address if the service wants to know it.
  const asked = data.setup.length === 0 || data.setup.some((step) => step.includes(address));
  return (
    <div className="flex flex-col gap-4">
      {props.open && data.setup.length > 0 && (
        <ol className="list-decimal pl-5 marker:text-faint">
          {data.setup.map((step) => (
            <li key={step} className="py-0.5 pl-1 break-words">
              {step}
            </li>
          ))}
        </ol>
      )}
      {address && (
        <div className="flex flex-col gap-1.5">
          <p className="font-medium">
            {asked ? "Redirect address to register" : "Redirect address, if you are asked for one"}
          </p>
          <CopyField text={address} />
        </div>
      )}
      {props.open && <Console sheet={data} />}
    </div>
  );
}

function Console({ sheet }: { sheet: ConnectSheet }) {
  const url = sheet.provider.console_url;
  if (!url) return null;
  return (
    <Button
      className="self-start"
      icon={ExternalLink}
      onClick={() =>
        void call("System.OpenLink", { url }).catch(() => toast("The browser could not be opened."))
      }
    >
      Open {sheet.provider.name}’s page
    </Button>
  );
}

function SecretRow(props: { agent: string; title: string; secret: Secret }) {
  const { agent, secret } = props;
  const [changing, setChanging] = useState(false);
  const [removing, setRemoving] = useState(false);
  if (secret.set && !changing) {
    return (
      <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <span className="min-w-0">
          <span className="block font-medium break-words">{secret.description || secret.name}</span>
          <Status tone="good">Set</Status>
        </span>
        <span className="flex gap-4 text-sm">
          <TextButton aria-label={`Change ${secret.name}`} onClick={() => setChanging(true)}>
            Change
          </TextButton>
          <TextButton aria-label={`Remove ${secret.name}`} onClick={() => setRemoving(true)}>
            Remove
          </TextButton>
        </span>
        {removing && <RemoveSecret {...props} onClose={() => setRemoving(false)} />}
      </li>
    );
  }
  return (
    <li>
      <SecretForm
        agent={agent}
        secret={secret}
        onDone={() => setChanging(false)}
        onCancel={changing ? () => setChanging(false) : undefined}
      />
    </li>
  );
}

interface FormProps {
  agent: string;
  secret: Secret;
  onDone: () => void;
  onCancel?: () => void;
}

function SecretForm({ agent, secret, onDone, onCancel }: FormProps) {
  const [value, setValue] = useState("");
  const showSheet = useSheets();
  const save = useMutation({
    mutationFn: () => call("Agents.SecretSet", { agent, name: secret.name, value }),
    onSuccess: () => {
      setValue("");
      toast("Saved.");
      onDone();
    },
  });
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (value !== "" && !save.isPending) save.mutate();
      }}
    >
      <div className="flex items-end gap-2">
        <div className="min-w-0 flex-1">
          <TextField
            type="password"
            label={secret.description || secret.name}
            hint={secret.description ? secret.name : undefined}
            optional={!secret.required}
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        </div>
        <Button
          type="submit"
          busy={save.isPending}
          disabled={value === ""}
          aria-label={`Save ${secret.name}`}
        >
          Save
        </Button>
        {onCancel && (
          <Button look="quiet" onClick={onCancel}>
            Cancel
          </Button>
        )}
      </div>
      {save.error && (
        <ProblemNotice problem={save.error} onUnlock={() => showSheet({ kind: "unlock" })} />
      )}
    </form>
  );
}

function RemoveSecret(props: {
  agent: string;
  title: string;
  secret: Secret;
  onClose: () => void;
}) {
  const { agent, title, secret, onClose } = props;
  const remove = useMutation({
    mutationFn: () => call("Agents.SecretRemove", { agent, name: secret.name }),
    onSuccess: onClose,
  });
  return (
    <Dialog
      title={`Remove ${secret.name}?`}
      lead={
        secret.required
          ? `${title} stops working until you give it a new value: it can neither run nor renew its access.`
          : `${title} goes on without it.`
      }
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Remove
          </Button>
        </>
      }
    >
      {remove.error && <ProblemNotice problem={remove.error} />}
      <p className="text-soft">The value is destroyed here. At the service nothing changes.</p>
    </Dialog>
  );
}
