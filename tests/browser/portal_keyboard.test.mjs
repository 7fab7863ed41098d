// The portal by the keyboard alone: whoever has no mouse always sees where they are, and gets as far as everybody.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { choose, focusAt, skipNavigation, tabBack, tabInto, tabTo } from './focus.mjs';
import { REFUSED, World, logInAndConsent } from './world.mjs';

const world = await World.start();
after(() => world.close());

const portal = (path) => `${world.emulator.url}/portal${path}`;

/** Goes by Tab to a link or a button, and takes it. */
async function take(page, stop) {
  await tabTo(page, stop);
  await page.keyboard.press('Enter');
}

/** Ticks the box of this label. */
async function tick(page, label) {
  const box = page.getByLabel(label, { exact: true });
  await tabTo(page, await box.getAttribute('id'));
  await page.keyboard.press('Space');
  assert.ok(await box.isChecked());
}

/** Registers a service: its secret. */
async function register(page, clientId, name) {
  await page.goto(world.emulator.url);
  await take(page, 'Register an application');
  await page.getByRole('heading', { name: 'Register an application' }).waitFor();
  await skipNavigation(page);
  await tabInto(page, ['client_id']);
  await page.keyboard.type(clientId);
  await tabInto(page, ['name']);
  await page.keyboard.type(name);
  await tabInto(page, ['type']);
  await choose(page, 'service');
  await tick(page, 'invoices:read');
  await take(page, 'Register');
  const secret = await page.locator('.secret').textContent();
  await take(page, 'I have it; go on');
  await page.getByText('The application is registered.').waitFor();
  return secret;
}

async function approve(page, name) {
  await take(page, 'Customers');
  await page.waitForURL('**/portal/customers');
  await take(page, 'Fjord Bakery AS');
  await page.getByRole('heading', { name: 'Fjord Bakery AS' }).waitFor();
  await take(page, `Approve ${name}`);
  await page.getByText('The service is approved').waitFor();
}

/** Asks for a token as a program does. */
async function token(credentials) {
  const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'invoices:read', ...credentials });
  const response = await fetch(`${world.emulator.url}/connect/token`, { method: 'POST', body });
  assert.equal(response.status, 200);
}

test('a service is registered and approved with the keyboard alone, and its token is watched as it arrives', () =>
  world.visit(async (page) => {
    const secret = await register(page, 'isv_keyboard', 'Export by keyboard');
    await approve(page, 'Export by keyboard');
    await take(page, 'Requests');
    await page.getByRole('heading', { name: 'Requests' }).waitFor();
    await tabTo(page, 'client_id');
    await choose(page, 'isv_keyboard');
    await take(page, 'Show');
    await page.waitForURL('**client_id=isv_keyboard*');

    await tabTo(page, 'pause');
    const tenant = '11111111-1111-4111-8111-111111111111';
    await token({ client_id: 'isv_keyboard', client_secret: secret, tenant_id: tenant });
    const row = page.locator('#rows tr').first();
    await row.getByText('200', { exact: true }).waitFor();
    await focusAt(page, 'pause');
    await take(page, `Request ${(await row.getAttribute('id')).slice(1)}`);
    await page.getByRole('heading', { name: 'Checks' }).waitFor();
    assert.match(await page.locator('.checks').innerText(), /tenant/);
  }));

test('the live view is paused and goes on by the keyboard', () =>
  world.visit(async (page) => {
    await page.goto(portal('/requests'));
    await tabTo(page, 'pause');
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'Paused.' }).waitFor();
    await page.keyboard.press('Space');
    await page.getByRole('status').filter({ hasText: 'Following.' }).waitFor();
    await focusAt(page, 'pause');
  }));

test('a redirect URI that the provider would refuse is told with its rule, and mended where the focus is', () =>
  world.visit(
    async (page) => {
      await page.goto(portal('/applications/new'));
      await skipNavigation(page);
      await tabInto(page, ['client_id']);
      await page.keyboard.type('isv_keyboard_web');
      await tabInto(page, ['name']);
      await page.keyboard.type('Web by keyboard');
      await tabInto(page, ['type']);
      await choose(page, 'web');
      await tick(page, 'openid');
      await tabTo(page, 'redirect_uris');
      await page.keyboard.type('http://app.example/callback');
      await take(page, 'Register');
      await page.getByRole('alert').waitFor();
      assert.match(await page.getByRole('alert').innerText(), /on loopback only/);
      await focusAt(page, 'redirect_uris');
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.type('https://app.example/callback\nhttp://localhost:8080/callback');
      await take(page, 'Register');
      await page.getByText('Copy it now').waitFor();
    },
    { expected: REFUSED },
  ));

test('a session is ended with the keyboard alone, and its user has to log in again', () =>
  world.visit(async (page) => {
    await page.goto(world.application.loginUrl());
    await logInAndConsent(page);
    assert.ok((await world.application.exchange()).id_token);
    await page.goto(portal('/users'));
    await take(page, 'Sessions of Anna Berg');
    await page.getByRole('heading', { name: 'Sessions of Anna Berg' }).waitFor();
    await take(page, `End the session ${await page.locator('tbody th code').textContent()}`);
    await page.getByText('It is over').waitFor();
    assert.match(await page.getByRole('main').innerText(), /is logged in nowhere.*Invoice Portal.*is over/s);
    await page.goto(world.application.loginUrl());
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
  }));

test('a customer is added with the keyboard alone, past the navigation, and the focus is always seen', () =>
  world.visit(async (page) => {
    await page.goto(portal('/customers/new'));
    await skipNavigation(page);
    await tabInto(page, ['name', 'id', 'Add', 'Cancel']);
    await tabBack(page, ['Add', 'id', 'name']);
    await page.keyboard.type('Harbour Hotel AS');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Harbour Hotel AS' }).waitFor();
    await page.getByText('It is added.').waitFor();
  }));
