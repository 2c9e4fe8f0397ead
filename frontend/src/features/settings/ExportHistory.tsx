import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, type ExportContents } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { bytes, count } from "@/lib/format";
import { useNames } from "@/lib/hooks";
import { useSheets } from "@/lib/sheets";
import { Button } from "@/ui/Button";
import { SelectField, SwitchField, TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Card, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { CopyField, Time } from "@/ui/Text";

/** Runs as a file to take along, with what it would hold said before. */
export function ExportHistory() {
  const names = useNames();
  const client = useQueryClient();
  const showSheet = useSheets();
  const agents = useQuery(queries.agents());
  const place = useQuery(queries.exportPlace());
  const [agent, setAgent] = useState("");
  const [days, setDays] = useState(0);
  const [results, setResults] = useState(false);
  const [typed, setTyped] = useState<string>();
  const of = { agent, days, results };
  const preview = useQuery({ ...queries.exported(of), placeholderData: (before) => before });
  const file = (typed ?? place.data?.file ?? "").trim();
  const write = useMutation({
    mutationFn: (file: string) => call("Runs.Export", { ...of, file }),
    onSuccess: () => {
      setTyped(undefined);
      void client.invalidateQueries(queries.exportPlace());
    },
  });
  const nothing = preview.data?.runs === 0;
  return (
    <Section
      title="Take it along"
      lead="Writes runs to a file, a line each, that other programs can read."
    >
      <Card>
        <form
          className="flex flex-col gap-5"
          onSubmit={(event) => {
            event.preventDefault();
            if (!write.isPending && file !== "" && !nothing) write.mutate(file);
          }}
        >
          <div className="flex flex-wrap gap-3">
            <div className="min-w-40 flex-1">
              <SelectField
                label="Of which agent"
                value={agent}
                onChange={(event) => setAgent(event.target.value)}
              >
                <option value="">All agents</option>
                {agents.data?.map(({ name }) => (
                  <option key={name} value={name}>
                    {names.agent(name)}
                  </option>
                ))}
              </SelectField>
            </div>
            <div className="min-w-40 flex-1">
              <SelectField
                label="From when"
                value={days}
                onChange={(event) => setDays(Number(event.target.value))}
              >
                <option value={0}>From the beginning</option>
                <option value={7}>The last week</option>
                <option value={30}>The last 30 days</option>
                <option value={365}>The last year</option>
              </SelectField>
            </div>
          </div>
          <SwitchField
            label="With what went in and what came out"
            hint="That may be your mail and other private things. Whoever has the file can read it."
            checked={results}
            onChange={setResults}
          />
          {preview.error ? (
            <ProblemNotice
              problem={preview.error}
              onRetry={() => void preview.refetch()}
              onUnlock={() => showSheet({ kind: "unlock" })}
            />
          ) : (
            preview.data && <Preview contents={preview.data} />
          )}
          <TextField
            label="File"
            hint="It must not be there yet."
            spellCheck={false}
            value={typed ?? place.data?.file ?? ""}
            onChange={(event) => setTyped(event.target.value)}
          />
          {write.error && <ProblemNotice problem={write.error} />}
          {write.data && (
            <div className="flex flex-col gap-2">
              <Notice
                tone="good"
                live
                title={`${count(write.data.runs, "run")} written, ${bytes(write.data.bytes)}`}
              >
                Keep the file where only you can read it.
              </Notice>
              <CopyField text={write.variables} />
            </div>
          )}
          <Button
            type="submit"
            className="self-start"
            busy={write.isPending}
            disabled={file === "" || nothing || !preview.data}
          >
            Write the file
          </Button>
        </form>
      </Card>
    </Section>
  );
}

function Preview({ contents }: { contents: ExportContents }) {
  const { runs, agents, from, to, bytes: size, fields } = contents;
  if (runs === 0) return <p className="text-soft">There is nothing to write yet.</p>;
  return (
    <div className="rounded-md bg-sunken px-4 py-3" role="status">
      <p className="font-medium">
        {count(runs, "run")} of {count(Object.keys(agents).length, "agent")}, {bytes(size)}
      </p>
      <p className="text-sm text-soft">
        {from && to && (
          <>
            From <Time at={from} /> to <Time at={to} />.{" "}
          </>
        )}
        Of each run: {fields.map((each) => each.replaceAll("_", " ")).join(", ")}.
      </p>
    </div>
  );
}
