// An OpenID provider of others (npm oidc-provider) for tests: https on loopback.
//
//     node issuer.mjs NODE_MODULES KEY CERTIFICATE READY
//
// Writes its port into READY, a named pipe, when it listens. POST /test/rotate?kid=NAME: from now on it signs with a new key of that
// name and publishes that one alone.
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [modules, key, certificate, ready] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(path.join(modules, 'oidc-provider', 'lib', 'index.js')).href);

const people = {
  ann: { preferred_username: 'ann', groups: ['staff', 'chiploc-analysts'] },
  bob: { preferred_username: 'bob', groups: ['staff'] },
  eve: { preferred_username: 'eve', groups: ['chiploc-desk'], chiploc_entity: 'Nuvem Paulista' },
};
const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const make = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};
const keysOf = (name) => algorithms.map((alg) => ({
  ...make[alg]().privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `${name}-${alg}`,
}));

let issuer;
function provide(name) {
  return new Provider(issuer, {
    jwks: { keys: keysOf(name) },
    cookies: { keys: ['only-for-tests'] },
    clients: [
      { client_id: 'page', client_secret: 'page-secret', redirect_uris: ['https://chiploc.example/auth/callback'],
        post_logout_redirect_uris: ['https://chiploc.example/'], response_types: ['code'], grant_types: ['authorization_code'] },
      ...algorithms.map((alg) => ({ client_id: `machine-${alg}`, client_secret: 'machine-secret', redirect_uris: [],
        response_types: [], grant_types: ['client_credentials'], id_token_signed_response_alg: alg })),
    ],
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups', 'chiploc_entity'] },
    conformIdTokenClaims: false,
    enabledJWA: { idTokenSigningAlgValues: algorithms },
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (ctx, resource, client) => ({
          scope: 'api', audience: resource, accessTokenTTL: 300, accessTokenFormat: 'jwt',
          jwt: { sign: { alg: client.clientId.split('-')[1] } },
        }),
      },
    },
    extraTokenClaims: () => ({ preferred_username: 'machine', groups: ['chiploc-desk'] }),
    findAccount: (ctx, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
    ttl: { ClientCredentials: 300, AccessToken: 300, IdToken: 300, Interaction: 600, Session: 600, Grant: 600 },
    pkce: { required: () => true, methods: ['S256'] },
  });
}

let answer;
const server = https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(certificate) }, (request, response) => {
  const rotate = /^\/test\/rotate\?kid=(\w+)$/.exec(request.url);
  if (rotate && request.method === 'POST') {
    answer = provide(rotate[1]).callback();
    response.end('rotated\n');
    return;
  }
  answer(request, response);
});
server.listen(0, '127.0.0.1', () => {
  issuer = `https://127.0.0.1:${server.address().port}`;
  answer = provide('first').callback();
  fs.writeFileSync(ready, `${server.address().port}\n`);
});
