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
  };

  // A group of calls; what it lacks rejects and says what there is.
  const group = (name, members) => new Proxy(Object.freeze(members), {
    get: (target, member) => {
      if (typeof member === 'symbol' || member === 'then' || member in target) return target[member];
      return () => Promise.reject(new Error(`context.${name}.${member} is not available on the desktop: there are ${Object.keys(target).join(', ')}.`));
    },
  });

  // A file as the code sees it: what is known of it, and ways to its content.
  const file = (known) => {
    const bytes = known.bytes ?? new ArrayBuffer(0);
    delete known.bytes;
    const text = () => new TextDecoder().decode(bytes);
    return Object.assign(known, {
      text: async () => text(),
      json: async () => JSON.parse(text()),
      base64: async () => Buffer.from(bytes).toString('base64'),
      arrayBuffer: async () => bytes,
    });
  };

  const upload = (filename, mimeType, content) => {
    if (typeof content !== 'string') throw new TypeError('files.upload takes the content as base64 text; files.write takes it as it is.');
    const plain = content.replace(/\s+/g, '').replace(/-/g, '+').replace(/_/g, '/').replace(/=+$/, '');
    if (/[^A-Za-z0-9+/]/.test(plain) || plain.length % 4 === 1) throw new TypeError('The content for files.upload is not base64.');
    return host.call('files.write', { filename: String(filename), mimeType: String(mimeType ?? '') }, Buffer.from(plain, 'base64'));
  };

  const files = group('files', {
    upload: async (filename, mimeType, content) => upload(filename, mimeType, content),
    write: async (filename, content, mimeType) => host.call('files.write', { filename: String(filename), mimeType: String(mimeType ?? '') }, body(content)),
    read: async (filename) => file(await host.call('files.read', { filename: String(filename) })),
    info: async (filename) => host.call('files.info', { filename: String(filename) }),
    list: async () => host.call('files.list', {}),
    delete: async (filename) => { await host.call('files.delete', { filename: String(filename) }); },
  });

  const ai = group('ai', {
    chat: async (messages, options) => host.call('ai.chat', { messages, options }),
    analyze: async (content, instruction, options) => host.call('ai.analyze', { content, instruction, options }),
    summarize: async (content, options) => host.call('ai.summarize', { content, options }),
    listModels: async () => host.call('ai.listModels', {}),
  });

  const tasks = group('tasks', {
    create: async (task) => host.call('tasks.create', task ?? {}),
    list: async () => host.call('tasks.list', {}),
    get: async (id) => host.call('tasks.get', { id: String(id) }),
    update: async (id, changes) => host.call('tasks.update', { id: String(id), changes: changes ?? {} }),
    cancel: async (id) => { await host.call('tasks.cancel', { id: String(id) }); },
  });

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
    files,
    ai,
    tasks,
    getSessionMetadata: async () => host.call('metadata.get', {}),
    updateSessionMetadata: async (changes) => host.call('metadata.update', changes ?? {}),
    callTool: async (name, args) => host.call('tools.call', { name: String(name), input: args ?? {} }),
    listTools: async () => host.call('tools.list', {}),
    streamEvent: async (event, data) => { await host.call('events.stream', { event, data }); },
  };
  for (const name of Object.keys(missing)) context[name] = without(name, missing[name]);
  return context;
})
