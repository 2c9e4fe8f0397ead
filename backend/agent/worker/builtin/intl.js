// Intl (ECMA-402): numbers, dates and the order of texts.
(function (native) {
  'use strict';
  const listed = (made, value) => {
    const flat = native.parts(made, value), out = [];
    for (let i = 0; i < flat.length; i += 2) out.push({ type: flat[i], value: flat[i + 1] });
    return out;
  };
  const joined = (made, value) => {
    const flat = native.parts(made, value);
    let out = '';
    for (let i = 1; i < flat.length; i += 2) out += flat[i];
    return out;
  };
  const numeric = (value) => {
    if (typeof value === 'bigint') return value;
    const plain = typeof value === 'object' && value !== null ? value.valueOf() : value;
    return typeof plain === 'bigint' ? plain : Number(plain);
  };
  const moment = (value) => (value === undefined ? Date.now() : Number(value));

  // The constructors work without new, as everywhere.
  const kind = (name, start, methods) => {
    const states = new WeakMap();
    const made = (self) => {
      const state = states.get(self);
      if (state === undefined) throw new TypeError(`Method get Intl.${name}.prototype method called on incompatible receiver`);
      return state;
    };
    const Made = { [name]: function (locales = undefined, options = undefined) {
      const self = new.target === undefined ? Object.create(Made.prototype) : this;
      states.set(self, start(locales, options));
      return self;
    } }[name];
    const define = (key, value) => Object.defineProperty(Made.prototype, key, { value, writable: true, configurable: true });
    for (const key of Object.keys(methods)) define(key, { [key](...args) { return methods[key](made(this), ...args); } }[key]);
    define('resolvedOptions', function resolvedOptions() { return native.resolved(made(this)); });
    Object.defineProperty(Made.prototype, Symbol.toStringTag, { value: `Intl.${name}`, configurable: true });
    Object.defineProperty(Made, 'supportedLocalesOf', { value: (locales) => native.supported(locales), writable: true, configurable: true });
    const bound = (key, call) => {
      const functions = new WeakMap();
      Object.defineProperty(Made.prototype, key, { configurable: true, get() {
        const state = made(this);
        if (!functions.has(this)) functions.set(this, call(state));
        return functions.get(this);
      } });
    };
    return { Made, bound };
  };

  const range = (made, from, to) => {
    if (from === undefined || to === undefined) throw new TypeError('start or end is undefined');
    const [a, b] = [joined(made, from), joined(made, to)];
    return a === b ? a : `${a} – ${b}`;
  };
  const numbers = kind('NumberFormat', native.number, {
    formatToParts: (made, value) => listed(made, numeric(value)),
    formatRange: (made, from, to) => range(made, numeric(from), numeric(to)),
  });
  numbers.bound('format', (made) => (value) => joined(made, numeric(value)));
  const dates = kind('DateTimeFormat', native.date, {
    formatToParts: (made, value) => listed(made, moment(value)),
    formatRange: (made, from, to) => range(made, from === undefined ? from : Number(from), to === undefined ? to : Number(to)),
  });
  dates.bound('format', (made) => (value) => joined(made, moment(value)));
  const collators = kind('Collator', native.collator, {});
  collators.bound('compare', (made) => (a, b) => native.compare(made, `${a}`, `${b}`));

  const Intl = {};
  const members = {
    NumberFormat: numbers.Made, DateTimeFormat: dates.Made, Collator: collators.Made,
    getCanonicalLocales: (locales) => (locales === undefined ? [] : [locales].flat().map((tag) => {
      native.supported(tag);
      return `${tag}`.split('-').map((part, i) => (i === 0 ? part.toLowerCase() : part.length === 2 ? part.toUpperCase() : part.length === 4 ? part[0].toUpperCase() + part.slice(1).toLowerCase() : part.toLowerCase())).join('-');
    })),
  };
  for (const key of Object.keys(members)) Object.defineProperty(Intl, key, { value: members[key], writable: true, configurable: true });
  // These come from a program of their own, when one of them is first used.
  let phrases;
  for (const key of ['PluralRules', 'ListFormat', 'RelativeTimeFormat']) {
    const put = (value) => { Object.defineProperty(Intl, key, { value, writable: true, enumerable: false, configurable: true }); };
    Object.defineProperty(Intl, key, { configurable: true, set: put, get() {
      phrases ??= native.phrases(numbers.Made);
      put(phrases[key]);
      return phrases[key];
    } });
  }
  Object.defineProperty(Intl, Symbol.toStringTag, { value: 'Intl', configurable: true });
  return { Intl };
})
