import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { ProblemNotice } from "@/ui/ProblemNotice";

/** Asks for the passphrase, or asks the keyring or the key file again. */
export function UnlockSheet({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const vault = useQuery(queries.vault());
  const [passphrase, setPassphrase] = useState("");
  const asks = vault.data?.source === "passphrase";
  const unlock = useMutation({
    mutationFn: () => call("Vault.Unlock", { passphrase: asks ? passphrase : "" }),
    onSuccess: async () => {
      setPassphrase("");
      await client.invalidateQueries();
      toast("Your keys are open.");
      onClose();
    },
  });
  const submit = () => {
    if (!unlock.isPending && (!asks || passphrase !== "")) unlock.mutate();
  };
  return (
    <Dialog
      title="Unlock your keys"
      lead={
        asks
          ? "The passphrase opens what is sealed on this computer."
          : vault.data?.source === "keyfile"
            ? "The key file is read again."
            : "Your system’s keyring is asked again. It may show a window of its own."
      }
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button
            look="primary"
            busy={unlock.isPending}
            disabled={asks && passphrase === ""}
            onClick={submit}
          >
            Unlock
          </Button>
        </>
      }
    >
      {asks && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <TextField
            type="password"
            label="Passphrase"
            value={passphrase}
            onChange={(event) => setPassphrase(event.target.value)}
          />
        </form>
      )}
      {unlock.error && <ProblemNotice problem={unlock.error} onUnlock={undefined} />}
    </Dialog>
  );
}
