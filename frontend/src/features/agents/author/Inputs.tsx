import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { call, type Json, type SavedInput } from "@/lib/backend";
import { hintOf } from "@/lib/errors";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { TextAreaField, TextField } from "@/ui/Field";
import { Fold } from "@/ui/Page";

/** The inputs that every save runs with, and a form for one more. */
export function Inputs({ folder, inputs }: { folder: string; inputs: SavedInput[] }) {
  return (
    <div className="flex flex-col gap-3">
      {inputs.length === 0 ? (
        <p className="text-soft">None yet: it runs with an empty input.</p>
      ) : (
        <ul className="flex flex-col gap-1">
          {inputs.map(({ name, input }) => (
            <li key={name} className="min-w-0">
              <span className="font-medium break-words">{name}</span>
              <code className="block truncate font-mono text-xs text-faint">
                {JSON.stringify(input)}
              </code>
            </li>
          ))}
        </ul>
      )}
      <Fold title="Save an input">
        <Form folder={folder} />
      </Fold>
    </div>
  );
}

function Form({ folder }: { folder: string }) {
  const [name, setName] = useState("");
  const [text, setText] = useState("{}");
  const [wrong, setWrong] = useState<string>();
  const keep = useMutation({
    mutationFn: (input: Json) => call("Studio.KeepInput", { folder, name: name.trim(), input }),
    onSuccess: () => toast("Saved. It runs with it from now on."),
  });
  const submit = () => {
    try {
      const input = JSON.parse(text) as Json;
      setWrong(undefined);
      keep.mutate(input);
    } catch {
      setWrong("This is no JSON.");
    }
  };
  return (
    <form
      noValidate
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!keep.isPending) submit();
      }}
    >
      <TextField
        label="Name"
        hint="NAME.onWebhook runs another function."
        value={name}
        error={keep.error ? `${keep.error.message} ${hintOf(keep.error)}` : undefined}
        onChange={(event) => setName(event.target.value)}
      />
      <TextAreaField
        label="Input"
        className="font-mono text-sm"
        value={text}
        error={wrong}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" className="self-start" busy={keep.isPending} disabled={!name.trim()}>
        Save input
      </Button>
    </form>
  );
}
