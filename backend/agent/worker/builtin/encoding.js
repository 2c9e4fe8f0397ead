// TextEncoder and TextDecoder (Encoding Standard) over the codec of the worker.
(function (codec) {
  'use strict';
  const bytesOf = (source) => {
    if (source instanceof ArrayBuffer) return new Uint8Array(source);
    if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    throw new TypeError('The "list" argument must be an instance of ArrayBuffer or ArrayBufferView.');
  };
  const tag = (made, name) => Object.defineProperty(made.prototype, Symbol.toStringTag, { value: name, configurable: true });

  class TextEncoder {
    get encoding() { return 'utf-8'; }
    encode(text = '') { return new Uint8Array(codec.encode(`${text}`, 'utf8')); }
    encodeInto(text, target) {
      if (!(target instanceof Uint8Array)) throw new TypeError('The "dest" argument must be an instance of Uint8Array.');
      const source = `${text}`;
      let bytes = new Uint8Array(codec.encode(source, 'utf8'));
      if (bytes.length <= target.length) {
        target.set(bytes);
        return { read: source.length, written: bytes.length };
      }
      let written = target.length;
      while (written > 0 && (bytes[written] & 0xC0) === 0x80) written--;
      bytes = bytes.subarray(0, written);
      target.set(bytes);
      return { read: codec.decode(bytes, 0, written, 'utf8').length, written };
    }
  }

  const labels = {
    'utf-8': ['utf-8', 'utf8', 'unicode-1-1-utf-8', 'unicode11utf8', 'unicode20utf8', 'x-unicode20utf8'],
    'utf-16le': ['utf-16le', 'utf-16', 'ucs-2', 'unicode', 'unicodefeff', 'iso-10646-ucs-2', 'csunicode'],
    'utf-16be': ['utf-16be', 'unicodefffe'],
    'windows-1252': ['windows-1252', 'latin1', 'iso-8859-1', 'iso8859-1', 'iso88591', 'iso_8859-1', 'iso_8859-1:1987', 'ascii', 'us-ascii', 'ansi_x3.4-1968', 'cp1252', 'cp819', 'csisolatin1', 'ibm819', 'iso-ir-100', 'l1', 'x-cp1252'],
  };
  const known = new Map();
  for (const name of Object.keys(labels)) for (const label of labels[name]) known.set(label, name);

  class TextDecoder {
    #name; #fatal; #keepMark; #waiting = null; #begun = false;
    constructor(label = 'utf-8', options = undefined) {
      const name = known.get(`${label}`.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '').toLowerCase());
      if (name === undefined) {
        throw Object.assign(new RangeError(`The "${label}" encoding is not supported`), { code: 'ERR_ENCODING_NOT_SUPPORTED' });
      }
      this.#name = name;
      this.#fatal = Boolean(options?.fatal);
      this.#keepMark = Boolean(options?.ignoreBOM);
    }
    get encoding() { return this.#name; }
    get fatal() { return this.#fatal; }
    get ignoreBOM() { return this.#keepMark; }
    decode(source = undefined, options = undefined) {
      const more = Boolean(options?.stream);
      let bytes = source === undefined ? new Uint8Array(0) : bytesOf(source);
      if (this.#waiting !== null) {
        const joined = new Uint8Array(this.#waiting.length + bytes.length);
        joined.set(this.#waiting);
        joined.set(bytes, this.#waiting.length);
        bytes = joined;
      }
      this.#waiting = null;
      const begun = this.#begun;
      this.#begun = false;
      let [text, waiting] = codec.stream(bytes, this.#name, this.#fatal, more);
      if (more) {
        if (waiting > 0) this.#waiting = bytes.slice(bytes.length - waiting);
        this.#begun = begun || text !== '';
      }
      if (!begun && !this.#keepMark && this.#name !== 'windows-1252' && text.charCodeAt(0) === 0xFEFF) text = text.slice(1);
      return text;
    }
  }
  tag(TextEncoder, 'TextEncoder');
  tag(TextDecoder, 'TextDecoder');
  return { TextEncoder, TextDecoder };
})
