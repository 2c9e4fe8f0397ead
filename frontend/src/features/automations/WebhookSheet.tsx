import { useMutation, useQuery } from "@tanstack/react-query";
import { call, type Automation } from "@/lib/backend";
import { useNames } from "@/lib/hooks";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { Loading } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { CopyField } from "@/ui/Text";

/** The secret address of an automation that another program starts. */
export function WebhookSheet(props: { automation: Automation; onClose: () => void }) {
  const { automation, onClose } = props;
  const names = useNames();
  const id = automation.id;
  const known = useQuery({
    queryKey: ["webhook", id],
    queryFn: () => call("Automations.Webhook", { id, renew: false }),
    gcTime: 0,
  });
  const renew = useMutation({
    mutationFn: () => call("Automations.Webhook", { id, renew: true }),
  });
  const webhook = renew.data ?? known.data;
  return (
    <Dialog
      title="Its secret address"
      lead={`A program on this computer that knows the address can start ${names.agent(automation.agent)}.`}
      onClose={onClose}
      footer={
        <>
          <Button busy={renew.isPending} onClick={() => renew.mutate()}>
            Make a new address
          </Button>
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      {known.isPending && <Loading rows={1} />}
      {(renew.error ?? known.error) && <ProblemNotice problem={(renew.error ?? known.error)!} />}
      {webhook && (
        <>
          <CopyField text={webhook.url} />
          {webhook.problem ? (
            <Notice tone="warning" title="Nobody listens there at the moment">
              {webhook.problem}
            </Notice>
          ) : (
            <p className="text-soft">
              Keep it like a password. With a new address the old one stops working.
            </p>
          )}
        </>
      )}
    </Dialog>
  );
}
