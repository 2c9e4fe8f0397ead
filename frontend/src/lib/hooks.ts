import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { useQuery } from "@tanstack/react-query";
import { type Agent } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { words } from "./schema";

/** The time, renewed every half minute, for relative times on the screen. */
const clock = {
  now: Date.now(),
  listeners: new Set<() => void>(),
  timer: 0,
};

function listenToClock(changed: () => void) {
  clock.listeners.add(changed);
  if (clock.listeners.size === 1) {
    clock.now = Date.now();
    clock.timer = window.setInterval(() => {
      clock.now = Date.now();
      clock.listeners.forEach((listener) => listener());
    }, 30_000);
  }
  return () => {
    clock.listeners.delete(changed);
    if (clock.listeners.size === 0) window.clearInterval(clock.timer);
  };
}

export const useNow = () => useSyncExternalStore(listenToClock, () => clock.now);

/** True once `ms` have passed since `active` became true. */
export function useAfter(ms: number, active: boolean): boolean {
  const [passed, setPassed] = useState(false);
  useEffect(() => {
    if (!active) return;
    const timer = window.setTimeout(() => setPassed(true), ms);
    return () => {
      window.clearTimeout(timer);
      setPassed(false);
    };
  }, [ms, active]);
  return passed && active;
}

/** The value as it was once it had not changed for `ms`. */
export function useSettled<T>(value: T, ms: number): T {
  const text = JSON.stringify(value);
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(text), ms);
    return () => window.clearTimeout(timer);
  }, [text, ms]);
  return JSON.parse(settled) as T;
}

/** Copies a text; `copied` is true for two seconds afterwards. */
export function useCopy(): { copied: boolean; copy: (text: string) => void } {
  const [copied, setCopied] = useState(0);
  useEffect(() => {
    if (copied === 0) return;
    const timer = window.setTimeout(() => setCopied(0), 2000);
    return () => window.clearTimeout(timer);
  }, [copied]);
  const copy = useCallback((text: string) => {
    void writeClipboard(text).then(() => setCopied(Date.now()));
  }, []);
  return { copied: copied !== 0, copy };
}

// Some web views have no clipboard outside https; the old way works there.
async function writeClipboard(text: string) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

/** Names of agents and providers in the words their makers chose. */
export function useNames() {
  const agents = useQuery(queries.agents());
  const providers = useQuery(queries.providers());
  return {
    agent: (name: string) =>
      agents.data?.find((each: Agent) => each.name === name)?.display_name || words(name),
    provider: (id: string) =>
      providers.data?.find((each) => each.id === id)?.name ?? (id === "" ? "" : words(id)),
  };
}
