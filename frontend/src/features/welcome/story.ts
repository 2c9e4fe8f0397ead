/** The practice story: pretend service, sample agent, sign-in, first run. */
import { useCallback, useState } from "react";
import { call, newOp, toFault, type Fault } from "@/lib/backend";
import { useConnect } from "@/lib/connect";

export const practiceAgent = "practice-notes";

export type Step = "ready" | "preparing" | "asking" | "running" | "failed";

export function useStory(onDone: () => void) {
  const [step, setStep] = useState<Step>("ready");
  const [problem, setProblem] = useState<Fault>();
  const { state, attempt, start, cancel, reset } = useConnect();

  const begin = useCallback(async () => {
    setProblem(undefined);
    setStep("preparing");
    try {
      await call("Practice.Start");
      await install();
      setStep("asking");
      // By loopback, because a link of our own scheme makes the browser ask once more.
      const connection = await start({
        agent: practiceAgent,
        service: "default",
        account: "",
        redirect: "loopback",
      });
      if (!connection) return;
      setStep("running");
      await call("Runs.Run", {
        op: newOp(),
        agent: practiceAgent,
        function: "handler",
        account: "",
        input: {},
        timeout_ms: 0,
        dry_run: false,
        attended: false,
      });
      onDone();
    } catch (reason) {
      setProblem(toFault(reason));
      setStep("failed");
    }
  }, [start, onDone]);

  const stop = () => {
    cancel();
    setStep("ready");
  };

  const failed = state.stage === "failed" ? state.problem : problem;
  return {
    step: failed ? ("failed" as const) : step,
    problem: failed,
    attempt,
    begin: () => {
      reset();
      return begin();
    },
    stop,
  };
}

/** Installs the sample unless it is there. What it may do stands on the screen. */
async function install() {
  const agents = await call("Agents.List");
  if (agents.some(({ name }) => name === practiceAgent)) return;
  const source = `sample:${practiceAgent}`;
  const { hash, hosts, api_hosts, calls } = await call("Agents.Inspect", { source });
  await call("Agents.Install", { source, hash, hosts, api_hosts, calls, clients: [], link: false });
}
