import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { call, toFault, type AgentDetail, type Json } from "@/lib/backend";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { TextAreaField } from "@/ui/Field";
import { Fold } from "@/ui/Page";

/** Preferences that the agent reads. It alone knows which, so they are free text. */
export function ConfigForm({ detail }: { detail: AgentDetail }) {
  const before = detail.user_config ? JSON.stringify(detail.user_config, null, 2) : "{}";
  const [text, setText] = useState(before);
  const save = useMutation({
    mutationFn: async () => {
      const config = parse(text);
      return call("Agents.SetConfig", { agent: detail.agent.name, config });
    },
    onSuccess: () => toast("Saved."),
  });
  return (
    <Fold title="Preferences for this agent">
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextAreaField
          label="Preferences"
          hint='As JSON, for example {"city": "Oslo"}. The agent’s description says what it reads.'
          className="font-mono text-sm"
          value={text}
          error={save.error?.message}
          onChange={(event) => setText(event.target.value)}
        />
        <Button
          type="submit"
          className="self-start"
          busy={save.isPending}
          disabled={text === before}
        >
          Save
        </Button>
      </form>
    </Fold>
  );
}

function parse(text: string): Json {
  try {
    const value = JSON.parse(text) as Json;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below, in the same words.
  }
  throw toFault({ code: "invalid", message: "This is no JSON object in curly braces.", hint: "" });
}
