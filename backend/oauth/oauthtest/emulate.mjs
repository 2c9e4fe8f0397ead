// Five services with their quirks, as emulate's authors publish them, one client
// each. Nothing outlives the process.
//
//   node emulate.mjs '{"clients": [{"service", "id", "secret", "redirects": []}]}'
//
// It prints {service: origin} as one line and ends when standard input does.

import { Server, createServer } from 'node:net';

import { createEmulator } from 'emulate';

/** held are the sockets that listen already, by port. */
const held = new Map();

/** reserve begins to listen on a port that nobody has, for this computer alone. */
async function reserve() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  held.set(port, server);
  return port;
}

// The emulators know a port and no address, and would listen to the whole network.
// Each takes over the socket that was reserved for it, so the port is never free.
const { listen } = Server.prototype;
Server.prototype.listen = function onReserved(port, ...rest) {
  const server = held.get(port);
  return server ? listen.call(this, server) : listen.call(this, port, ...rest);
};

/** where each service keeps its clients, and what it wants to know of them besides. */
const kinds = {
  github: ['oauth_apps', {}],
  google: ['oauth_clients', {}],
  slack: ['oauth_apps', { app_id: 'A000000001', scopes: ['users:read'] }],
  microsoft: ['oauth_clients', {}],
  linear: ['oauth_apps', { scopes: ['read', 'write'], actor: 'user' }],
};

const { clients } = JSON.parse(process.argv[2]);
const origins = {};
for (const { service, id, secret, redirects } of clients) {
  const [place, more] = kinds[service];
  const port = await reserve();
  const client = { client_id: id, client_secret: secret, name: 'Agent', redirect_uris: redirects, ...more };
  await createEmulator({ service, port, seed: { [service]: { [place]: [client] } } });
  origins[service] = `http://127.0.0.1:${port}`;
}
process.stdout.write(`${JSON.stringify(origins)}\n`);
process.stdin.on('end', () => process.exit(0)).resume();
