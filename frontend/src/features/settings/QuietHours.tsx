import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, type QuietHours as Hours } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { SwitchField, TextField } from "@/ui/Field";
import { Card, Loading, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";

const usual: Hours = { from: "22:00", to: "07:00" };
const none: Hours = { from: "", to: "" };

/** When no notification pops up. */
export function QuietHours() {
  const client = useQueryClient();
  const { data, error, isPending, refetch } = useQuery(queries.quiet());
  const save = useMutation({
    mutationFn: (hours: Hours) => call("Automations.SetQuiet", hours),
    onSuccess: (hours) => client.setQueryData(queries.quiet().queryKey, hours),
  });
  const on = data !== undefined && data.from !== "";
  return (
    <Section
      title="Quiet hours"
      lead="No notification pops up then. Messages wait in the inbox, and what runs by itself goes on."
    >
      {isPending && <Loading rows={1} />}
      {error && <ProblemNotice problem={error} onRetry={() => void refetch()} />}
      {data && (
        <Card className="flex flex-col gap-5">
          <SwitchField
            label="Keep quiet every day"
            hint={on ? `From ${data.from} to ${data.to}.` : "Notifications come at any time."}
            checked={on}
            onChange={(next) => save.mutate(next ? usual : none)}
          />
          {on && (
            <Times
              key={data.from + data.to}
              hours={data}
              busy={save.isPending}
              onSave={(hours) => save.mutate(hours, { onSuccess: () => toast("Saved.") })}
            />
          )}
          {save.error && <ProblemNotice problem={save.error} />}
        </Card>
      )}
    </Section>
  );
}

function Times(props: { hours: Hours; busy: boolean; onSave: (hours: Hours) => void }) {
  const { hours, busy, onSave } = props;
  const [from, setFrom] = useState(hours.from);
  const [to, setTo] = useState(hours.to);
  const whole = from !== "" && to !== "";
  const same = from === to && whole;
  return (
    <form
      className="flex flex-wrap items-end gap-x-3 gap-y-4 border-t border-line pt-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (whole && !same && !busy) onSave({ from, to });
      }}
    >
      <div className="w-32">
        <TextField
          type="time"
          label="From"
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
      </div>
      <div className="w-32">
        <TextField
          type="time"
          label="To"
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
      </div>
      <Button
        type="submit"
        busy={busy}
        disabled={!whole || same || (from === hours.from && to === hours.to)}
      >
        Save the hours
      </Button>
      {same && (
        <p role="status" className="basis-full text-sm text-bad">
          Choose two different times.
        </p>
      )}
    </form>
  );
}
