// Buffer, TextEncoder and TextDecoder over the codec of the host process.
(function (codec) {
  'use strict';
  const LIMIT = 64 * 1024 * 1024;
  const size = (n) => {
    const length = Math.trunc(Number(n));
    if (!(length >= 0 && length <= LIMIT)) throw new RangeError('The size of a Buffer is at most 64 MB.');
    return length;
  };
  const view = (source) => {
    if (source instanceof ArrayBuffer) return new Uint8Array(source);
    if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    throw new TypeError('Bytes were expected.');
  };
  const known = ['utf8', 'utf-8', 'hex', 'base64', 'base64url', 'latin1', 'binary', 'ascii', 'utf16le', 'utf-16le', 'ucs2', 'ucs-2'];
  const name = (encoding) => {
    if (encoding === undefined || encoding === null) return 'utf8';
    const lower = String(encoding).toLowerCase();
    if (!known.includes(lower)) throw new TypeError(`Unknown encoding: ${encoding}`);
    return lower;
  };
  const wrap = (bytes) => {
    Object.setPrototypeOf(bytes, Buffer.prototype);
    return bytes;
  };

  class Buffer extends Uint8Array {
    static from(value, second, third) {
      if (typeof value === 'string') return wrap(new Uint8Array(codec.encode(value, name(second))));
      if (value instanceof ArrayBuffer) return wrap(new Uint8Array(value, second, third));
      if (value && value.type === 'Buffer' && Array.isArray(value.data)) return wrap(Uint8Array.from(value.data));
      if (value === null || typeof value !== 'object') throw new TypeError('Buffer.from takes a string, an array or bytes.');
      size(value.length ?? 0);
      return wrap(Uint8Array.from(value, (n) => n & 255));
    }
    static alloc(length, fill, encoding) {
      const out = wrap(new Uint8Array(size(length)));
      return fill === undefined ? out : out.fill(fill, 0, out.length, encoding);
    }
    static allocUnsafe(length) { return Buffer.alloc(length); }
    static isBuffer(value) { return value instanceof Buffer; }
    static isEncoding(encoding) { return known.includes(String(encoding).toLowerCase()); }
    static byteLength(value, encoding) {
      return typeof value === 'string' ? codec.encode(value, name(encoding)).byteLength : view(value).length;
    }
    static concat(list, length) {
      const total = length ?? list.reduce((sum, each) => sum + each.length, 0);
      const out = Buffer.alloc(total);
      let at = 0;
      for (const each of list) {
        const part = at + each.length > total ? each.subarray(0, total - at) : each;
        out.set(part, at);
        at += part.length;
        if (at >= total) break;
      }
      return out;
    }
    static compare(a, b) {
      const shared = Math.min(a.length, b.length);
      for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
      return Math.sign(a.length - b.length);
    }
    toString(encoding, start = 0, end = this.length) {
      const from = Math.max(0, Math.trunc(start) || 0), to = Math.min(this.length, Math.trunc(end));
      if (from >= to) return '';
      return codec.decode(this.buffer, this.byteOffset + from, to - from, name(encoding));
    }
    toJSON() { return { type: 'Buffer', data: Array.from(this) }; }
    equals(other) { return Buffer.compare(this, other) === 0; }
    compare(other) { return Buffer.compare(this, other); }
    subarray(start, end) { return wrap(Uint8Array.prototype.subarray.call(this, start, end)); }
    slice(start, end) { return this.subarray(start, end); }
    write(text, offset = 0, length, encoding) {
      if (typeof offset === 'string') [offset, length, encoding] = [0, undefined, offset];
      else if (typeof length === 'string') [length, encoding] = [undefined, length];
      const bytes = new Uint8Array(codec.encode(String(text), name(encoding)));
      const room = Math.max(0, Math.min(bytes.length, length ?? Infinity, this.length - offset));
      this.set(bytes.subarray(0, room), offset);
      return room;
    }
    fill(value, start = 0, end = this.length, encoding) {
      if (typeof value !== 'string' && !ArrayBuffer.isView(value)) return super.fill(value, start, end);
      const bytes = typeof value === 'string' ? Buffer.from(value, encoding) : value;
      if (bytes.length === 0) return super.fill(0, start, end);
      for (let i = start; i < end; i++) this[i] = bytes[(i - start) % bytes.length];
      return this;
    }
    copy(target, at = 0, start = 0, end = this.length) {
      const part = this.subarray(start, Math.min(end, start + target.length - at));
      target.set(part, at);
      return part.length;
    }
    indexOf(value, from = 0, encoding) {
      if (typeof value === 'number') return super.indexOf(value & 255, from);
      const bytes = typeof value === 'string' ? Buffer.from(value, encoding) : value;
      for (let i = Math.max(0, from < 0 ? this.length + from : from); i <= this.length - bytes.length; i++) {
        let j = 0;
        while (j < bytes.length && this[i + j] === bytes[j]) j++;
        if (j === bytes.length) return i;
      }
      return -1;
    }
    includes(value, from, encoding) { return this.indexOf(value, from, encoding) !== -1; }
  }

  const numbers = { UInt8: ['Uint8', 1], Int8: ['Int8', 1], UInt16: ['Uint16', 2], Int16: ['Int16', 2], UInt32: ['Uint32', 4], Int32: ['Int32', 4], Float: ['Float32', 4], Double: ['Float64', 8] };
  for (const [word, [method, width]] of Object.entries(numbers)) {
    for (const order of width === 1 ? [''] : ['LE', 'BE']) {
      const at = (buffer, offset) => {
        if (!(offset >= 0 && offset + width <= buffer.length)) throw new RangeError('The offset lies outside of the Buffer.');
        return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      };
      const read = function (offset = 0) { return at(this, offset)[`get${method}`](offset, order === 'LE'); };
      const write = function (value, offset = 0) { at(this, offset)[`set${method}`](offset, value, order === 'LE'); return offset + width; };
      for (const alias of [word, word.replace('UInt', 'Uint')]) {
        Object.defineProperty(Buffer.prototype, `read${alias}${order}`, { value: read, writable: true, configurable: true });
        Object.defineProperty(Buffer.prototype, `write${alias}${order}`, { value: write, writable: true, configurable: true });
      }
    }
  }

  class TextEncoder {
    get encoding() { return 'utf-8'; }
    encode(text = '') { return new Uint8Array(codec.encode(String(text), 'utf8')); }
    encodeInto(text, target) {
      let read = 0, written = 0;
      for (const character of String(text)) {
        const bytes = this.encode(character);
        if (written + bytes.length > target.length) break;
        target.set(bytes, written);
        written += bytes.length;
        read += character.length;
      }
      return { read, written };
    }
  }

  const labels = { 'utf-8': 'utf8', utf8: 'utf8', 'utf-16le': 'utf16le', 'utf-16': 'utf16le', latin1: 'latin1', 'iso-8859-1': 'latin1', ascii: 'latin1', 'us-ascii': 'latin1', 'windows-1252': 'latin1' };
  class TextDecoder {
    #label; #fatal; #keepMark;
    constructor(label = 'utf-8', options = {}) {
      this.#label = String(label).trim().toLowerCase();
      if (!labels[this.#label]) throw new RangeError(`The encoding "${label}" is not supported.`);
      this.#fatal = Boolean(options.fatal);
      this.#keepMark = Boolean(options.ignoreBOM);
    }
    get encoding() { return { utf8: 'utf-8', utf16le: 'utf-16le', latin1: 'windows-1252' }[labels[this.#label]]; }
    get fatal() { return this.#fatal; }
    get ignoreBOM() { return this.#keepMark; }
    decode(source) {
      if (source === undefined) return '';
      const bytes = view(source);
      if (this.#fatal && labels[this.#label] === 'utf8' && !codec.valid(bytes.buffer, bytes.byteOffset, bytes.length)) {
        throw new TypeError('The encoded data is not valid.');
      }
      const text = codec.decode(bytes.buffer, bytes.byteOffset, bytes.length, labels[this.#label]);
      return !this.#keepMark && text.charCodeAt(0) === 0xFEFF ? text.slice(1) : text;
    }
  }
  return { Buffer, TextEncoder, TextDecoder };
})
