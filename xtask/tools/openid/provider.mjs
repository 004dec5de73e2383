// An OpenID provider for tests: the certified oidc-provider with one person, two clients and keys that can be changed.
//
// It prints its port. `POST /test/rotate` puts a new signing key in front of the others; the one before stays published
// until `POST /test/forget`, as providers do it.

import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = join(process.env.LISA_TOOLS_DIR, 'openid', 'node_modules');
const require = createRequire(join(modules, 'x.js'));
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const audience = 'lisa';
let keys = [];

function key() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: `key-${keys.length + 1}-${Date.now()}` };
}

function provider(issuer) {
  const made = new Provider(issuer, {
    jwks: { keys },
    clients: [
      { client_id: 'lisa', token_endpoint_auth_method: 'none', redirect_uris: ['http://127.0.0.1:9/back'],
        grant_types: ['authorization_code'], response_types: ['code'] },
      { client_id: 'machine', client_secret: 'machine-secret', redirect_uris: [],
        grant_types: ['client_credentials'], response_types: [] },
    ],
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:lisa',
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: 'openid lisa', audience, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
      },
    },
    claims: { openid: ['sub', 'groups', 'preferred_username'] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, groups: ['users', ...(id === 'root' ? ['admins'] : [])] }),
    }),
    extraTokenClaims: (_, token) => ({
      groups: token.kind === 'ClientCredentials' || token.accountId !== 'root' ? ['users'] : ['users', 'admins'],
    }),
    ttl: { AccessToken: 3600, ClientCredentials: 3600, IdToken: 3600, Interaction: 600, Session: 600, Grant: 3600 },
    cookies: { keys: ['a key for tests'] },
  });
  return made.callback();
}

keys = [key()];
let handle;
let issuer;
const server = createServer((request, response) => {
  if (request.method === 'POST' && request.url === '/test/rotate') {
    keys = [key(), ...keys];
    handle = provider(issuer);
    return response.end(keys[0].kid);
  }
  if (request.method === 'POST' && request.url === '/test/forget') {
    keys = keys.slice(0, 1);
    handle = provider(issuer);
    return response.end();
  }
  return handle(request, response);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  issuer = `http://127.0.0.1:${port}`;
  handle = provider(issuer);
  process.stdout.write(`${port}\n`);
});
