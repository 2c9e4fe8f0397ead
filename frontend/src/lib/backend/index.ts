/**
 * The one seam to the services: `call` and `subscribe`. Nothing else in the
 * page knows whether it runs in the window or in a browser.
 */
import { chooseTransport, type Transport } from "./transport";
import { type Answer, type Method, type Params } from "./methods";
import { type BackendEvent } from "./types";

export * from "./types";
export { Fault, codes, toFault } from "./fault";

let transport: Transport | undefined;
const chosen = () => (transport ??= chooseTransport());

/** For tests: puts another transport in place. */
export function replaceTransport(other: Transport | undefined) {
  transport = other;
}

type Rest<M extends Method> = Params<M> extends undefined ? [] : [params: Params<M>];

/** Calls a service. Rejects with a `Fault`, never with anything else. */
export function call<M extends Method>(method: M, ...rest: Rest<M>): Promise<Answer<M>> {
  return chosen().call(method, rest[0]) as Promise<Answer<M>>;
}

export function subscribe(listen: (event: BackendEvent) => void): () => void {
  return chosen().subscribe(listen);
}

/** A name for something that takes long, so that it can be canceled. */
export const newOp = () => crypto.randomUUID();
