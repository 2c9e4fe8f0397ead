// An authorization server for conformance tests: oidc-provider as its authors
// publish it, with a person who can be asked, an API that takes its tokens, and a
// way to look behind the scenes. Nothing outlives the process.
//
// It prints its origin as one line and ends when standard input does.
//
//   POST /control/clients   client metadata (RFC 7591) plus life: seconds of an access token
//   POST /control/expire    {client}: every access token of the client has run out
//   GET  /control/issued?client=ID   what was handed out, in order
//   POST /control/known     {client}: 200 while the client is registered, else 404
//   GET  /api/repos         [{name}] for a token that is good

import { createServer } from 'node:http';
import { generateKeyPairSync, randomBytes } from 'node:crypto';

import Provider from 'oidc-provider';

const account = { sub: 'ada', email: 'ada@example.test' };
const repositories = [{ name: 'analytical-engine' }, { name: 'notes-on-bernoulli' }];
const hour = 60 * 60;

/** kept is every entry by model and id, as the adapter stores it. */
const kept = new Map();

/** Memory is the adapter that oidc-provider asks for: one for each model. */
class Memory {
  constructor(model) {
    if (!kept.has(model)) kept.set(model, new Map());
    this.entries = kept.get(model);
  }

  async upsert(id, payload) {
    this.entries.set(id, payload);
  }

  async find(id) {
    return this.entries.get(id);
  }

  async findByUid(uid) {
    return [...this.entries.values()].find((entry) => entry.uid === uid);
  }

  async findByUserCode(userCode) {
    return [...this.entries.values()].find((entry) => entry.userCode === userCode);
  }

  async consume(id) {
    this.entries.get(id).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    this.entries.delete(id);
  }

  async revokeByGrantId(grantId) {
    for (const [id, entry] of this.entries) if (entry.grantId === grantId) this.entries.delete(id);
  }
}

/** issued is what the token endpoint has handed out, by client id. */
const issued = new Map();

function note(ctx) {
  const { client, params } = ctx.oidc;
  const list = issued.get(client.clientId) ?? [];
  list.push({
    grant: params.grant_type,
    code: params.code ?? '',
    verifier: params.code_verifier ?? '',
    access: ctx.body.access_token,
    refresh: ctx.body.refresh_token ?? '',
    id: ctx.body.id_token ?? '',
  });
  issued.set(client.clientId, list);
}

function configuration() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    adapter: Memory,
    clientDefaults: { grant_types: ['authorization_code', 'refresh_token'], id_token_signed_response_alg: 'ES256' },
    claims: { openid: ['sub'], email: ['email'] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    extraClientMetadata: { properties: ['life'] },
    features: {
      devInteractions: { enabled: false },
      deviceFlow: { enabled: true },
      registration: { enabled: true },
      registrationManagement: { enabled: true },
      revocation: { enabled: true },
    },
    findAccount: async (_ctx, sub) => ({ accountId: sub, claims: async () => ({ ...account, sub }) }),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256' }] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: (_ctx, _token, client) => client.life ?? hour,
      AuthorizationCode: 60,
      Grant: 24 * hour,
      IdToken: hour,
      Interaction: hour,
      RefreshToken: 24 * hour,
      Session: hour,
    },
  };
}

/** page asks the person. */
function page(res, uid) {
  res.setHeader('Content-Type', 'text/html; charset=utf-8');
  res.end(`<!doctype html><title>Sign in</title><form method="post" action="/interaction/${uid}">
<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form>`);
}

/** answer signs in as the one account there is and consents to all, or to nothing. */
async function answer(provider, req, res) {
  const form = new URLSearchParams(await body(req));
  const { params, grantId } = await provider.interactionDetails(req, res);
  if (form.get('decision') !== 'allow') {
    return provider.interactionFinished(req, res, { error: 'access_denied', error_description: 'The person said no.' });
  }
  const grant = (grantId && (await provider.Grant.find(grantId))) || new provider.Grant({ accountId: account.sub, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return provider.interactionFinished(req, res, { login: { accountId: account.sub }, consent: { grantId: await grant.save() } });
}

async function repos(provider, req, res) {
  const [scheme, value] = (req.headers.authorization ?? '').split(' ');
  const token = scheme === 'Bearer' && value ? await provider.AccessToken.find(value) : undefined;
  if (!token) {
    res.setHeader('WWW-Authenticate', 'Bearer error="invalid_token"');
    return json(res, 401, { error: 'invalid_token' });
  }
  return json(res, 200, repositories);
}

async function control(provider, req, res, url) {
  switch (`${req.method} ${url.pathname}`) {
    case 'POST /control/clients': {
      const metadata = JSON.parse(await body(req));
      await new Memory('Client').upsert(metadata.client_id, metadata);
      const client = await provider.Client.find(metadata.client_id); // refuses what is no valid metadata
      return json(res, client ? 200 : 400, {});
    }
    case 'POST /control/expire': {
      const { client } = JSON.parse(await body(req));
      const tokens = [...(kept.get('AccessToken')?.values() ?? [])].filter((entry) => entry.clientId === client);
      for (const token of tokens) token.exp = 1;
      return json(res, 200, { expired: tokens.length });
    }
    case 'POST /control/known': {
      const { client } = JSON.parse(await body(req));
      return json(res, kept.get('Client')?.has(client) ? 200 : 404, {});
    }
    case 'GET /control/issued':
      return json(res, 200, issued.get(url.searchParams.get('client')) ?? []);
    default:
      return json(res, 404, {});
  }
}

async function body(req) {
  const parts = [];
  for await (const part of req) parts.push(part);
  return Buffer.concat(parts).toString();
}

function json(res, status, value) {
  res.writeHead(status, { 'Content-Type': 'application/json' });
  res.end(JSON.stringify(value));
}

function route(provider, origin) {
  const protocol = provider.callback();
  return async (req, res) => {
    const url = new URL(req.url, origin);
    try {
      if (url.pathname.startsWith('/control/')) return await control(provider, req, res, url);
      if (url.pathname === '/api/repos') return await repos(provider, req, res);
      if (!url.pathname.startsWith('/interaction/')) return await protocol(req, res);
      if (req.method === 'POST') return await answer(provider, req, res);
      return page(res, url.pathname.slice('/interaction/'.length));
    } catch (error) {
      console.error(error);
      return json(res, 500, { error: String(error.message) });
    }
  };
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(origin, configuration());
  provider.on('grant.success', note);
  provider.on('server_error', (_ctx, error) => console.error(error));
  server.on('request', route(provider, origin));
  process.stdout.write(`${origin}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
