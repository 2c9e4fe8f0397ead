/** Short words after something was done. Problems never go here: they stay where they are. */
import { useSyncExternalStore } from "react";

export interface Toast {
  id: number;
  text: string;
}

const state = { toasts: [] as Toast[], next: 1, listeners: new Set<() => void>() };

function set(toasts: Toast[]) {
  state.toasts = toasts;
  state.listeners.forEach((listener) => listener());
}

/** Shows a sentence for five seconds. */
export function toast(text: string) {
  const id = state.next++;
  set([...state.toasts.slice(-2), { id, text }]);
  window.setTimeout(() => set(state.toasts.filter((each) => each.id !== id)), 5000);
}

function listen(changed: () => void) {
  state.listeners.add(changed);
  return () => state.listeners.delete(changed);
}

export const useToasts = () => useSyncExternalStore(listen, () => state.toasts);
