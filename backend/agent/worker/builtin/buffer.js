// Buffer (Node's documentation of it) over the codec of the worker.
(function (codec) {
  'use strict';
  const LIMIT = 64 * 1024 * 1024;
  const failure = (kind, code, text) => Object.assign(new kind(text), { code });
  const argument = (name, wanted) => failure(TypeError, 'ERR_INVALID_ARG_TYPE', `The "${name}" argument must be ${wanted}.`);
  const range = (name, wanted, got) => failure(RangeError, 'ERR_OUT_OF_RANGE', `The value of "${name}" is out of range. It must be ${wanted}. Received ${String(got)}`);
  const size = (n) => {
    if (typeof n !== 'number') throw argument('size', 'of type number');
    if (!(n >= 0 && n <= LIMIT)) throw range('size', `>= 0 && <= ${LIMIT}`, n);
    return Math.trunc(n);
  };
  const names = {
    __proto__: null, utf8: 'utf8', 'utf-8': 'utf8', hex: 'hex', base64: 'base64', base64url: 'base64url', latin1: 'latin1', binary: 'latin1',
    ascii: 'ascii', utf16le: 'utf16le', 'utf-16le': 'utf16le', ucs2: 'utf16le', 'ucs-2': 'utf16le',
  };
  const name = (encoding) => {
    if (encoding === undefined || encoding === null || encoding === '') return 'utf8';
    const known = names[`${encoding}`.toLowerCase()];
    if (known === undefined) throw failure(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
    return known;
  };
  const bytes = (source, what) => {
    if (source instanceof Uint8Array) return source;
    throw argument(what, 'an instance of Buffer or Uint8Array');
  };
  const between = (value, fallback, low, high) => {
    if (value === undefined) return fallback;
    const n = Math.trunc(Number(value)) || 0;
    return n < low ? low : n > high ? high : n;
  };
  const offset = (value, what, high) => {
    if (!(value >= 0 && value <= high)) throw range(what, `>= 0 && <= ${high}`, value);
    return Math.trunc(value);
  };
  const made = (list, target) => Reflect.construct(Uint8Array, list, target ?? Buffer);
  const fromString = (text, encoding) => made([codec.encode(text, name(encoding))]);
  const copied = (list) => {
    const out = made([size(list.length)]);
    if (list instanceof Uint8Array) out.set(list);
    else for (let i = 0; i < out.length; i++) out[i] = list[i];
    return out;
  };

  function Buffer(value, second, third) {
    if (typeof value === 'string') return fromString(value, second);
    if (typeof value === 'number') return made([size(value)], new.target);
    if (value instanceof ArrayBuffer) return made(third === undefined ? [value, second] : [value, second, third], new.target);
    return Buffer.from(value, second, third);
  }
  Object.setPrototypeOf(Buffer, Uint8Array);
  Buffer.prototype = Object.create(Uint8Array.prototype, { constructor: { value: Buffer, writable: true, configurable: true } });
  const add = (target, methods) => {
    for (const key of Object.keys(methods)) Object.defineProperty(target, key, { value: methods[key], writable: true, configurable: true });
  };

  const from = function (value, second, third) {
    if (typeof value === 'string') return fromString(value, second);
    if (value === null || typeof value !== 'object') throw argument('first', 'of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object');
    if (value instanceof ArrayBuffer) {
      const start = Math.trunc(Number(second)) || 0;
      if (start < 0 || start > value.byteLength) throw failure(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', '"offset" is outside of buffer bounds');
      if (third === undefined) return made([value, start]);
      const length = Math.max(0, Math.trunc(Number(third)) || 0);
      if (start + length > value.byteLength) throw failure(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', '"length" is outside of buffer bounds');
      return made([value, start, length]);
    }
    if (ArrayBuffer.isView(value) || Array.isArray(value)) return copied(value);
    const plain = value.valueOf?.();
    if (plain !== undefined && plain !== null && plain !== value && (typeof plain === 'string' || typeof plain === 'object')) return from(plain, second, third);
    if (value.type === 'Buffer' && Array.isArray(value.data)) return copied(value.data);
    if (value.length !== undefined) return copied({ __proto__: null, ...value, length: typeof value.length === 'number' && value.length > 0 ? value.length : 0 });
    if (typeof value[Symbol.toPrimitive] === 'function') {
      const text = value[Symbol.toPrimitive]('string');
      if (typeof text === 'string') return fromString(text, second);
    }
    throw argument('first', 'of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object');
  };

  add(Buffer, {
    from,
    of: (...list) => copied(list),
    alloc: (length, fill, encoding) => {
      const out = made([size(length)]);
      return fill === undefined || fill === 0 ? out : out.fill(fill, encoding);
    },
    allocUnsafe: (length) => made([size(length)]),
    allocUnsafeSlow: (length) => made([size(length)]),
    isBuffer: (value) => value instanceof Buffer,
    isEncoding: (encoding) => typeof encoding === 'string' && names[encoding.toLowerCase()] !== undefined,
    byteLength: (value, encoding) => {
      if (typeof value === 'string') return codec.length(value, names[`${encoding}`.toLowerCase()] ?? 'utf8');
      if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
      throw argument('string', 'of type string or an instance of Buffer or ArrayBuffer');
    },
    concat: (list, length) => {
      if (!Array.isArray(list)) throw argument('list', 'an instance of Array');
      let total = 0;
      if (length === undefined) for (const each of list) total += bytes(each, 'list').length;
      else total = length;
      const out = made([size(total)]);
      let at = 0;
      for (const each of list) {
        if (at >= out.length) break;
        const part = at + bytes(each, 'list').length > out.length ? each.subarray(0, out.length - at) : each;
        out.set(part, at);
        at += part.length;
      }
      return out;
    },
    compare: (a, b) => codec.compare(bytes(a, 'buf1'), bytes(b, 'buf2')),
    copyBytesFrom: (source, start, length) => {
      if (!ArrayBuffer.isView(source)) throw argument('view', 'an instance of TypedArray');
      const end = length === undefined ? undefined : (start ?? 0) + length;
      const part = source.slice(start, end);
      return copied(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    },
  });

  const search = (self, value, start, encoding, backwards) => {
    if (typeof start === 'string') [start, encoding] = [undefined, start];
    let at = Number(start);
    if (start === undefined || Number.isNaN(at)) at = backwards ? self.length : 0;
    at = Math.trunc(Math.max(-self.length - 1, Math.min(at, self.length)));
    if (at < 0) at += self.length;
    if (at < 0) {
      if (backwards) return -1;
      at = 0;
    }
    if (typeof value === 'number') value = new Uint8Array([value]);
    const kind = name(encoding);
    const wanted = typeof value === 'string' ? new Uint8Array(codec.encode(value, kind)) : value;
    if (!(wanted instanceof Uint8Array)) throw argument('value', 'one of type number or string or an instance of Buffer or Uint8Array');
    return codec.find(self, wanted, at, kind === 'utf16le' ? 2 : 1, backwards);
  };
  const part = (self, start, end) => new Uint8Array(self.buffer, self.byteOffset + start, Math.max(0, end - start));

  add(Buffer.prototype, {
    toString(encoding, start, end) {
      const to = between(end, this.length, 0, this.length);
      return codec.decode(this, between(start, 0, 0, this.length), to, name(encoding));
    },
    toLocaleString(encoding, start, end) { return this.toString(encoding, start, end); },
    toJSON() { return { type: 'Buffer', data: Array.from(this) }; },
    equals(other) { return this === other || codec.compare(this, bytes(other, 'otherBuffer')) === 0; },
    compare(other, from = 0, to = bytes(other, 'target').length, start = 0, end = this.length) {
      const [a, b, c, d] = [offset(from, 'targetStart', other.length), offset(to, 'targetEnd', other.length), offset(start, 'sourceStart', this.length), offset(end, 'sourceEnd', this.length)];
      return codec.compare(part(this, c, d), part(other, a, b));
    },
    subarray(start, end) { return made([this.buffer, ...placed(this, start, end)]); },
    slice(start, end) { return made([this.buffer, ...placed(this, start, end)]); },
    write(text, at, length, encoding) {
      if (typeof text !== 'string') throw argument('string', 'of type string');
      if (typeof at === 'string') [at, length, encoding] = [0, undefined, at];
      else if (typeof length === 'string') [length, encoding] = [undefined, length];
      const begin = at === undefined ? 0 : offset(at, 'offset', this.length), kind = name(encoding);
      let source = new Uint8Array(codec.encode(text, kind));
      let room = Math.min(source.length, length === undefined ? Infinity : offset(length, 'length', this.length), this.length - begin);
      if (kind === 'utf8' && room < source.length) while (room > 0 && (source[room] & 0xC0) === 0x80) room--;
      if (kind === 'utf16le') room -= room % 2;
      this.set(source.subarray(0, room), begin);
      return room;
    },
    fill(value, start, end, encoding) {
      if (typeof start === 'string') [start, end, encoding] = [undefined, undefined, start];
      else if (typeof end === 'string') [end, encoding] = [undefined, end];
      const begin = start === undefined ? 0 : offset(start, 'offset', this.length), stop = end === undefined ? this.length : offset(end, 'end', this.length);
      if (typeof value !== 'string' && !(value instanceof Uint8Array)) return Uint8Array.prototype.fill.call(this, Number(value) & 255, begin, stop);
      const source = typeof value === 'string' ? fromString(value, encoding) : value;
      if (source.length === 0) {
        if (typeof value === 'string' && value === '') return Uint8Array.prototype.fill.call(this, 0, begin, stop);
        throw failure(TypeError, 'ERR_INVALID_ARG_VALUE', "The argument 'value' is invalid.");
      }
      if (stop <= begin) return this;
      this.set(source.length > stop - begin ? source.subarray(0, stop - begin) : source, begin);
      for (let done = Math.min(source.length, stop - begin); done < stop - begin; done *= 2) this.copyWithin(begin + done, begin, Math.min(begin + done, stop - done));
      return this;
    },
    copy(target, at = 0, start = 0, end = this.length) {
      bytes(target, 'target');
      const to = between(at, 0, 0, Infinity), begin = offset(Math.trunc(Number(start)) || 0, 'sourceStart', this.length), stop = between(end, this.length, 0, this.length);
      const length = Math.max(0, Math.min(stop - begin, target.length - to));
      if (length > 0) target.set(part(this, begin, begin + length), to);
      return length;
    },
    indexOf(value, start, encoding) { return search(this, value, start, encoding, false); },
    lastIndexOf(value, start, encoding) { return search(this, value, start, encoding, true); },
    includes(value, start, encoding) { return search(this, value, start, encoding, false) !== -1; },
  });
  const placed = (self, start, end) => {
    const place = (value, fallback) => {
      const n = value === undefined ? fallback : Math.trunc(Number(value)) || 0;
      return n < 0 ? Math.max(0, self.length + n) : Math.min(n, self.length);
    };
    const begin = place(start, 0);
    return [self.byteOffset + begin, Math.max(0, place(end, self.length) - begin)];
  };
  codec.numbers(Buffer, add, range, failure);
  return { Buffer };
})
