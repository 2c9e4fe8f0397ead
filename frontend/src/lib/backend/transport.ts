import { Fault, toFault } from "./fault";
import { type BackendEvent } from "./types";

/** One way to reach the services. */
export interface Transport {
  call(method: string, params: unknown): Promise<unknown>;
  /** Calls `listen` for every event until the returned function is called. */
  subscribe(listen: (event: BackendEvent) => void): () => void;
}

/** The one bound method: it reaches the services by name. */
type Call = (method: string, params: string) => Promise<string>;

declare global {
  interface Window {
    go?: { main?: { Page?: { Call: Call } } };
    runtime?: {
      EventsOn(name: string, listen: (event: BackendEvent) => void): () => void;
    };
  }
}

/** Inside the window. */
export function windowTransport(call: Call, runtime: NonNullable<Window["runtime"]>): Transport {
  return {
    async call(method, params) {
      const text = await call(method, params === undefined ? "" : JSON.stringify(params)).catch(
        (reason: unknown) => {
          throw toFault(reason);
        },
      );
      return text === "" ? null : JSON.parse(text);
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
  const call = window.go?.main?.Page?.Call;
  if (call && window.runtime) return windowTransport(call, window.runtime);
  const meta = document.querySelector<HTMLMetaElement>('meta[name="page-token"]');
  return httpTransport(meta?.content ?? "");
}
