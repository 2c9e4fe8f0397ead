import { type Finding } from "@/lib/backend";
import { count } from "@/lib/format";
import { Card, Section } from "@/ui/Page";
import { Status, type StatusTone } from "@/ui/Status";

const levels: Record<Finding["level"], { tone: StatusTone; word: string }> = {
  error: { tone: "bad", word: "Must change" },
  warning: { tone: "warn", word: "Better changed" },
  note: { tone: "idle", word: "Good to know" },
};

/** What is to be said of the code: where, why and what to do. */
export function Findings({ findings }: { findings: Finding[] | undefined }) {
  if (!findings) return null;
  const errors = findings.filter(({ level }) => level === "error").length;
  return (
    <Section
      title="Code"
      lead={
        findings.length === 0
          ? "Nothing to find fault with."
          : errors > 0
            ? `It cannot run: ${count(errors, "mistake")}.`
            : `It can run. ${count(findings.length, "remark")}.`
      }
    >
      {findings.length > 0 && (
        <Card>
          <ul aria-live="polite" className="flex flex-col divide-y divide-line">
            {findings.map((each, index) => (
              <One key={index} finding={each} />
            ))}
          </ul>
        </Card>
      )}
    </Section>
  );
}

function One({ finding }: { finding: Finding }) {
  const { file, line, column, level, message, fix } = finding;
  const { tone, word } = levels[level];
  return (
    <li className="flex flex-col gap-1 py-3 first:pt-0 last:pb-0">
      <p className="flex flex-wrap items-center justify-between gap-x-4">
        <Status tone={tone}>{word}</Status>
        {file && (
          <code className="font-mono text-xs break-all text-soft">
            {[file, line || "", line && column ? column : ""].filter(Boolean).join(":")}
          </code>
        )}
      </p>
      <p className="break-words">{message}</p>
      {fix && <p className="text-sm break-words text-soft">{fix}</p>}
    </li>
  );
}
