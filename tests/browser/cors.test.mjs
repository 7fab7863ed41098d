// A single-page application, whose own scripts ask the emulator: the browser lets them only where CORS says so.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { World, logIn } from './world.mjs';

const world = await World.start();
after(() => world.close());

test('a page of a registered origin exchanges its code, and asks with its token who logged in', () =>
  world.visit(async (page) => {
    await page.goto(world.application.loginUrl({ client_id: 'page', scope: 'openid profile' }));
    await logIn(page);
    await page.waitForURL('**/callback?*');
    const request = world.application.tokenRequest({ id: 'page' });
    const answers = await page.evaluate(async ({ url, parameters, userinfo }) => {
      const tokens = await fetch(url, { method: 'POST', body: new URLSearchParams(parameters) }).then((it) => it.json());
      // This header field makes the browser ask first.
      const headers = { authorization: `Bearer ${tokens.access_token}` };
      const user = await fetch(userinfo, { headers }).then((it) => it.json());
      return { tokens, user };
    }, { ...request, userinfo: `${world.emulator.url}/connect/userinfo` });
    assert.ok(answers.tokens.id_token);
    assert.equal(answers.tokens.refresh_token, undefined);
    assert.equal(answers.user.name, 'Anna Berg');
  }));

test('a page of another origin is kept from every answer', () =>
  world.visit(
    async (page) => {
      await page.goto(`${world.application.origin('127.0.0.1')}/page`);
      const outcomes = await page.evaluate(async (emulator) => {
        const post = fetch(`${emulator}/connect/token`, { method: 'POST', body: new URLSearchParams({ client_id: 'page' }) });
        const metadata = fetch(`${emulator}/.well-known/openid-configuration`);
        return (await Promise.allSettled([post, metadata])).map(({ status, reason }) => `${status}: ${reason}`);
      }, world.emulator.url);
      const failed = 'rejected: TypeError: Failed to fetch';
      assert.deepEqual(outcomes, [failed, failed]);
    },
    { expected: /blocked by CORS policy|^Failed to load resource: net::ERR_FAILED|status of 4/ },
  ));
