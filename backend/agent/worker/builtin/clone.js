// structuredClone (HTML Standard, section 2.7) and DOMException. What is found
// inside of a value waits in a list, so that depth costs no stack.
(function (native) {
  'use strict';
  const codes = {
    __proto__: null, IndexSizeError: 1, HierarchyRequestError: 3, InvalidCharacterError: 5, NotFoundError: 8, NotSupportedError: 9, InvalidStateError: 11,
    SyntaxError: 12, InvalidAccessError: 15, SecurityError: 18, NetworkError: 19, AbortError: 20, QuotaExceededError: 22, TimeoutError: 23, DataCloneError: 25,
  };
  class DOMException extends Error {
    #name;
    constructor(message = '', options = undefined) {
      super(`${message}`);
      this.#name = 'Error';
      if (options !== null && typeof options === 'object') {
        if (options.name !== undefined) this.#name = `${options.name}`;
        if ('cause' in options) Object.defineProperty(this, 'cause', { value: options.cause, writable: true, configurable: true });
      } else if (options !== undefined) this.#name = `${options}`;
    }
    get name() { return this.#name; }
    get code() { return codes[this.#name] ?? 0; }
    get [Symbol.toStringTag]() { return 'DOMException'; }
  }

  const refuse = (what) => { throw new DOMException(`${what} could not be cloned.`, 'DataCloneError'); };
  const errors = { __proto__: null, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
  const typed = Object.getPrototypeOf(Uint8Array);
  const typedName = Object.getOwnPropertyDescriptor(typed.prototype, Symbol.toStringTag).get;
  const arrays = { __proto__: null };
  for (const each of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array]) arrays[each.name] = each;

  const isWeak = (value) => value instanceof WeakMap || value instanceof WeakSet;
  const define = (target, key, value) => Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });

  function structuredClone(value) {
    if (arguments.length === 0) throw new TypeError("The \"value\" argument must be specified");
    const seen = new Map(), waiting = [];
    const shell = (source) => {
      if (typeof source === 'symbol') refuse(String(source));
      if (typeof source === 'function') refuse(Function.prototype.toString.call(source).slice(0, 80));
      if (source === null || typeof source !== 'object') return source;
      if (seen.has(source)) return seen.get(source);
      const out = copy(source);
      seen.set(source, out);
      return out;
    };
    const later = (out, fill) => { waiting.push(fill); return out; };
    const members = (source, out) => later(out, () => {
      for (const key of Object.keys(source)) define(out, key, shell(source[key]));
    });
    const view = (source) => {
      const buffer = shell(source.buffer);
      const name = source instanceof DataView ? '' : Reflect.apply(typedName, source, []);
      return name ? new arrays[name](buffer, source.byteOffset, source.length) : new DataView(buffer, source.byteOffset, source.byteLength);
    };
    const failure = (source) => {
      const made = new (errors[source.name] ?? Error)('message' in source ? `${source.message}` : undefined);
      if (Object.getOwnPropertyDescriptor(source, 'message') === undefined) delete made.message;
      if (typeof source.stack === 'string') Object.defineProperty(made, 'stack', { value: source.stack, writable: true, configurable: true });
      const cause = Object.getOwnPropertyDescriptor(source, 'cause');
      return cause === undefined ? made : later(made, () => {
        Object.defineProperty(made, 'cause', { value: shell(source.cause), writable: true, configurable: true });
      });
    };
    const copy = (source) => {
      switch (native.kind(source)) {
        case 'Array': {
          const out = [];
          out.length = source.length;
          return members(source, out);
        }
        case 'Date': return new Date(Date.prototype.getTime.call(source));
        case 'RegExp': return new RegExp(source.source, source.flags);
        case 'Boolean': return Object(Boolean.prototype.valueOf.call(source));
        case 'Number': return Object(Number.prototype.valueOf.call(source));
        case 'String': return Object(String.prototype.valueOf.call(source));
        case 'Error': return failure(source);
        case 'ArrayBuffer': return ArrayBuffer.prototype.slice.call(source, 0);
        case 'BigInt': return Object(BigInt.prototype.valueOf.call(source));
        case 'Map': {
          const out = new Map();
          return later(out, () => { for (const [key, each] of [...Map.prototype.entries.call(source)]) out.set(shell(key), shell(each)); });
        }
        case 'Set': {
          const out = new Set();
          return later(out, () => { for (const each of [...Set.prototype.values.call(source)]) out.add(shell(each)); });
        }
        case 'Proxy': return refuse('#<Object>');
        case 'Promise': return refuse('#<Promise>');
        case 'Symbol': return refuse('Object(Symbol)');
        case 'Function': return refuse('A function');
      }
      if (ArrayBuffer.isView(source)) return view(source);
      if (isWeak(source)) return refuse('#<WeakMap>');
      return members(source, {});
    };
    const out = shell(value);
    for (let i = 0; i < waiting.length; i++) waiting[i]();
    return out;
  }
  return { structuredClone, DOMException };
})
