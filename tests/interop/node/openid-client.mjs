// openid-client against the emulator: `node openid-client.mjs ISSUER visma|standard`.

import * as client from 'openid-client';

import { Browser } from './browser.mjs';
import { expect, refused, run } from './steps.mjs';

const [issuer, mode] = process.argv.slice(2);
const scope = 'openid profile email offline_access visma_api:read';
const CALLBACK = 'https://app.example/callback';
const LOGGED_OUT = 'https://app.example/';
const NATIVE_CALLBACK = 'http://127.0.0.1:49152/callback';
const TENANT = '11111111-1111-4111-8111-111111111111';
const ANNA = 'a0a0a0a0-0000-4000-8000-000000000001';

const WEB = ['isv_web', client.ClientSecretBasic('web:secret+100%25&more')];
const WEB_BY_POST = ['isv_web', client.ClientSecretPost('web:secret+100%25&more')];
const NATIVE = ['isv_native', client.None()];

/** What the server says of itself, and this client of its own. ID tokens are verified by the server's keys. */
async function discovered(clientId, authentication) {
  const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks];
  return client.discovery(new URL(issuer), clientId, {}, authentication, { execute });
}

/** A login up to the callback. */
async function returned([clientId, authentication], { parameters = {}, user = {}, browser = new Browser() } = {}) {
  const config = await discovered(clientId, authentication);
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const checks = {
    pkceCodeVerifier,
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    maxAge: 600,
    idTokenExpected: true,
  };
  const url = client.buildAuthorizationUrl(config, {
    scope,
    redirect_uri: CALLBACK,
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    max_age: '600',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...parameters,
  });
  return { config, checks, callback: await browser.open(url, user) };
}

async function loggedIn(application, options) {
  const { config, checks, callback } = await returned(application, options);
  const tokens = await client.authorizationCodeGrant(config, callback, checks);
  expect(tokens.refresh_token, 'there is no refresh token');
  return { config, tokens };
}

async function serviceToken(secret) {
  const config = await discovered('isv_service', client.ClientSecretBasic(secret));
  return client.clientCredentialsGrant(config, { scope: 'visma_api:read', tenant_id: TENANT });
}

await run({
  async 'discovery'() {
    const metadata = (await discovered(...WEB)).serverMetadata();
    expect(metadata.supportsPKCE(), 'PKCE with S256 is not advertised');
    expect(metadata.authorization_response_iss_parameter_supported, '`iss` in responses is not advertised');
  },

  async 'service token'() {
    const token = await serviceToken('service-secret');
    expect(token.scope === undefined || token.scope === 'visma_api:read', `the scope is ${token.scope}`);
    expect(token.expiresIn() > 0, 'the token has no lifetime');
  },

  async 'login, query'() {
    await loggedIn(WEB);
  },

  async 'login, form_post'() {
    await loggedIn(WEB_BY_POST, { parameters: { response_mode: 'form_post' } });
  },

  async 'login, native'() {
    await loggedIn(NATIVE, { parameters: { redirect_uri: NATIVE_CALLBACK } });
  },

  async 'ID token'() {
    const { tokens } = await loggedIn(WEB);
    const claims = tokens.claims();
    expect(claims.sub === ANNA, `the subject is ${claims.sub}`);
    expect(typeof claims.auth_time === 'number', 'there is no auth_time');
  },

  async 'userinfo'() {
    const { config, tokens } = await loggedIn(WEB);
    const user = await client.fetchUserInfo(config, tokens.access_token, ANNA);
    expect(user.email === 'anna@example.com', `the address is ${user.email}`);
  },

  async 'refresh'() {
    const { config, tokens } = await loggedIn(WEB);
    const later = await client.refreshTokenGrant(config, tokens.refresh_token);
    expect(later.access_token !== tokens.access_token, 'the access token is the same');
    expect(later.refresh_token !== tokens.refresh_token, 'the refresh token did not rotate');
    expect(later.claims() === undefined || later.claims().sub === ANNA, 'the user is another one');
  },

  async 'revocation'() {
    const { config, tokens } = await loggedIn(WEB);
    await client.tokenRevocation(config, tokens.refresh_token, { token_type_hint: 'refresh_token' });
    await refused('invalid_grant', client.refreshTokenGrant(config, tokens.refresh_token));
  },

  async 'introspection'() {
    const { config, tokens } = await loggedIn(WEB);
    const answer = await client.tokenIntrospection(config, tokens.access_token);
    expect(answer.active && answer.sub === ANNA, `the answer is ${JSON.stringify(answer)}`);
    await client.tokenRevocation(config, tokens.refresh_token);
    const ended = await client.tokenIntrospection(config, tokens.refresh_token);
    expect(!ended.active && Object.keys(ended).length === 1, `the answer is ${JSON.stringify(ended)}`);
  },

  async 'logout'() {
    const browser = new Browser();
    const { config, tokens } = await loggedIn(WEB, { browser });
    const parameters = { post_logout_redirect_uri: LOGGED_OUT, id_token_hint: tokens.id_token, state: 'bye & bye' };
    const back = await browser.open(client.buildEndSessionUrl(config, parameters));
    expect(back.href.startsWith(LOGGED_OUT), `came back to ${back}`);
    expect(back.searchParams.get('state') === 'bye & bye', `came back with ${back.search}`);
    const { callback } = await returned(WEB, { browser, parameters: { prompt: 'none' } });
    expect(callback.searchParams.get('error') === 'login_required', `came back with ${callback.search}`);
  },

  async 'wrong secret'() {
    await refused('invalid_client', serviceToken('not the secret'));
  },

  async 'wrong verifier'() {
    const { config, checks, callback } = await returned(WEB);
    checks.pkceCodeVerifier = client.randomPKCECodeVerifier();
    await refused('invalid_grant', client.authorizationCodeGrant(config, callback, checks));
  },

  async 'cancelled login'() {
    const parameters = { prompt: 'consent' };
    const { config, checks, callback } = await returned(WEB, { parameters, user: { consents: false } });
    expect(callback.searchParams.get('error') === 'access_denied', `came back with ${callback.search}`);
    const exchange = client.authorizationCodeGrant(config, callback, checks);
    if (mode === 'standard') return refused('access_denied', exchange);
    // Visma Connect promises an `iss` and sends none with errors, so who insists on RFC 9207 sees this instead.
    const error = await exchange.catch((failure) => failure);
    expect(/"iss" \(issuer\) missing/.test(error.cause?.message), `got ${error.message}`);
  },
});
