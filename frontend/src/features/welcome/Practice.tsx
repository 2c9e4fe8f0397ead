import { useCallback } from "react";
import { ArrowUpRight, LoaderCircle } from "lucide-react";
import { go, href } from "@/lib/route";
import { useSheets } from "@/lib/sheets";
import { Button } from "@/ui/Button";
import { Mark } from "@/ui/Mark";
import { Card } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Scopes } from "@/ui/Scopes";
import { Waiting } from "@/ui/Waiting";
import { Screen } from "./Screen";
import { useStory } from "./story";

export function Practice() {
  const showSheet = useSheets();
  const done = useCallback(() => go("welcome", "result"), []);
  const { step, problem, attempt, begin, stop } = useStory(done);
  const idle = step === "ready" || step === "failed";
  return (
    <Screen
      step={2}
      back={href("welcome")}
      title="A service that is only pretend"
      lead="It lives inside PIE Desktop. Your browser opens and asks whether the agent may read its notes. Choose Allow there."
    >
      <Card>
        <div className="flex items-start gap-4">
          <Mark id="practice" name="Practice" />
          <div className="min-w-0">
            <p className="font-semibold">Practice notes</p>
            <p className="text-soft">A sample agent that comes with PIE Desktop. It asks to:</p>
          </div>
        </div>
        <div className="mt-4 md:pl-14">
          <Scopes
            scopes={[
              { id: "notes.read", label: "Read the pretend notes", risk: "read" },
              { id: "notes.write", label: "Add pretend notes", risk: "write" },
            ]}
          />
        </div>
      </Card>
      {problem && (
        <ProblemNotice
          problem={problem}
          onRetry={() => void begin()}
          onUnlock={() => showSheet({ kind: "unlock" })}
        />
      )}
      {idle && (
        <Button
          look="primary"
          icon={ArrowUpRight}
          className="self-start"
          onClick={() => void begin()}
        >
          {step === "failed" ? "Try again" : "Open the browser"}
        </Button>
      )}
      {step === "asking" && (
        <>
          <Waiting attempt={attempt} who="The practice service" />
          <Button className="self-start" onClick={stop}>
            Cancel
          </Button>
        </>
      )}
      {(step === "preparing" || step === "running") && (
        <p role="status" className="flex items-center gap-3 text-soft">
          <LoaderCircle size={18} aria-hidden className="animate-spin" />
          {step === "preparing" ? "Getting ready…" : "You allowed it. The agent reads the notes…"}
        </p>
      )}
    </Screen>
  );
}
