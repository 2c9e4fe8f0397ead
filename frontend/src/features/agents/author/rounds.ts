/** Runs of an agent that is being written: one for each saved input, the newest round counts. */
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  call,
  newOp,
  subscribe,
  toFault,
  type DevResult,
  type Fault,
  type Finding,
  type SavedInput,
  type StudioFolder,
} from "@/lib/backend";

export type Mode = "practice" | "replay" | "live" | "record";

export interface How {
  mode: Mode;
  dry: boolean;
}

export interface Outcome {
  input: string;
  result: DevResult;
}

interface Round {
  busy: boolean;
  outcomes: Outcome[];
  findings: Finding[] | undefined;
  problem: Fault | undefined;
}

const none: Round = { busy: false, outcomes: [], findings: undefined, problem: undefined };

/** Nothing leaves the program in these, so that they may run by themselves. */
export const harmless = (mode: Mode) => mode === "practice" || mode === "replay";

const requestOf = (folder: string, { mode, dry }: How, input: SavedInput) => ({
  folder,
  function: input.function,
  account: "",
  input: input.input,
  timeout_ms: 0,
  dry_run: dry && !harmless(mode),
  record: mode === "record",
  replay: mode === "replay",
  practice: mode === "practice",
  name: input.name,
});

const inputsOf = ({ inputs }: StudioFolder): SavedInput[] =>
  inputs.length > 0 ? inputs : [{ name: "default", function: "", input: {} }];

/** The folder as it is, watched for as long as the page is open. */
export function useFolder(folder: string) {
  const client = useQueryClient();
  const [problem, setProblem] = useState<Fault>();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    let left = false;
    const opened = call("Studio.Open", { folder }).then(
      (data) => {
        if (left) return;
        client.setQueryData(["studio", folder], data);
        setProblem(undefined);
        setOpen(true);
      },
      (reason: unknown) => !left && setProblem(toFault(reason)),
    );
    return () => {
      left = true;
      void opened.then(() => call("Studio.Close", { folder })).catch(() => null);
    };
  }, [client, folder]);
  const look = useQuery({
    queryKey: ["studio", folder],
    queryFn: () => call("Studio.Look", { folder }),
    enabled: open,
  });
  return { data: look.data, problem: problem ?? look.error ?? undefined };
}

/** Runs at every save, where that was begun or can do no harm. */
export function useRounds(folder: string, how: How, data: StudioFolder | undefined) {
  const client = useQueryClient();
  const [round, setRound] = useState<Round>(none);
  // What the person pressed: how often, and in which mode.
  const [pressed, setPressed] = useState<{ times: number; mode?: Mode }>({ times: 0 });
  const heard = useRef(0);
  const newest = useRef(0);
  const op = useRef("");
  const agreed = data?.in_place ?? false;
  const allowed = harmless(how.mode) || agreed;
  const byItself = harmless(how.mode) || (how.mode === "live" && pressed.mode === "live");

  const stop = () => {
    newest.current++;
    if (op.current) void call("Operations.Cancel", { op: op.current }).catch(() => null);
    setRound((before) => ({ ...before, busy: false }));
  };

  const begin = useEffectEvent(async (run: boolean) => {
    stop();
    const mine = newest.current;
    const put = (part: Partial<Round>) => {
      if (mine === newest.current) setRound((before) => ({ ...before, ...part }));
    };
    put({ busy: run });
    const outcomes: Outcome[] = [];
    try {
      const found = await client.fetchQuery({
        queryKey: ["studio", folder],
        queryFn: () => call("Studio.Look", { folder }),
        staleTime: 0,
      });
      if (!run) put({ outcomes, findings: await call("Agents.Check", { source: folder }) });
      for (const input of run ? inputsOf(found) : []) {
        if (mine !== newest.current) return;
        op.current = newOp();
        const request = { op: op.current, ...requestOf(folder, how, input) };
        const result = await call("Runs.Dev", request);
        outcomes.push({ input: input.name, result });
        put({ outcomes: [...outcomes], findings: result.findings, problem: undefined });
        if (!result.run) break;
      }
      put({ busy: false, problem: undefined });
    } catch (reason) {
      put({ busy: false, outcomes, problem: toFault(reason) });
    }
  });

  const saved = useEffectEvent(() => {
    const asked = heard.current !== pressed.times;
    heard.current = pressed.times;
    void begin((asked || byItself) && allowed);
  });
  useEffect(
    () =>
      subscribe((event) => {
        if (event.kind === "studio" && event.id === folder) saved();
      }),
    [folder],
  );
  const ready = data !== undefined;
  useEffect(() => {
    if (ready) saved();
  }, [ready, agreed, how.mode, how.dry, pressed.times]);
  useEffect(() => () => void newest.current++, []);

  const press = () => setPressed(({ times }) => ({ times: times + 1, mode: how.mode }));
  return { round, stop, allowed, byItself, press };
}
