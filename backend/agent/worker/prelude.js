// Builds the context that an agent's function gets. host holds the calls that
// leave the process; nothing else in here can.
(function (host, input, secrets, userConfig, services, timeZone) {
  'use strict';

  const pairs = (headers) => {
    const out = {};
    if (headers === undefined || headers === null) return out;
    const put = (name, value) => { out[String(name)] = String(value); };
    if (typeof headers.forEach === 'function' && !Array.isArray(headers)) {
      headers.forEach((value, name) => put(name, value));
    } else if (Array.isArray(headers)) {
      for (const [name, value] of headers) put(name, value);
    } else {
      for (const name of Object.keys(headers)) {
        if (headers[name] !== undefined && headers[name] !== null) put(name, headers[name]);
      }
    }
    return out;
  };

  const body = (value) => {
    if (value === undefined || value === null) return '';
    if (typeof value === 'string' || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value;
    if (typeof value === 'object' && Object.prototype.toString.call(value) === '[object Object]' && value.toString === Object.prototype.toString) {
      throw new TypeError('The body of a request is a string: use JSON.stringify for an object.');
    }
    return String(value);
  };

  const request = async (service, url, options) => {
    const o = options ?? {};
    const method = o.method === undefined ? 'GET' : String(o.method).toUpperCase();
    return host.fetch(service, String(url?.url ?? url), method, pairs(o.headers), body(o.body));
  };

  const connection = (key) => {
    const get = async () => host.connection(key);
    return Object.freeze({
      isConnected: async () => (await get()).connected,
      fetch: (url, options) => request(key, url, options),
      getConnection: get,
      getConnectionInfo: get,
    });
  };

  const without = (name, why) => {
    const refuse = () => Promise.reject(new Error(`context.${name} is not available on the desktop: ${why}`));
    return new Proxy(refuse, {
      get: (target, member) => (member === 'then' || typeof member === 'symbol' ? undefined : refuse),
      set: () => false,
    });
  };

  const missing = {
    db: 'there is no database server on this computer.',
    managedDb: 'there is no database server on this computer.',
    publicApp: 'a laptop serves no public pages.',
    billing: 'nothing is sold here.',
    dataConnectors: 'use an oauth block and context.oauth instead.',
    pdf: 'this version makes no PDF files.',
    machine: 'agents do not control the computer.',
    widget: 'this version shows no widgets.',
    ai: 'no model is set up.',
    files: 'this version keeps no files for agents.',
    tasks: 'this version has no scheduler for agents.',
    callTool: 'this version does not let agents call each other.',
    listTools: 'this version does not let agents call each other.',
    streamEvent: 'there is no session to send events to.',
    getSessionMetadata: 'every run starts anew.',
    updateSessionMetadata: 'every run starts anew.',
  };

  const context = {
    input,
    fetch: (url, options) => request('', url, options),
    oauth: connection('default'),
    oauthConnection: (key) => {
      const name = String(key);
      if (!services.includes(name)) {
        throw new Error(`This agent declares no service named ${name}.`);
      }
      return connection(name);
    },
    secrets: Object.freeze({ ...secrets }),
    userConfig,
    user: Object.freeze({ timezone: timeZone }),
    notify: async (message, options) => host.notify(String(message ?? ''), String(options?.title ?? '')),
  };
  for (const name of Object.keys(missing)) context[name] = without(name, missing[name]);
  return context;
})
