import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, newOp, type Model, type ModelChange } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { useNames } from "@/lib/hooks";
import { href } from "@/lib/route";
import { SwitchField } from "@/ui/Field";
import { Card, Loading, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { ModelForm } from "./ModelForm";

/** Which language model agents may ask, and who does. */
export function LanguageModel() {
  const client = useQueryClient();
  const { data, error, isPending, refetch } = useQuery(queries.model());
  const save = useMutation({
    mutationFn: (change: ModelChange) => call("AI.Set", change),
    onSuccess: (model) => client.setQueryData(queries.model().queryKey, model),
  });
  const test = useMutation({ mutationFn: () => call("AI.Models", { op: newOp() }) });
  return (
    <Section
      title="Language model"
      lead="Some agents ask one, to sum up a text for example. You choose which it is, or none."
    >
      {isPending && <Loading rows={2} />}
      {error && <ProblemNotice problem={error} onRetry={() => void refetch()} />}
      {data && (
        <>
          <Card className="flex flex-col gap-5">
            <SwitchField
              label="Let agents ask a language model"
              hint={data.off ? "No agent may ask one." : <Askers model={data} />}
              checked={!data.off}
              onChange={(on) => {
                test.reset();
                save.mutate({ off: !on });
              }}
            />
            {!data.off && (
              <ModelForm
                key={`${data.address} ${data.model} ${data.key_set}`}
                model={data}
                save={save}
                test={test}
              />
            )}
            {data.off && save.error && <ProblemNotice problem={save.error} />}
          </Card>
        </>
      )}
    </Section>
  );
}

function Askers({ model }: { model: Model }) {
  const names = useNames();
  if (model.agents.length === 0) return "None of your agents asks one.";
  return (
    <>
      Asked by{" "}
      {model.agents.map((name, index) => (
        <span key={name}>
          {index > 0 && ", "}
          <a
            href={href("agents", name)}
            className="rounded-sm text-accent-text underline decoration-line-strong underline-offset-4 hover:decoration-current"
          >
            {names.agent(name)}
          </a>
        </span>
      ))}
      .
    </>
  );
}
