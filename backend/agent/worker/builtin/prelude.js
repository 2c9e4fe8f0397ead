// What newer versions of the language have and the engine lacks.
(function () {
  'use strict';
  const add = (object, methods) => {
    for (const name of Object.keys(methods)) {
      if (!Object.prototype.hasOwnProperty.call(object, name)) Object.defineProperty(object, name, { value: methods[name], writable: true, configurable: true });
    }
  };
  const callable = (fn) => {
    if (typeof fn !== 'function') throw new TypeError(`${typeof fn === 'symbol' ? 'A symbol' : typeof fn} is not a function`);
    return fn;
  };
  for (const name of ['asyncIterator', 'dispose', 'asyncDispose']) {
    if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol(`Symbol.${name}`) });
  }
  const { iterator, asyncIterator } = Symbol;

  // The engine's own takes objects only: the bytes of atob's text are made so.
  const TypedArray = Object.getPrototypeOf(Uint8Array), { from } = TypedArray, { apply } = Reflect;
  Object.defineProperty(TypedArray, 'from', {
    value: { from(source, map = undefined, self = undefined) { return apply(from, this, [source === null || source === undefined ? source : Object(source), map, self]); } }.from,
    writable: true, configurable: true,
  });
  Object.defineProperty(TypedArray.from, 'length', { value: 1, configurable: true });

  add(Promise, {
    withResolvers() {
      let resolve, reject;
      const promise = new this((yes, no) => { resolve = yes; reject = no; });
      return { promise, resolve, reject };
    },
    try(fn, ...args) { return new this((resolve) => resolve(fn(...args))); },
  });
  const grouped = (items, key, put) => {
    callable(key);
    let i = 0;
    for (const item of items) put(key(item, i++), item);
  };
  add(Object, {
    groupBy(items, key) {
      const out = Object.create(null);
      grouped(items, key, (at, item) => {
        const name = typeof at === 'symbol' ? at : `${at}`;
        (out[name] ??= []).push(item);
      });
      return out;
    },
  });
  add(Map, {
    groupBy(items, key) {
      const out = new Map();
      grouped(items, key, (at, item) => {
        const list = out.get(at);
        if (list !== undefined) list.push(item);
        else out.set(at, [item]);
      });
      return out;
    },
  });
  add(Array, {
    async fromAsync(items, map = undefined, self = undefined) {
      if (map !== undefined) callable(map);
      const make = (...args) => (typeof this === 'function' && this !== Array ? new this(...args) : new Array(...args));
      const put = (out, i, value) => Object.defineProperty(out, i, { value, writable: true, enumerable: true, configurable: true });
      const late = items[asyncIterator], now = items[iterator];
      let i = 0;
      if (late === undefined || late === null) {
        const list = now === undefined || now === null ? Array.from(items) : items;
        const out = make();
        for (const item of list) {
          const value = await item;
          put(out, i, map === undefined ? value : await map.call(self, value, i));
          i++;
        }
        out.length = i;
        return out;
      }
      const walk = late.call(items), out = make();
      for (;;) {
        const step = await walk.next();
        if (step.done) break;
        try {
          put(out, i, map === undefined ? step.value : await map.call(self, step.value, i));
        } catch (thrown) {
          await walk.return?.();
          throw thrown;
        }
        i++;
      }
      out.length = i;
      return out;
    },
  });

  const lone = (text) => {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0xD800 || unit > 0xDFFF) continue;
      const next = text.charCodeAt(i + 1);
      if (unit > 0xDBFF || !(next >= 0xDC00 && next <= 0xDFFF)) return i;
      i++;
    }
    return -1;
  };
  const textOf = (self) => {
    if (self === null || self === undefined) throw new TypeError('String.prototype method called on null or undefined');
    return `${self}`;
  };
  add(String.prototype, {
    isWellFormed() { return lone(textOf(this)) === -1; },
    toWellFormed() {
      let text = textOf(this), out = '';
      for (let at = lone(text); at !== -1; at = lone(text)) {
        out += `${text.slice(0, at)}\uFFFD`;
        text = text.slice(at + 1);
      }
      return out + text;
    },
  });

  // Classes of errors in code written for Node call this without asking.
  add(Error, {
    captureStackTrace(target) {
      if (target === null || (typeof target !== 'object' && typeof target !== 'function')) throw new TypeError('Invalid argument');
      const { stack } = new Error(typeof target.message === 'string' ? target.message : '');
      Object.defineProperty(target, 'stack', { value: stack, writable: true, configurable: true });
    },
    stackTraceLimit: 10,
  });

  if (typeof globalThis.WeakRef !== 'function') {
    // The target is held: the engine cannot tell when nothing else does.
    class WeakRef {
      #target;
      constructor(target) {
        if (target === null || (typeof target !== 'object' && typeof target !== 'function')) throw new TypeError('WeakRef: target must be an object');
        this.#target = target;
      }
      deref() { return this.#target; }
    }
    class FinalizationRegistry {
      constructor(callback) { callable(callback); }
      register() {}
      unregister() { return false; }
    }
    for (const made of [WeakRef, FinalizationRegistry]) {
      Object.defineProperty(made.prototype, Symbol.toStringTag, { value: made.name, configurable: true });
      Object.defineProperty(globalThis, made.name, { value: made, writable: true, configurable: true });
    }
  }
})
