// Intl.PluralRules, ListFormat and RelativeTimeFormat (ECMA-402, 13, 16 and 17).
// The forms are those of the Unicode CLDR.
(function (native) {
  'use strict';
  const NumberFormat = native.numbers();
  const known = new Map();
  const forms = (tag) => {
    if (!known.has(tag)) known.set(tag, native.phrases(tag));
    return known.get(tag);
  };

  const option = (options, key, otherwise, values) => {
    const given = options[key];
    if (given === undefined) return otherwise;
    const text = `${given}`;
    if (!values.includes(text)) throw new RangeError(`Value ${text} out of range for Intl options property ${key}`);
    return text;
  };
  const checked = (options) => {
    if (options === undefined) return Object.create(null);
    if (options === null || (typeof options !== 'object' && typeof options !== 'function')) throw new TypeError('Incorrect options argument');
    return options;
  };
  const kind = (name, start, methods) => {
    const states = new WeakMap();
    const Made = { [name]: function (locales = undefined, options = undefined) {
      if (new.target === undefined) throw new TypeError(`Constructor Intl.${name} requires 'new'`);
      states.set(this, start(native.locale(locales), options));
    } }[name];
    const define = (object, key, value) => Object.defineProperty(object, key, { value, writable: true, configurable: true });
    for (const key of Object.keys(methods)) {
      define(Made.prototype, key, { [key](...args) {
        const state = states.get(this);
        if (state === undefined) throw new TypeError(`Method Intl.${name}.prototype.${key} called on incompatible receiver`);
        return methods[key](state, ...args);
      } }[key]);
    }
    Object.defineProperty(Made.prototype, Symbol.toStringTag, { value: `Intl.${name}`, configurable: true });
    define(Made, 'supportedLocalesOf', (locales) => native.supported(locales));
    return Made;
  };

  // Rules take the number as it is written: its whole part and its decimals.
  const million = (n) => n.decimals === '' && n.whole !== 0 && n.whole % 1e6 === 0;
  const west = (n) => (n.whole === 1 && n.decimals === '' ? 'one' : 'other');
  const cardinal = {
    en: west, de: west, nl: west, sv: west,
    it: (n) => (million(n) ? 'many' : west(n)),
    es: (n) => (n.whole === 1 && n.fraction === 0 ? 'one' : million(n) ? 'many' : 'other'),
    fr: (n) => (n.whole < 2 ? 'one' : million(n) ? 'many' : 'other'),
    pt: (n) => (n.whole < 2 ? 'one' : million(n) ? 'many' : 'other'),
    pl: (n) => {
      if (n.decimals !== '') return 'other';
      if (n.whole === 1) return 'one';
      const [ten, hundred] = [n.whole % 10, n.whole % 100];
      return ten >= 2 && ten <= 4 && !(hundred >= 12 && hundred <= 14) ? 'few' : 'many';
    },
    ja: () => 'other',
  };
  const ordinal = {
    en: (n) => {
      const [ten, hundred] = [n.whole % 10, n.whole % 100];
      if (n.fraction !== 0 || (hundred >= 11 && hundred <= 13)) return 'other';
      return ['other', 'one', 'two', 'few'][ten] ?? 'other';
    },
    fr: (n) => (n.whole === 1 && n.fraction === 0 ? 'one' : 'other'),
    it: (n) => (n.fraction === 0 && [8, 11, 80, 800].includes(n.whole) ? 'many' : 'other'),
    sv: (n) => (n.fraction === 0 && (n.whole % 10 === 1 || n.whole % 10 === 2) && n.whole % 100 !== 11 && n.whole % 100 !== 12 ? 'one' : 'other'),
  };
  const categories = {
    cardinal: { it: ['many', 'one', 'other'], es: ['many', 'one', 'other'], fr: ['many', 'one', 'other'], pt: ['many', 'one', 'other'], pl: ['few', 'many', 'one', 'other'], ja: ['other'] },
    ordinal: { en: ['few', 'one', 'two', 'other'], fr: ['one', 'other'], it: ['many', 'other'], sv: ['one', 'other'] },
  };
  const operands = (text) => {
    const [whole, decimals = ''] = text.replace('-', '').split('.');
    return { whole: Number(whole), decimals, fraction: Number(decimals) };
  };
  const digits = ['minimumIntegerDigits', 'minimumFractionDigits', 'maximumFractionDigits', 'minimumSignificantDigits', 'maximumSignificantDigits'];
  const category = (state, value) => {
    const number = Number(value);
    if (!Number.isFinite(number)) return 'other';
    return state.rule(operands(state.written.format(number)));
  };
  const rules = (tag, options) => {
    const type = option(options, 'type', 'cardinal', ['cardinal', 'ordinal']);
    const chosen = { useGrouping: false };
    for (const key of digits) if (options[key] !== undefined) chosen[key] = options[key];
    const language = tag.slice(0, 2);
    const rule = (type === 'cardinal' ? cardinal : ordinal)[language] ?? (() => 'other');
    return { tag, type, language, rule, written: new NumberFormat('en-US', chosen) };
  };
  const PluralRules = kind('PluralRules', (tag, options) => rules(tag, options === undefined ? {} : Object(options)), {
    select: (state, value) => category(state, value),
    resolvedOptions: (state) => {
      const { minimumIntegerDigits, minimumFractionDigits, maximumFractionDigits } = state.written.resolvedOptions();
      const list = categories[state.type][state.language] ?? (state.type === 'cardinal' ? ['one', 'other'] : ['other']);
      return { locale: state.tag, type: state.type, minimumIntegerDigits, minimumFractionDigits, maximumFractionDigits, pluralCategories: [...list] };
    },
  });

  // In Spanish "y" and "o" give way before a word that sounds like them.
  const spanish = (state, mark, next) => {
    if (state.tag !== 'es') return mark;
    if (mark === ' y ' && /^(?:i|hi(?![ae]))/i.test(next)) return ' e ';
    if (mark === ' o ' && /^(?:h?o|8|11(?: |$))/i.test(next)) return ' u ';
    return mark;
  };
  const texts = (list) => {
    if (list === undefined) return [];
    return Array.from(list, (item) => {
      if (typeof item !== 'string') throw new TypeError('Iterable yielded a non-String value');
      return item;
    });
  };
  const pieces = (state, list) => {
    const items = texts(list), out = [], [pair, start, middle, end] = state.marks;
    items.forEach((value, i) => {
      if (i > 0) {
        const mark = items.length === 2 ? pair : i === items.length - 1 ? end : i === 1 ? start : middle;
        out.push({ type: 'literal', value: spanish(state, mark, value) });
      }
      out.push({ type: 'element', value });
    });
    return out.filter((piece) => piece.type === 'element' || piece.value !== '');
  };
  const said = (parts) => parts.map((piece) => piece.value).join('');
  const ListFormat = kind('ListFormat', (tag, given) => {
    const options = checked(given);
    const type = option(options, 'type', 'conjunction', ['conjunction', 'disjunction', 'unit']);
    const style = option(options, 'style', 'long', ['long', 'short', 'narrow']);
    return { tag, type, style, marks: forms(tag).list[type][style] };
  }, {
    format: (state, list) => said(pieces(state, list)),
    formatToParts: (state, list) => pieces(state, list),
    resolvedOptions: ({ tag, type, style }) => ({ locale: tag, type, style }),
  });

  const units = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'];
  const relative = (state, given, wanted) => {
    const value = Number(given);
    const name = `${wanted}`, unit = name.endsWith('s') ? name.slice(0, -1) : name;
    if (!units.includes(unit)) throw new RangeError(`Invalid unit argument for format() '${name}'`);
    if (!Number.isFinite(value)) throw new RangeError('Invalid time value');
    const words = state.words[unit];
    if (state.numeric === 'auto' && words.auto?.[value] !== undefined) return [{ type: 'literal', value: words.auto[value] }];
    const past = value < 0 || Object.is(value, -0), size = Math.abs(value);
    const patterns = past ? words.past : words.future;
    const pattern = patterns[category(state.plural, size)] ?? patterns.other;
    const [before, after] = pattern.split('{0}');
    const number = state.number.formatToParts(size).map((piece) => ({ type: piece.type, value: piece.value, unit }));
    const literal = (text) => (text ? [{ type: 'literal', value: text }] : []);
    return after === undefined ? literal(before) : [...literal(before), ...number, ...literal(after)];
  };
  const RelativeTimeFormat = kind('RelativeTimeFormat', (tag, given) => {
    const options = given === undefined ? {} : Object(given);
    const style = option(options, 'style', 'long', ['long', 'short', 'narrow']);
    const numeric = option(options, 'numeric', 'always', ['always', 'auto']);
    const all = forms(tag).relative;
    let words = all[style];
    while (typeof words === 'string') words = all[words]; // the same as another style's
    return { tag, style, numeric, words, plural: rules(tag, {}), number: new NumberFormat(tag) };
  }, {
    format: (state, value, unit) => said(relative(state, value, unit)),
    formatToParts: (state, value, unit) => relative(state, value, unit),
    resolvedOptions: ({ tag, style, numeric }) => ({ locale: tag, style, numeric, numberingSystem: 'latn' }),
  });

  return { PluralRules, ListFormat, RelativeTimeFormat };
})
