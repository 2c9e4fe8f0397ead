// URL and URLSearchParams (URL Standard, sections 5 and 6).
(function (native) {
  'use strict';
  const failure = (kind, code, text) => Object.assign(new kind(text), { code });
  let follow; // ties the parameters to their URL
  let renew; // reads them again

  class URLSearchParams {
    #list = []; #url = null;
    constructor(init = '') {
      if (init === null) return; // as in Node
      if (typeof init !== 'object' && typeof init !== 'function') {
        const text = `${init}`;
        this.#read(text[0] === '?' ? text.slice(1) : text);
        return;
      }
      const iterate = init[Symbol.iterator];
      if (iterate !== undefined && iterate !== null) {
        if (typeof iterate !== 'function') throw failure(TypeError, 'ERR_ARG_NOT_ITERABLE', 'Query pairs must be iterable');
        for (const pair of init) {
          if (pair === null || typeof pair !== 'object' || typeof pair[Symbol.iterator] !== 'function') throw failure(TypeError, 'ERR_INVALID_TUPLE', 'Each query pair must be an iterable [name, value] tuple');
          const parts = [...pair];
          if (parts.length !== 2) throw failure(TypeError, 'ERR_INVALID_TUPLE', 'Each query pair must be an iterable [name, value] tuple');
          this.#list.push([native.text(`${parts[0]}`), native.text(`${parts[1]}`)]);
        }
        return;
      }
      const seen = new Map();
      for (const key of Reflect.ownKeys(init)) {
        if (typeof key === 'symbol' || !Object.getOwnPropertyDescriptor(init, key)?.enumerable) continue;
        seen.set(native.text(key), native.text(`${init[key]}`));
      }
      this.#list = [...seen];
    }
    static {
      follow = (params, url) => { params.#url = url; };
      renew = (params, text) => { params.#read(text); };
    }
    #read(text) {
      const parts = native.split(text);
      this.#list = [];
      for (let i = 0; i < parts.length; i += 2) this.#list.push([parts[i], parts[i + 1]]);
    }
    #changed() { if (this.#url !== null) native.set(this.#url, 'search', this.toString()); }
    get size() { return this.#list.length; }
    append(name, value) {
      need(arguments, 2);
      this.#list.push([native.text(`${name}`), native.text(`${value}`)]);
      this.#changed();
    }
    delete(name, value = undefined) {
      need(arguments, 1);
      const key = native.text(`${name}`), text = value === undefined ? undefined : native.text(`${value}`);
      this.#list = this.#list.filter((each) => each[0] !== key || (text !== undefined && each[1] !== text));
      this.#changed();
    }
    get(name) {
      need(arguments, 1);
      const key = native.text(`${name}`);
      return this.#list.find((each) => each[0] === key)?.[1] ?? null;
    }
    getAll(name) {
      need(arguments, 1);
      const key = native.text(`${name}`);
      return this.#list.filter((each) => each[0] === key).map((each) => each[1]);
    }
    has(name, value = undefined) {
      need(arguments, 1);
      const key = native.text(`${name}`), text = value === undefined ? undefined : native.text(`${value}`);
      return this.#list.some((each) => each[0] === key && (text === undefined || each[1] === text));
    }
    set(name, value) {
      need(arguments, 2);
      const key = native.text(`${name}`), text = native.text(`${value}`);
      let found = false;
      this.#list = this.#list.filter((each) => {
        if (each[0] !== key) return true;
        if (found) return false;
        found = true;
        each[1] = text;
        return true;
      });
      if (!found) this.#list.push([key, text]);
      this.#changed();
    }
    sort() {
      this.#list.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
      this.#changed();
    }
    forEach(visit, self = undefined) {
      if (typeof visit !== 'function') throw failure(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "callback" argument must be of type function.');
      for (let i = 0; i < this.#list.length; i++) visit.call(self, this.#list[i][1], this.#list[i][0], this);
    }
    *entries() { for (let i = 0; i < this.#list.length; i++) yield [this.#list[i][0], this.#list[i][1]]; }
    *keys() { for (let i = 0; i < this.#list.length; i++) yield this.#list[i][0]; }
    *values() { for (let i = 0; i < this.#list.length; i++) yield this.#list[i][1]; }
    toString() {
      let out = '';
      for (let i = 0; i < this.#list.length; i += 500) {
        const text = native.join(...this.#list.slice(i, i + 500).flat());
        out = i === 0 ? text : `${out}&${text}`;
      }
      return out;
    }
  }
  const need = (list, n) => {
    if (list.length < n) throw failure(TypeError, 'ERR_MISSING_ARGS', n === 1 ? 'The "name" argument must be specified' : 'The "name" and "value" arguments must be specified');
  };

  class URL {
    #record; #params = null;
    constructor(url, base = undefined) {
      if (arguments.length === 0) throw failure(TypeError, 'ERR_MISSING_ARGS', 'The "url" argument must be specified');
      const text = `${url}`, from = base === undefined ? undefined : `${base}`;
      this.#record = native.parse(text, from);
      if (this.#record === null) throw Object.assign(failure(TypeError, 'ERR_INVALID_URL', 'Invalid URL'), from === undefined ? { input: text } : { input: text, base: from });
    }
    static canParse(url, base = undefined) {
      return native.parse(`${url}`, base === undefined ? undefined : `${base}`) !== null;
    }
    static parse(url, base = undefined) {
      return URL.canParse(url, base) ? new URL(url, base) : null;
    }
    #set(name, value) {
      native.set(this.#record, name, `${value}`);
      if (name === 'search') this.#renew();
    }
    #renew() { if (this.#params !== null) renew(this.#params, native.get(this.#record, 'search').slice(1)); }
    get href() { return native.get(this.#record, 'href'); }
    set href(value) {
      const text = `${value}`, made = native.parse(text);
      if (made === null) throw Object.assign(failure(TypeError, 'ERR_INVALID_URL', 'Invalid URL'), { input: text });
      this.#record = made;
      if (this.#params !== null) follow(this.#params, made);
      this.#renew();
    }
    get origin() { return native.get(this.#record, 'origin'); }
    get protocol() { return native.get(this.#record, 'protocol'); }
    set protocol(value) { this.#set('protocol', value); }
    get username() { return native.get(this.#record, 'username'); }
    set username(value) { this.#set('username', value); }
    get password() { return native.get(this.#record, 'password'); }
    set password(value) { this.#set('password', value); }
    get host() { return native.get(this.#record, 'host'); }
    set host(value) { this.#set('host', value); }
    get hostname() { return native.get(this.#record, 'hostname'); }
    set hostname(value) { this.#set('hostname', value); }
    get port() { return native.get(this.#record, 'port'); }
    set port(value) { this.#set('port', value); }
    get pathname() { return native.get(this.#record, 'pathname'); }
    set pathname(value) { this.#set('pathname', value); }
    get search() { return native.get(this.#record, 'search'); }
    set search(value) { this.#set('search', value); }
    get hash() { return native.get(this.#record, 'hash'); }
    set hash(value) { this.#set('hash', value); }
    get searchParams() {
      if (this.#params === null) {
        this.#params = new URLSearchParams(native.get(this.#record, 'search'));
        follow(this.#params, this.#record);
      }
      return this.#params;
    }
    toString() { return this.href; }
    toJSON() { return this.href; }
  }
  for (const key of ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash', 'searchParams', 'toString', 'toJSON']) {
    Object.defineProperty(URL.prototype, key, { enumerable: true });
  }
  Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, { value: URLSearchParams.prototype.entries, writable: true, configurable: true });
  Object.defineProperty(URLSearchParams.prototype, Symbol.toStringTag, { value: 'URLSearchParams', configurable: true });
  Object.defineProperty(URL.prototype, Symbol.toStringTag, { value: 'URL', configurable: true });
  return { URL, URLSearchParams };
})
