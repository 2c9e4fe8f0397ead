// What the web and newer versions of the language have and the engine lacks.
(function () {
  'use strict';
  const clone = (value, seen) => {
    if (typeof value === 'function' || typeof value === 'symbol') {
      throw Object.assign(new Error('A function or a symbol cannot be cloned.'), { name: 'DataCloneError' });
    }
    if (value === null || typeof value !== 'object') return value;
    if (seen.has(value)) return seen.get(value);
    const keep = (made) => { seen.set(value, made); return made; };
    if (Array.isArray(value)) {
      const out = keep(new Array(value.length));
      for (const key of Object.keys(value)) out[key] = clone(value[key], seen);
      return out;
    }
    if (value instanceof Date) return keep(new Date(value.getTime()));
    if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
    if (value instanceof Map) {
      const out = keep(new Map());
      for (const [key, each] of value) out.set(clone(key, seen), clone(each, seen));
      return out;
    }
    if (value instanceof Set) {
      const out = keep(new Set());
      for (const each of value) out.add(clone(each, seen));
      return out;
    }
    if (value instanceof ArrayBuffer) return keep(value.slice(0));
    if (ArrayBuffer.isView(value)) {
      const bytes = value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength);
      return keep(value instanceof DataView ? new DataView(bytes) : new (Object.getPrototypeOf(value).constructor === Uint8Array ? Uint8Array : value.constructor)(bytes));
    }
    if (value instanceof Error) {
      const out = keep(new (globalThis[value.name] ?? Error)(value.message));
      if ('cause' in value) out.cause = clone(value.cause, seen);
      return out;
    }
    if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) {
      throw Object.assign(new Error('This object cannot be cloned.'), { name: 'DataCloneError' });
    }
    const out = keep({});
    for (const key of Object.keys(value)) out[key] = clone(value[key], seen);
    return out;
  };

  class Headers {
    #map = new Map();
    constructor(init) {
      if (init === undefined || init === null) return;
      const list = typeof init.forEach === 'function' && !Array.isArray(init) ? (() => { const l = []; init.forEach((v, k) => l.push([k, v])); return l; })()
        : Array.isArray(init) ? init : Object.entries(init);
      for (const [name, value] of list) this.append(name, value);
    }
    append(name, value) { const key = String(name).toLowerCase(); this.#map.set(key, this.#map.has(key) ? `${this.#map.get(key)}, ${value}` : String(value)); }
    set(name, value) { this.#map.set(String(name).toLowerCase(), String(value)); }
    get(name) { return this.#map.get(String(name).toLowerCase()) ?? null; }
    has(name) { return this.#map.has(String(name).toLowerCase()); }
    delete(name) { this.#map.delete(String(name).toLowerCase()); }
    forEach(visit, self) { for (const [name, value] of this) visit.call(self, value, name, this); }
    entries() { return [...this.#map.entries()].sort(([a], [b]) => (a < b ? -1 : 1))[Symbol.iterator](); }
    keys() { return [...this.#map.keys()].sort()[Symbol.iterator](); }
    values() { return [...this.entries()].map(([, value]) => value)[Symbol.iterator](); }
    [Symbol.iterator]() { return this.entries(); }
  }

  class AbortSignal {
    aborted = false;
    reason = undefined;
    onabort = null;
    #listeners = [];
    addEventListener(kind, listen) { if (kind === 'abort') this.#listeners.push(listen); }
    removeEventListener(kind, listen) { this.#listeners = this.#listeners.filter((each) => each !== listen); }
    throwIfAborted() { if (this.aborted) throw this.reason; }
    dispatch(reason) {
      if (this.aborted) return;
      this.aborted = true;
      this.reason = reason;
      const event = { type: 'abort', target: this };
      this.onabort?.(event);
      for (const listen of this.#listeners) listen(event);
    }
  }
  class AbortController {
    signal = new AbortSignal();
    abort(reason) { this.signal.dispatch(reason ?? Object.assign(new Error('This operation was aborted'), { name: 'AbortError' })); }
  }
  return { structuredClone: (value) => clone(value, new Map()), Headers, AbortController, AbortSignal };
})
