// oidc-provider on a free port of loopback, with the applications and the user that the judge knows. Its login and
// consent pages have the paths and the field names of the emulator's, so that the same scripted browsers work at both.
// It ends with its standard input.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

const ANNA = { sub: 'anna', email: 'anna@example.com', email_verified: true, name: 'Anna Berg' };
const PASSWORD = 'correct horse';
const scope = 'openid profile email offline_access api:read';

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA'];

const web = {
  client_id: 'web',
  client_secret: 'web:secret+100%25&more',
  token_endpoint_auth_method: 'client_secret_basic',
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: ['https://app.example/callback'],
  post_logout_redirect_uris: ['https://app.example/logged-out'],
  scope,
};

const clients = [
  web,
  // One for each way to sign an ID token.
  ...ALGORITHMS.map((alg) => ({ ...web, client_id: `web-${alg.toLowerCase()}`, id_token_signed_response_alg: alg })),
  {
    client_id: 'service',
    // Holds what has to be form-encoded in a Basic header (RFC 6749, section 2.3.1), and this server insists on that.
    client_secret: 'service:secret+100%25&more',
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    scope: 'api:read',
  },
  {
    client_id: 'native',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: ['http://127.0.0.1/callback'],
    scope,
  },
];

const configuration = {
  clients,
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
  scopes: scope.split(' '),
  cookies: { keys: [randomBytes(32).toString('hex')] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    revocation: { enabled: true },
  },
  findAccount: (_, accountId) => ({ accountId, claims: () => ANNA }),
  interactions: { url: (_, interaction) => `/${interaction.prompt.name}?transaction=${interaction.uid}` },
  enabledJWA: { idTokenSigningAlgValues: ALGORITHMS },
  jwks: {
    keys: [
      key('rsa', { modulusLength: 2048 }),
      key('ec', { namedCurve: 'P-256' }),
      key('ec', { namedCurve: 'P-384' }),
      key('ed25519'),
    ],
  },
  pkce: { required: () => true },
  rotateRefreshToken: true,
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration);
  const rest = provider.callback();
  server.on('request', (request, response) => {
    const isPage = /^\/(login|consent)\b/.test(request.url);
    if (!isPage) return rest(request, response);
    interact(provider, request, response).catch((error) => {
      console.error(error);
      response.writeHead(500).end();
    });
  });
  console.log(`ready ${issuer}`);
});
process.stdin.on('end', () => process.exit()).resume();

function key(type, options) {
  return { ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig' };
}

/** The pages of a login, and what becomes of them. */
async function interact(provider, request, response) {
  const interaction = await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    return response.end(page(interaction));
  }
  const form = new URLSearchParams(await body(request));
  const result = await outcome(provider, interaction, form);
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

async function outcome(provider, interaction, form) {
  if (form.get('action') === 'cancel') return { error: 'access_denied', error_description: 'the user cancelled' };
  if (interaction.prompt.name === 'consent') return { consent: { grantId: await granted(provider, interaction) } };
  const isAnna = form.get('username') === ANNA.email && form.get('password') === PASSWORD;
  return isAnna ? { login: { accountId: ANNA.sub } } : { error: 'access_denied', error_description: 'not Anna' };
}

async function granted(provider, { grantId, params, prompt, session }) {
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope((prompt.details.missingOIDCScope ?? []).join(' '));
  grant.addOIDCClaims(prompt.details.missingOIDCClaims ?? []);
  return grant.save();
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function page({ prompt, uid }) {
  const credentials = '<input name="username"><input name="password" type="password">';
  const action = prompt.name === 'login' ? 'login' : 'accept';
  return `<!doctype html><title>${prompt.name}</title><form method="post" action="/${prompt.name}">
<input type="hidden" name="transaction" value="${uid}">${prompt.name === 'login' ? credentials : ''}
<button name="action" value="${action}">Go on</button><button name="action" value="cancel">Cancel</button></form>`;
}
