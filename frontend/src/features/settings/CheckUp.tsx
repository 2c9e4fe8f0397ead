import { useMutation } from "@tanstack/react-query";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { call } from "@/lib/backend";
import { Button } from "@/ui/Button";
import { Card, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { ofTheTerminal } from "@/lib/errors";

/** Looks at everything that signing in and running depend on. */
export function CheckUp() {
  const check = useMutation({ mutationFn: (fix: boolean) => call("System.Doctor", { fix }) });
  const checks = check.data?.checks ?? [];
  const broken = checks.some(({ ok }) => !ok);
  return (
    <Section
      title="Check-up"
      lead="Looks at keys, links, folders and the clock, and says what is wrong."
      actions={
        <Button size="sm" busy={check.isPending} onClick={() => check.mutate(false)}>
          {checks.length > 0 ? "Check again" : "Check now"}
        </Button>
      }
    >
      {check.error && <ProblemNotice problem={check.error} onRetry={() => check.mutate(false)} />}
      {checks.length > 0 && (
        <Card>
          <ul className="flex flex-col gap-3" aria-live="polite">
            {checks.map(({ code, ok, message, hint, fixed }) => (
              <li key={code} className="flex items-start gap-3">
                {ok ? (
                  <CircleCheck size={18} className="mt-0.5 shrink-0 text-good" aria-label="Fine:" />
                ) : (
                  <TriangleAlert
                    size={18}
                    className="mt-0.5 shrink-0 text-warn"
                    aria-label="Problem:"
                  />
                )}
                <div className="min-w-0 break-words">
                  <p>
                    {message}
                    {fixed && <span className="text-good"> It was repaired now.</span>}
                  </p>
                  {!ok && !ofTheTerminal(hint) && <p className="text-soft">{hint}</p>}
                </div>
              </li>
            ))}
          </ul>
          {broken && (
            <Button className="mt-4" busy={check.isPending} onClick={() => check.mutate(true)}>
              Repair what can be repaired
            </Button>
          )}
        </Card>
      )}
    </Section>
  );
}
