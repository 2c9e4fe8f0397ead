import { useId, useState } from "react";
import { type UseMutationResult } from "@tanstack/react-query";
import { type Fault, type Model, type ModelChange } from "@/lib/backend";
import { useSheets } from "@/lib/sheets";
import { count } from "@/lib/format";
import { Button, TextButton } from "@/ui/Button";
import { Choice } from "@/ui/Choice";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Status } from "@/ui/Status";

interface FormProps {
  model: Model;
  save: UseMutationResult<Model, Fault, ModelChange>;
  test: UseMutationResult<string[], Fault, void>;
}

type Where = "here" | "elsewhere";

const hostOf = (address: string) => {
  try {
    return new URL(address).host;
  } catch {
    return "";
  }
};

/** Where the model is, which of the server's it is, and the key of the account there. */
export function ModelForm({ model, save, test }: FormProps) {
  const showSheet = useSheets();
  const names = useId();
  const [where, setWhere] = useState<Where>(model.local ? "here" : "elsewhere");
  const [address, setAddress] = useState(model.local ? "" : model.address);
  const [port, setPort] = useState(model.local ? model.address : "");
  const [name, setName] = useState(model.model);
  const [key, setKey] = useState("");
  const [changing, setChanging] = useState(!model.key_set);
  const here = where === "here";
  const wanted = (here ? port : address).trim();
  const moved = wanted !== model.address && !(here && wanted === "" && model.local);
  const dirty = moved || name.trim() !== model.model || key !== "";
  const submit = () => {
    const change: ModelChange = { address: wanted, model: name.trim() };
    if (key !== "") change.key = key;
    save.mutate(change, {
      onSuccess: () => {
        setKey("");
        test.mutate();
      },
    });
  };
  const ready = here || wanted !== "";
  return (
    <form
      noValidate
      className="flex flex-col gap-5 border-t border-line pt-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready || save.isPending || test.isPending) return;
        if (dirty) submit();
        else test.mutate();
      }}
    >
      <Choice<Where>
        label="Where the model is"
        value={where}
        onChange={(next) => {
          setWhere(next);
          save.reset();
        }}
        options={[
          {
            value: "here",
            label: "On this computer",
            hint: "What agents ask does not leave it. A program that runs models has to be started here.",
          },
          {
            value: "elsewhere",
            label: "At a service",
            hint: "What agents ask goes there. You need an account and a key of that service.",
          },
        ]}
      />
      {here ? (
        <TextField
          label="Address on this computer"
          optional
          hint="Only if the program listens somewhere else than usual."
          placeholder="http://127.0.0.1:11434/v1"
          spellCheck={false}
          value={port}
          onChange={(event) => setPort(event.target.value)}
        />
      ) : (
        <TextField
          label="Address of the service"
          hint="The service names it in its documentation. Most end in /v1."
          placeholder="https://api.example.com/v1"
          spellCheck={false}
          value={address}
          onChange={(event) => setAddress(event.target.value)}
        />
      )}
      <TextField
        label="Model"
        optional
        hint="Left empty, the first one there is asked."
        spellCheck={false}
        list={names}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <datalist id={names}>
        {test.data?.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <Key
        set={model.key_set && !changing}
        moved={model.key_set && hostOf(wanted) !== hostOf(model.address) && moved}
        value={key}
        onValue={setKey}
        onChange={() => setChanging(true)}
        onRemove={() => save.mutate({ key: "" })}
      />
      {save.error && (
        <ProblemNotice problem={save.error} onUnlock={() => showSheet({ kind: "unlock" })} />
      )}
      {test.error && (
        <ProblemNotice problem={test.error} onUnlock={() => showSheet({ kind: "unlock" })} />
      )}
      {test.data && !dirty && <Answer models={test.data} wanted={model.model} />}
      <Button
        type="submit"
        className="self-start"
        busy={save.isPending || test.isPending}
        disabled={!ready}
      >
        {dirty ? "Save and test" : "Test it"}
      </Button>
    </form>
  );
}

interface KeyProps {
  set: boolean;
  moved: boolean;
  value: string;
  onValue: (value: string) => void;
  onChange: () => void;
  onRemove: () => void;
}

function Key({ set, moved, value, onValue, onChange, onRemove }: KeyProps) {
  if (set && !moved) {
    return (
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <span>
          <span className="block font-medium">Key</span>
          <Status tone="good">Set</Status>
        </span>
        <span className="flex gap-4 text-sm">
          <TextButton aria-label="Change the key" onClick={onChange}>
            Change
          </TextButton>
          <TextButton aria-label="Remove the key" onClick={onRemove}>
            Remove
          </TextButton>
        </span>
      </div>
    );
  }
  return (
    <TextField
      type="password"
      label="Key"
      optional
      autoComplete="off"
      hint={
        moved
          ? "The key you gave belongs to the other address and is forgotten. Give the one for this address."
          : "It is sealed here, goes to this address alone and is never shown again."
      }
      value={value}
      onChange={(event) => onValue(event.target.value)}
    />
  );
}

function Answer({ models, wanted }: { models: string[]; wanted: string }) {
  if (models.length === 0) {
    return (
      <Notice tone="warning" live title="It answers, but has no model yet">
        Add one there, then test again.
      </Notice>
    );
  }
  if (wanted !== "" && !models.includes(wanted)) {
    return (
      <Notice tone="warning" live title={`It answers, but does not name “${wanted}”`}>
        It has {models.slice(0, 8).join(", ")}
        {models.length > 8 && ` and ${models.length - 8} more`}.
      </Notice>
    );
  }
  return (
    <Notice tone="good" live title="It answers">
      {wanted || models[0]} is asked, of {count(models.length, "model")} there.
    </Notice>
  );
}
