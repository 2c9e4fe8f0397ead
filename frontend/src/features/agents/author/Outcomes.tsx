import { type ComponentType } from "react";
import { type Run } from "@/lib/backend";
import { duration } from "@/lib/format";
import { Card, Fold, Section } from "@/ui/Page";
import { Exchanges } from "./Exchanges";
import { type Mode, type Outcome } from "./rounds";

interface OutcomesProps {
  outcomes: Outcome[];
  mode: Mode;
  RunView: ComponentType<{ run: Run }>;
}

/** One card for each saved input. */
export function Outcomes({ outcomes, mode, RunView }: OutcomesProps) {
  return outcomes.map(({ input, result }) => {
    const { run, exchanges, cassette, compile_ms, total_ms } = result;
    if (!run) return null;
    return (
      <Section
        key={input}
        title={input === "default" ? "With an empty input" : `With ${input}`}
        lead={`Compiled in ${duration(compile_ms)}, all in ${duration(total_ms)}.`}
      >
        <Card className="flex flex-col gap-5">
          <RunView key={run.id} run={run} />
          <Fold title={`What it asked and was told (${exchanges.length})`}>
            <Exchanges exchanges={exchanges} />
          </Fold>
          {mode === "record" && (
            <p className="text-sm text-soft break-words">
              {cassette
                ? `Recorded in ${cassette}. Look at it before you hand it on.`
                : "Nothing was recorded, because the run did not come to its own end."}
            </p>
          )}
        </Card>
      </Section>
    );
  });
}
