// Small functions of newer versions of the language.
(function () {
  'use strict';
  const add = (object, name, value) => {
    if (!(name in object)) Object.defineProperty(object, name, { value, writable: true, configurable: true });
  };
  add(Promise, 'withResolvers', function () {
    let resolve, reject;
    const promise = new this((yes, no) => { resolve = yes; reject = no; });
    return { promise, resolve, reject };
  });
  add(Promise, 'try', function (fn, ...args) { return new this((resolve) => resolve(fn(...args))); });
  add(Object, 'groupBy', (items, key) => {
    const out = Object.create(null);
    let i = 0;
    for (const item of items) (out[key(item, i++)] ??= []).push(item);
    return out;
  });
  add(Map, 'groupBy', (items, key) => {
    const out = new Map();
    let i = 0;
    for (const item of items) {
      const at = key(item, i++);
      if (out.has(at)) out.get(at).push(item); else out.set(at, [item]);
    }
    return out;
  });
  add(Array, 'fromAsync', async (items, map) => {
    const out = [];
    let i = 0;
    for (const item of items) { const value = await item; out.push(map ? await map(value, i++) : value); }
    return out;
  });
  add(Symbol, 'asyncIterator', Symbol('Symbol.asyncIterator'));
  add(String.prototype, 'isWellFormed', function () { return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?:[^\uD800-\uDBFF]|^)[\uDC00-\uDFFF]/.test(this); });
})
