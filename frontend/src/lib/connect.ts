/** One sign-in from the click to its end, however it ends. */
import { useCallback, useEffect, useRef, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import {
  call,
  newOp,
  toFault,
  type Attempt,
  type Connection,
  type Fault,
  type RedirectKind,
} from "@/lib/backend";

export type ConnectState =
  | { stage: "idle" }
  | { stage: "waiting"; op: string }
  | { stage: "done"; connection: Connection }
  | { stage: "failed"; problem: Fault };

interface Wish {
  agent: string;
  service: string;
  account: string;
  redirect?: RedirectKind | "";
  params?: Record<string, string>;
}

export interface Connecting {
  state: ConnectState;
  attempt: Attempt | undefined;
  start: (wish: Wish) => Promise<Connection | undefined>;
  cancel: () => void;
  reset: () => void;
}

export function useConnect(): Connecting {
  const [state, setState] = useState<ConnectState>({ stage: "idle" });
  const op = state.stage === "waiting" ? state.op : "";
  const current = useRef("");

  // Rejects until the attempt is known; the event or the next look finds it.
  const attempt = useQuery({
    queryKey: ["attempt", op],
    queryFn: () => call("Connections.Attempt", { op }),
    enabled: op !== "",
    refetchInterval: (query) => (query.state.data?.url ? false : 500),
  });

  const start = useCallback(async ({ redirect = "", params = {}, ...wish }: Wish) => {
    const op = newOp();
    current.current = op;
    setState({ stage: "waiting", op });
    try {
      const connection = await call("Connections.Connect", {
        ...wish,
        op,
        redirect,
        params,
        no_browser: false,
        timeout_ms: 600_000,
      });
      if (current.current !== op) return undefined;
      setState({ stage: "done", connection });
      return connection;
    } catch (reason) {
      const problem = toFault(reason);
      if (current.current === op) {
        setState(problem.code === "canceled" ? { stage: "idle" } : { stage: "failed", problem });
      }
      return undefined;
    } finally {
      if (current.current === op) current.current = "";
    }
  }, []);

  const cancel = useCallback(() => {
    const op = current.current;
    current.current = "";
    setState({ stage: "idle" });
    if (op !== "") void call("Operations.Cancel", { op }).catch(() => undefined);
  }, []);

  // Leaving the screen leaves no sign-in behind.
  useEffect(
    () => () => {
      if (current.current !== "") {
        void call("Operations.Cancel", { op: current.current }).catch(() => undefined);
      }
    },
    [],
  );

  return {
    state,
    attempt: op === "" ? undefined : attempt.data,
    start,
    cancel,
    reset: () => setState({ stage: "idle" }),
  };
}
