// What a browser sends to an application when the provider's page posts the authorization response to it (OAuth 2.0 Form
// Post Response Mode). docs/web.md says what follows for an application's cookie.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { COOKIES } from './application.mjs';
import { World, logIn } from './world.mjs';

const world = await World.start();
after(() => world.close());

/** Logs in from an application at this host, and answers the requests of the way back. */
async function wayBack(host, responseMode) {
  let callback;
  let done;
  await world.visit(async (page) => {
    await page.goto(world.application.loginUrl({ response_mode: responseMode, prompt: 'consent' }, host));
    await logIn(page);
    await page.getByRole('button', { name: 'Accept' }).click();
    await page.waitForURL(responseMode === 'form_post' ? '**/done' : '**/callback?*');
    callback = world.application.callback;
    done = world.application.requests.findLast((request) => request.path === '/done');
  });
  return { callback, done };
}

test('form_post arrives as a POST of the other site: with its code, its origin withheld', async () => {
  const { callback } = await wayBack('localhost', 'form_post');
  assert.equal(callback.method, 'POST');
  assert.ok(callback.form.get('code') && callback.form.get('state') && callback.form.get('iss'));
  assert.equal(callback.query.size, 0);
  assert.equal(callback.headers['sec-fetch-site'], 'cross-site');
  assert.equal(callback.headers['sec-fetch-mode'], 'navigate');
  assert.equal(callback.headers.origin, 'null');
  assert.equal(callback.headers.referer, undefined);
  const { id_token: idToken } = await world.application.exchange();
  assert.ok(idToken);
});

test('with form_post from another site come SameSite=None; Secure and, in its first two minutes, a cookie unmarked', async () => {
  const { callback } = await wayBack('localhost', 'form_post');
  assert.deepEqual(callback.cookies, ['unmarked', 'none_secure']);
});

test('what the callback redirects to after form_post is sent the Lax cookie again, and not the Strict one', async () => {
  const { done } = await wayBack('localhost', 'form_post');
  assert.deepEqual(done.cookies, ['lax', 'unmarked', 'none_secure']);
});

test('with a query from another site come all but the Strict cookie', async () => {
  const { callback } = await wayBack('localhost', 'query');
  assert.equal(callback.headers['sec-fetch-site'], 'cross-site');
  assert.deepEqual(callback.cookies, ['lax', 'unmarked', 'none_secure']);
});

test('between two ports of one host every cookie comes: a test there does not see the trap', async () => {
  const { callback } = await wayBack('127.0.0.1', 'form_post');
  assert.equal(callback.headers['sec-fetch-site'], 'same-site');
  const accepted = Object.keys(COOKIES).filter((name) => name !== 'none');
  assert.deepEqual(callback.cookies, accepted, 'SameSite=None without Secure is not even kept');
});
