// Iterator and its helpers (ECMA-262, 27.1.2 to 27.1.4).
(function () {
  'use strict';
  const base = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  function Iterator() {
    if (new.target === undefined || new.target === Iterator) throw new TypeError('Abstract class Iterator not directly constructable');
  }
  Object.defineProperty(Iterator, 'prototype', { value: base, writable: false });
  const add = (object, methods) => {
    for (const name of Object.keys(methods)) Object.defineProperty(object, name, { value: methods[name], writable: true, configurable: true });
  };
  const callable = (fn) => {
    if (typeof fn !== 'function') throw new TypeError(`${String(fn)} is not a function`);
    return fn;
  };
  const direct = (self) => {
    if (self === null || (typeof self !== 'object' && typeof self !== 'function')) throw new TypeError('Iterator helper called on non-object');
    return { source: self, next: self.next };
  };
  const step = (walk) => {
    const out = Reflect.apply(walk.next, walk.source, []);
    if (out === null || typeof out !== 'object' && typeof out !== 'function') throw new TypeError(`Iterator result ${String(out)} is not an object`);
    return out;
  };
  const close = (walk) => { walk.source.return?.(); };
  const guarded = (walk, fn) => {
    try {
      return fn();
    } catch (thrown) {
      try { close(walk); } catch { /* the first error counts */ }
      throw thrown;
    }
  };
  const checked = (walk, make) => {
    try {
      return make();
    } catch (thrown) {
      try { close(walk); } catch { /* the first error counts */ }
      throw thrown;
    }
  };

  const helper = Object.create(base);
  const states = new WeakMap();
  add(helper, {
    next() {
      const state = states.get(this);
      if (state === undefined) throw new TypeError('Iterator helper called on an incompatible receiver');
      if (state.running) throw new TypeError('Generator is already running');
      if (state.done) return { value: undefined, done: true };
      state.running = true;
      try {
        const out = state.pull(state);
        if (out.done) state.done = true;
        return out;
      } catch (thrown) {
        state.done = true;
        throw thrown;
      } finally {
        state.running = false;
      }
    },
    return() {
      const state = states.get(this);
      if (state === undefined) throw new TypeError('Iterator helper called on an incompatible receiver');
      if (!state.done) {
        state.done = true;
        state.inner?.source.return?.();
        close(state.walk);
      }
      return { value: undefined, done: true };
    },
  });
  Object.defineProperty(helper, Symbol.toStringTag, { value: 'Iterator Helper', configurable: true });
  const made = (walk, pull) => {
    const out = Object.create(helper);
    states.set(out, { walk, pull, done: false, running: false, inner: undefined });
    return out;
  };
  const over = { value: undefined, done: true };
  const limitOf = (value) => {
    const number = Number(value);
    if (Number.isNaN(number)) throw new RangeError(`${String(value)} must be positive`);
    const whole = Math.trunc(number);
    if (whole < 0) throw new RangeError(`${String(value)} must be positive`);
    return whole;
  };
  const innerOf = (value, text) => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function') && !(text && typeof value === 'string')) throw new TypeError(`${String(value)} is not an object`);
    const iterate = value[Symbol.iterator];
    const source = iterate === undefined || iterate === null ? value : Reflect.apply(callable(iterate), value, []);
    return direct(source);
  };

  add(base, {
    map(fn) {
      const self = direct(this).source;
      checked({ source: self }, () => callable(fn));
      let i = 0;
      return made(direct(this), ({ walk }) => {
        const out = step(walk);
        return out.done ? over : { value: guarded(walk, () => fn(out.value, i++)), done: false };
      });
    },
    filter(fn) {
      checked({ source: direct(this).source }, () => callable(fn));
      let i = 0;
      return made(direct(this), ({ walk }) => {
        for (;;) {
          const out = step(walk);
          if (out.done) return over;
          const value = out.value;
          if (guarded(walk, () => fn(value, i++))) return { value, done: false };
        }
      });
    },
    take(limit) {
      let left = checked({ source: direct(this).source }, () => limitOf(limit));
      return made(direct(this), ({ walk }) => {
        if (left <= 0) {
          close(walk);
          return over;
        }
        left--;
        const out = step(walk);
        return out.done ? over : { value: out.value, done: false };
      });
    },
    drop(limit) {
      let left = checked({ source: direct(this).source }, () => limitOf(limit));
      return made(direct(this), ({ walk }) => {
        for (; left > 0; left--) if (step(walk).done) return over;
        const out = step(walk);
        return out.done ? over : { value: out.value, done: false };
      });
    },
    flatMap(fn) {
      checked({ source: direct(this).source }, () => callable(fn));
      let i = 0;
      return made(direct(this), (state) => {
        const walk = state.walk;
        for (;;) {
          if (state.inner !== undefined) {
            const out = guarded(walk, () => step(state.inner));
            if (!out.done) return { value: guarded(walk, () => out.value), done: false };
            state.inner = undefined;
          }
          const out = step(walk);
          if (out.done) return over;
          state.inner = guarded(walk, () => innerOf(fn(out.value, i++), false));
        }
      });
    },
    reduce(fn, ...initial) {
      checked({ source: direct(this).source }, () => callable(fn));
      const walk = direct(this);
      let sum = initial[0], i = 0;
      if (initial.length === 0) {
        const first = step(walk);
        if (first.done) throw new TypeError('Reduce of a done iterator with no initial value');
        [sum, i] = [first.value, 1];
      }
      for (let out = step(walk); !out.done; out = step(walk)) {
        const value = out.value, before = sum;
        sum = guarded(walk, () => fn(before, value, i++));
      }
      return sum;
    },
    toArray() {
      const walk = direct(this), list = [];
      for (let out = step(walk); !out.done; out = step(walk)) list.push(out.value);
      return list;
    },
    forEach(fn) { search(this, fn, () => false); },
    some(fn) { return search(this, fn, (truth) => truth) !== undefined; },
    every(fn) { return search(this, fn, (truth) => !truth) === undefined; },
    find(fn) { return search(this, fn, (truth) => truth)?.value; },
  });
  const search = (self, fn, stop) => {
    checked({ source: direct(self).source }, () => callable(fn));
    const walk = direct(self);
    let i = 0;
    for (let out = step(walk); !out.done; out = step(walk)) {
      const value = out.value;
      if (stop(guarded(walk, () => fn(value, i++)))) {
        close(walk);
        return { value };
      }
    }
    return undefined;
  };
  const wrapper = Object.create(base);
  const wrapped = new WeakMap();
  add(wrapper, {
    next() { return Reflect.apply(wrapped.get(this).next, wrapped.get(this).source, []); },
    return() {
      const source = wrapped.get(this).source, end = source.return;
      return end === undefined || end === null ? { value: undefined, done: true } : end.call(source);
    },
  });
  add(Iterator, {
    from(value) {
      const walk = innerOf(value, true);
      if (base.isPrototypeOf(walk.source)) return walk.source;
      const out = Object.create(wrapper);
      wrapped.set(out, walk);
      return out;
    },
  });
  if (!Object.prototype.hasOwnProperty.call(base, Symbol.toStringTag)) Object.defineProperty(base, Symbol.toStringTag, { value: 'Iterator', writable: true, configurable: true });
  Object.defineProperty(base, 'constructor', { value: Iterator, writable: true, configurable: true });
  Object.defineProperty(globalThis, 'Iterator', { value: Iterator, writable: true, configurable: true });
})
