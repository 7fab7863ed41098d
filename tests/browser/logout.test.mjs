import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { tabInto } from './focus.mjs';
import { World, logInAndConsent } from './world.mjs';

const world = await World.start();
after(() => world.close());

async function begin(page) {
  await page.goto(world.application.loginUrl({ prompt: 'consent' }));
  await logInAndConsent(page);
}

const endSession = (parameters = {}) =>
  `${world.emulator.url}/connect/endsession?${new URLSearchParams(parameters)}`;

test('a logout with the ID token goes back to the application with its state, and the next login asks again', () =>
  world.visit(async (page) => {
    await begin(page);
    const { id_token: hint } = await world.application.exchange();
    const landing = `${world.application.origin()}/logged-out`;
    await page.goto(endSession({ id_token_hint: hint, post_logout_redirect_uri: landing, state: 's 1' }));
    assert.equal(page.url(), `${landing}?state=s+1`);
    await page.goto(world.application.loginUrl());
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
  }));

test('a logout without an ID token asks the user, by keyboard, who may stay', () =>
  world.visit(async (page) => {
    await begin(page);
    await page.goto(endSession());
    await page.getByText('You are logged in as Anna Berg.').waitFor();
    await tabInto(page, ['Log out', 'Stay logged in']);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'You are still logged in' }).waitFor();
    await page.goto(endSession());
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'You are logged out' }).waitFor();
    await page.goto(world.application.loginUrl());
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
  }));

test('the page of another site that posts the confirmation ends no session', () =>
  world.visit(async (page) => {
    await begin(page);
    await page.evaluate((action) => {
      const form = Object.assign(document.createElement('form'), { method: 'post', action });
      form.append(Object.assign(document.createElement('input'), { name: 'action', value: 'logout' }));
      document.body.append(form);
      form.submit();
    }, `${world.emulator.url}/connect/endsession/confirm`);
    await page.waitForURL('**/confirm');
    await page.goto(world.application.loginUrl());
    assert.match(page.url(), /\/callback\?.*code=/);
  }));

test('a logout that may not go back says why', () =>
  world.visit(async (page) => {
    await page.goto(endSession({ post_logout_redirect_uri: 'https://elsewhere.example/' }));
    assert.match(await page.locator('#reason').textContent(), /without an id_token_hint/);
  }));
