import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { SelectField } from "@/ui/Field";
import { Card, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Status } from "@/ui/Status";

/** The pretend service, and its ways to go wrong on purpose. */
export function PracticeCard() {
  const client = useQueryClient();
  const { data, error } = useQuery(queries.practice());
  const [fault, setFault] = useState("");
  const refresh = () => client.invalidateQueries(queries.practice());
  const start = useMutation({ mutationFn: () => call("Practice.Start"), onSuccess: refresh });
  const change = useMutation({
    mutationFn: () => call("Practice.Switch", { fault, times: 1 }),
    onSuccess: () => {
      toast("The next request meets it.");
      return refresh();
    },
  });
  const expire = useMutation({
    mutationFn: () => call("Practice.Expire"),
    onSuccess: () => toast("The access has run out. The next run renews it."),
  });
  const problem = error ?? start.error ?? change.error ?? expire.error;
  const faults = data?.faults ?? [];
  return (
    <Section
      title="Practice service"
      lead="A pretend service inside PIE Desktop. Make it fail to see what happens then."
    >
      <Card className="flex flex-col gap-5">
        <div className="flex flex-wrap items-center justify-between gap-4">
          <Status tone={data?.running ? "good" : "idle"}>
            {data?.running ? "Running" : "Not running"}
          </Status>
          {data && !data.running && (
            <Button size="sm" busy={start.isPending} onClick={() => start.mutate()}>
              Start it
            </Button>
          )}
          {data?.running && (
            <Button size="sm" busy={expire.isPending} onClick={() => expire.mutate()}>
              Let the access run out
            </Button>
          )}
        </div>
        {data?.running && faults.length > 0 && (
          <form
            className="flex flex-wrap items-end gap-2"
            onSubmit={(event) => {
              event.preventDefault();
              if (fault) change.mutate();
            }}
          >
            <div className="min-w-56 flex-1">
              <SelectField
                label="What goes wrong next"
                hint={faults.find(({ name }) => name === fault)?.text}
                value={fault}
                onChange={(event) => setFault(event.target.value)}
              >
                <option value="">Nothing</option>
                {faults.map(({ name, title }) => (
                  <option key={name} value={name}>
                    {title || name}
                  </option>
                ))}
              </SelectField>
            </div>
            <Button type="submit" busy={change.isPending} disabled={fault === ""}>
              Do it once
            </Button>
          </form>
        )}
        {problem && <ProblemNotice problem={problem} />}
      </Card>
    </Section>
  );
}
