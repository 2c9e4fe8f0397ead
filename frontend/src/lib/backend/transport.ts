import { Fault, toFault } from "./fault";
import { type BackendEvent } from "./types";

/** One way to reach the services. */
export interface Transport {
  call(method: string, params: unknown): Promise<unknown>;
  /** Calls `listen` for every event until the returned function is called. */
  subscribe(listen: (event: BackendEvent) => void): () => void;
}

type Bound = Record<string, Record<string, (...params: unknown[]) => Promise<unknown>>>;

declare global {
  interface Window {
    go?: { app?: Bound };
    runtime?: {
      EventsOn(name: string, listen: (event: BackendEvent) => void): () => void;
    };
  }
}

/** Inside the window: the bound methods. */
export function windowTransport(bound: Bound, runtime: NonNullable<Window["runtime"]>): Transport {
  return {
    async call(method, params) {
      const [service = "", name = ""] = method.split(".");
      const fn = bound[service]?.[name];
      if (!fn) throw toFault(undefined);
      try {
        return await (params === undefined ? fn() : fn(params));
      } catch (reason) {
        throw toFault(reason);
      }
    },
    subscribe: (listen) => runtime.EventsOn("pie", listen),
  };
}

/** In a browser: the same services over HTTP, for tests of the page. */
export function httpTransport(token: string): Transport {
  return {
    async call(method, params) {
      const response = await fetch(`/call/${method}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Page-Token": token },
        body: JSON.stringify(params ?? null),
      }).catch(() => {
        throw new Fault({
          code: "offline",
          message: "PIE Desktop does not answer.",
          hint: "Start it again.",
        });
      });
      const text = await response.text();
      if (!response.ok) throw toFault(text);
      return text === "" ? null : JSON.parse(text);
    },
    subscribe(listen) {
      const source = new EventSource(`/events?token=${encodeURIComponent(token)}`);
      source.onmessage = (message: MessageEvent<string>) =>
        listen(JSON.parse(message.data) as BackendEvent);
      return () => source.close();
    },
  };
}

export function chooseTransport(): Transport {
  if (window.go?.app && window.runtime) return windowTransport(window.go.app, window.runtime);
  const meta = document.querySelector<HTMLMetaElement>('meta[name="page-token"]');
  return httpTransport(meta?.content ?? "");
}
