import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { call, type Access, type Connection } from "@/lib/backend";
import { useNames } from "@/lib/hooks";
import { Button } from "@/ui/Button";
import { Choice } from "@/ui/Choice";
import { Dialog } from "@/ui/Dialog";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { accessWords, refOf, useProvider } from "./words";

/** How far the agent may go, whatever the service would allow. */
export function AccessSheet({
  connection,
  onClose,
}: {
  connection: Connection;
  onClose: () => void;
}) {
  const names = useNames();
  const { name: provider } = useProvider(connection);
  const [access, setAccess] = useState(connection.access);
  const save = useMutation({
    mutationFn: () => call("Connections.SetAccess", { ...refOf(connection), access }),
    onSuccess: onClose,
  });
  return (
    <Dialog
      title={`What ${names.agent(connection.agent)} may change`}
      lead={`At ${provider}. PIE Desktop checks every request.`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={save.isPending} onClick={() => save.mutate()}>
            Save
          </Button>
        </>
      }
    >
      <Choice
        label="Access"
        value={access}
        onChange={setAccess}
        options={(Object.keys(accessWords) as Access[]).map((value) => ({
          value,
          ...accessWords[value],
        }))}
      />
      {save.error && <ProblemNotice problem={save.error} />}
    </Dialog>
  );
}
