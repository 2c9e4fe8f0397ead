// Headers (Fetch Standard, section 5.1).
(function () {
  'use strict';
  const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
  const nameOf = (name) => {
    const text = `${name}`;
    if (!token.test(text)) throw new TypeError(`Headers: ${JSON.stringify(text)} is an invalid header name.`);
    return text.toLowerCase();
  };
  const valueOf = (value) => {
    const text = `${value}`.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
    if (/[\0\r\n]|[^\0-\xFF]/.test(text)) throw new TypeError(`Headers: ${JSON.stringify(text)} is an invalid header value.`);
    return text;
  };
  class Headers {
    #list = new Map(); // name to its values
    constructor(init = undefined) {
      if (init === undefined) return;
      if (init === null || typeof init !== 'object') throw new TypeError('Headers: the argument is neither a list of pairs nor an object.');
      if (init[Symbol.iterator] === undefined) {
        for (const name of Reflect.ownKeys(init)) {
          if (typeof name === 'symbol') throw new TypeError('Headers: a name is a symbol.');
          if (Object.getOwnPropertyDescriptor(init, name)?.enumerable) this.append(name, init[name]);
        }
        return;
      }
      for (const pair of init) {
        if (pair === null || typeof pair !== 'object' || pair[Symbol.iterator] === undefined) throw new TypeError('Headers: a member is no pair.');
        const parts = [...pair];
        if (parts.length !== 2) throw new TypeError('Headers: a member is no pair of a name and a value.');
        this.append(parts[0], parts[1]);
      }
    }
    append(name, value) {
      const key = nameOf(name), text = valueOf(value), known = this.#list.get(key);
      if (known === undefined) this.#list.set(key, [text]);
      else known.push(text);
    }
    set(name, value) { this.#list.set(nameOf(name), [valueOf(value)]); }
    get(name) { return this.#list.get(nameOf(name))?.join(', ') ?? null; }
    has(name) { return this.#list.has(nameOf(name)); }
    delete(name) { this.#list.delete(nameOf(name)); }
    getSetCookie() { return [...(this.#list.get('set-cookie') ?? [])]; }
    #sorted() {
      const out = [];
      for (const name of [...this.#list.keys()].sort()) {
        const values = this.#list.get(name);
        if (name === 'set-cookie') for (const value of values) out.push([name, value]);
        else out.push([name, values.join(', ')]);
      }
      return out;
    }
    forEach(visit, self = undefined) {
      if (typeof visit !== 'function') throw new TypeError('Headers: the argument of forEach is no function.');
      for (const [name, value] of this.#sorted()) visit.call(self, value, name, this);
    }
    *entries() { yield* this.#sorted(); }
    *keys() { for (const [name] of this.#sorted()) yield name; }
    *values() { for (const [, value] of this.#sorted()) yield value; }
  }
  Object.defineProperty(Headers.prototype, Symbol.iterator, { value: Headers.prototype.entries, writable: true, configurable: true });
  Object.defineProperty(Headers.prototype, Symbol.toStringTag, { value: 'Headers', configurable: true });
  return { Headers };
})
