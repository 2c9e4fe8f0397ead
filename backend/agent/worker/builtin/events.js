// Event, EventTarget, AbortController and AbortSignal (DOM Standard, sections 2 and 3).
(function () {
  'use strict';
  class Event {
    #type; #cancelable; #prevented = false; #at;
    constructor(type, options = undefined) {
      if (arguments.length === 0) throw new TypeError('The "type" argument must be specified');
      this.#type = `${type}`;
      this.#cancelable = Boolean(options?.cancelable);
      this.#at = Date.now();
      this.stopped = false;
    }
    get type() { return this.#type; }
    get cancelable() { return this.#cancelable; }
    get defaultPrevented() { return this.#prevented; }
    get timeStamp() { return this.#at; }
    preventDefault() { if (this.#cancelable) this.#prevented = true; }
    stopImmediatePropagation() { this.stopped = true; }
    stopPropagation() {}
  }
  // A listener that throws does not keep the others from hearing.
  const report = (thrown) => {
    const late = globalThis.queueMicrotask;
    if (typeof late === 'function') late(() => { throw thrown; });
  };
  class EventTarget {
    #listeners = [];
    addEventListener(type, listener, options = undefined) {
      if (listener === null || listener === undefined) return;
      const kind = `${type}`;
      if (this.#listeners.some((each) => each.kind === kind && each.listener === listener)) return;
      const entry = { kind, listener, once: typeof options === 'object' && Boolean(options?.once) };
      const signal = typeof options === 'object' ? options?.signal : undefined;
      if (signal?.aborted) return;
      this.#listeners.push(entry);
      signal?.addEventListener('abort', () => this.removeEventListener(kind, listener), { once: true });
    }
    removeEventListener(type, listener) {
      const kind = `${type}`;
      this.#listeners = this.#listeners.filter((each) => each.kind !== kind || each.listener !== listener);
    }
    dispatchEvent(event) {
      if (!(event instanceof Event)) throw new TypeError('The "event" argument must be an instance of Event.');
      Object.defineProperty(event, 'target', { value: this, configurable: true, enumerable: true });
      Object.defineProperty(event, 'currentTarget', { value: this, configurable: true, enumerable: true });
      for (const each of this.#listeners) {
        if (each.kind !== event.type || event.stopped || !this.#listeners.includes(each)) continue;
        if (each.once) this.removeEventListener(each.kind, each.listener);
        try {
          if (typeof each.listener === 'function') each.listener.call(this, event);
          else each.listener.handleEvent(event);
        } catch (thrown) {
          report(thrown);
        }
      }
      return !event.defaultPrevented;
    }
  }

  const secret = {};
  let make, abort;
  class AbortSignal extends EventTarget {
    #aborted = false; #reason = undefined; #handler = null; #followers = [];
    constructor(token) {
      if (token !== secret) throw Object.assign(new TypeError('Illegal constructor'), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
      super();
    }
    static {
      make = () => new AbortSignal(secret);
      abort = (signal, reason) => {
        if (signal.#aborted) return;
        const all = [signal];
        for (let i = 0; i < all.length; i++) {
          all[i].#aborted = true;
          all[i].#reason = reason;
          for (const next of all[i].#followers) if (!next.#aborted && !all.includes(next)) all.push(next);
        }
        for (const each of all) each.dispatchEvent(new Event('abort'));
      };
    }
    static abort(reason = undefined) {
      const signal = make();
      abort(signal, reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : reason);
      return signal;
    }
    static timeout(delay) {
      const signal = make();
      if (typeof globalThis.setTimeout !== 'function') throw new TypeError('There are no timers here.');
      globalThis.setTimeout(() => abort(signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError')), delay);
      return signal;
    }
    static any(signals) {
      const out = make(), list = [...signals];
      for (const each of list) if (!(each instanceof AbortSignal)) throw new TypeError('The "signals" argument must hold instances of AbortSignal.');
      const gone = list.find((each) => each.#aborted);
      if (gone !== undefined) abort(out, gone.#reason);
      else for (const each of list) each.#followers.push(out);
      return out;
    }
    get aborted() { return this.#aborted; }
    get reason() { return this.#reason; }
    get onabort() { return this.#handler; }
    set onabort(handler) {
      if (this.#handler !== null) this.removeEventListener('abort', this.#handler);
      this.#handler = typeof handler === 'function' ? handler : null;
      if (this.#handler !== null) this.addEventListener('abort', this.#handler);
    }
    throwIfAborted() { if (this.#aborted) throw this.#reason; }
  }
  class AbortController {
    #signal = make();
    get signal() { return this.#signal; }
    abort(reason = undefined) {
      abort(this.#signal, reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : reason);
    }
  }
  const globals = { Event, EventTarget, AbortController, AbortSignal };
  for (const name of Object.keys(globals)) Object.defineProperty(globals[name].prototype, Symbol.toStringTag, { value: name, configurable: true });
  return globals;
})
