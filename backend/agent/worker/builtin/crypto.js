// crypto (Web Cryptography API): random numbers, digests and HMAC.
(function (native) {
  'use strict';
  const failure = (name, text) => new DOMException(text, name);
  const bytesOf = (source) => {
    if (source instanceof ArrayBuffer) return new Uint8Array(source);
    if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    throw new TypeError('The data must be an instance of ArrayBuffer or ArrayBufferView.');
  };
  const hashes = { __proto__: null, 'SHA-1': 64, 'SHA-256': 64, 'SHA-384': 128, 'SHA-512': 128 };
  const nameOf = (algorithm) => {
    const name = `${typeof algorithm === 'object' && algorithm !== null ? algorithm.name : algorithm}`.toUpperCase();
    return name;
  };
  const hashOf = (algorithm) => {
    const name = nameOf(algorithm);
    if (hashes[name] === undefined) throw failure('NotSupportedError', `Unrecognized algorithm name: ${name}`);
    return name;
  };
  const onlyHMAC = (algorithm) => {
    if (nameOf(algorithm) !== 'HMAC') throw failure('NotSupportedError', `Only HMAC is supported here, not ${nameOf(algorithm)}.`);
  };
  const secret = {};
  let raw;
  class CryptoKey {
    #bytes; #algorithm; #extractable; #usages;
    constructor(token, bytes, hash, extractable, usages) {
      if (token !== secret) throw new TypeError('Illegal constructor');
      this.#bytes = bytes;
      this.#algorithm = Object.freeze({ length: bytes.length * 8, name: 'HMAC', hash: Object.freeze({ name: hash }) });
      this.#extractable = Boolean(extractable);
      this.#usages = Object.freeze([...usages].map(String));
    }
    static { raw = (key, usage) => {
      if (!(key instanceof CryptoKey)) throw new TypeError('The "key" argument must be an instance of CryptoKey.');
      if (usage !== '' && !key.#usages.includes(usage)) throw failure('InvalidAccessError', `Unable to use this key to ${usage}`);
      return key.#bytes;
    }; }
    get type() { return 'secret'; }
    get algorithm() { return this.#algorithm; }
    get extractable() { return this.#extractable; }
    get usages() { return this.#usages; }
  }
  const usable = (usages) => {
    const list = [...usages];
    if (list.length === 0 || list.some((each) => each !== 'sign' && each !== 'verify')) throw failure('SyntaxError', 'Unsupported key usage for an HMAC key');
    return list;
  };
  const tag = (object, name) => Object.defineProperty(object, Symbol.toStringTag, { value: name, configurable: true });
  tag(CryptoKey.prototype, 'CryptoKey');

  const subtle = {
    async digest(algorithm, data) { return native.digest(hashOf(algorithm), bytesOf(data)); },
    async importKey(format, data, algorithm, extractable, usages) {
      onlyHMAC(algorithm);
      let bytes;
      if (format === 'raw') bytes = bytesOf(data).slice();
      else if (format === 'jwk' && data?.kty === 'oct') bytes = new Uint8Array(Buffer.from(`${data.k}`, 'base64url'));
      else throw failure('NotSupportedError', 'Only raw keys and symmetric JSON Web Keys can be imported.');
      if (bytes.length === 0) throw failure('DataError', 'Zero-length key is not supported');
      return new CryptoKey(secret, bytes, hashOf(algorithm.hash), extractable, usable(usages));
    },
    async exportKey(format, key) {
      const bytes = raw(key, '');
      if (!key.extractable) throw failure('InvalidAccessError', 'key is not extractable');
      if (format !== 'raw') throw failure('NotSupportedError', 'Only raw keys can be exported.');
      return bytes.slice().buffer;
    },
    async generateKey(algorithm, extractable, usages) {
      onlyHMAC(algorithm);
      const hash = hashOf(algorithm.hash), length = algorithm.length ?? hashes[hash] * 8;
      if (!(length > 0 && length <= 65536 && length % 8 === 0)) throw failure('OperationError', 'The length of the key is not supported.');
      const bytes = new Uint8Array(length / 8);
      native.random(bytes);
      return new CryptoKey(secret, bytes, hash, extractable, usable(usages));
    },
    async sign(algorithm, key, data) {
      onlyHMAC(algorithm);
      return native.hmac(key?.algorithm?.hash?.name, raw(key, 'sign'), bytesOf(data));
    },
    async verify(algorithm, key, signature, data) {
      onlyHMAC(algorithm);
      const made = native.hmac(key?.algorithm?.hash?.name, raw(key, 'verify'), bytesOf(data));
      return native.equal(new Uint8Array(made), bytesOf(signature));
    },
  };
  const integers = /^(Big)?(Int|Uint)\d+(Clamped)?Array$/;
  const crypto = {
    subtle,
    getRandomValues(array) {
      if (!ArrayBuffer.isView(array) || !integers.test(Object.prototype.toString.call(array).slice(8, -1)) && !(array instanceof Uint8Array)) {
        throw failure('TypeMismatchError', 'The data argument must be an integer-type TypedArray');
      }
      if (array.byteLength > 65536) throw failure('QuotaExceededError', `The requested length exceeds 65,536 bytes`);
      native.random(bytesOf(array));
      return array;
    },
    randomUUID() { return native.uuid(); },
  };
  tag(subtle, 'SubtleCrypto');
  tag(crypto, 'Crypto');
  return { crypto, CryptoKey };
})
