/** Where the page is: the fragment of the address, and nothing else. */
import { useSyncExternalStore } from "react";

const places = [
  "welcome",
  "connections",
  "agents",
  "author",
  "automations",
  "inbox",
  "outbox",
  "activity",
  "settings",
] as const;
export type Place = (typeof places)[number];

export interface Route {
  place: Place;
  rest: string[];
  /** No place was named: the page was just started. */
  start: boolean;
}

export function parseRoute(hash: string): Route {
  const parts = hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decode);
  const place = places.find((each) => each === parts[0]);
  return { place: place ?? "connections", rest: place ? parts.slice(1) : [], start: !place };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const href = (place: Place, ...rest: string[]) =>
  `#/${[place, ...rest.map(encodeURIComponent)].join("/")}`;

export function go(place: Place, ...rest: string[]) {
  window.location.hash = href(place, ...rest);
}

function listen(changed: () => void) {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(listen, () => window.location.hash));
}
