// The portal as a developer uses it: from an application that is not yet known to the reason why a request was refused.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';

import { focusAt } from './focus.mjs';
import { DESKTOP, PHONE, REFUSED, World, logInAndConsent } from './world.mjs';

const world = await World.start();
after(() => world.close());

const portal = (path) => `${world.emulator.url}/portal${path}`;

/** Asks for a token as a program does. */
async function token(parameters) {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...parameters });
  const response = await fetch(`${world.emulator.url}/connect/token`, { method: 'POST', body });
  return response.json();
}

/** Sends so many requests, on four connections that do not wait for the answers in between. */
async function ask(times) {
  await Promise.all(Array.from({ length: 4 }, () => pipeline(times / 4)));
}

async function pipeline(times) {
  const { hostname, port, host } = new URL(world.emulator.url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET /nowhere HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(times));
  let text = '';
  for await (const chunk of socket) {
    text += chunk;
    if (text.split('HTTP/1.1 404').length > times) break;
  }
}

/** The number of the newest request. */
async function lastNumber() {
  const response = await fetch(`${world.emulator.url}/admin/requests?last=1`);
  const { requests } = await response.json();
  return requests[0].number;
}

/** Registers a service on the pages and answers its secret. */
async function register(page, clientId, name) {
  await page.goto(world.emulator.url);
  await page.getByRole('link', { name: 'Register an application' }).click();
  await page.getByLabel('Client ID').fill(clientId);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('invoices:read').check();
  await page.getByRole('button', { name: 'Register' }).click();
  const secret = await page.locator('.secret').textContent();
  await page.getByRole('link', { name: 'I have it; go on' }).click();
  await page.getByText('The application is registered.').waitFor();
  return secret;
}

async function approve(page, name) {
  await page.getByRole('link', { name: 'Customers' }).click();
  await page.getByRole('link', { name: 'Fjord Bakery AS' }).click();
  await page.getByRole('button', { name: `Approve ${name}` }).click();
  await page.getByText('The service is approved').waitFor();
}

/** The row of the newest request. */
const newest = (page) => page.locator('#rows tr').first();

for (const [screen, device] of Object.entries({
  desktop: { viewport: DESKTOP },
  phone: { viewport: PHONE, isMobile: true, hasTouch: true },
})) {
  test(`on a ${screen} a service is registered and approved, its token arrives, and three refusals tell why`, () =>
    world.visit(async (page) => {
      const clientId = `isv_${screen}`;
      const secret = await register(page, clientId, `Export on a ${screen}`);
      await approve(page, `Export on a ${screen}`);
      await page.goto(portal(`/requests?client_id=${clientId}`));
      const tenant = '11111111-1111-4111-8111-111111111111';
      const credentials = { client_id: clientId, client_secret: secret, scope: 'invoices:read', tenant_id: tenant };
      assert.equal((await token(credentials)).token_type, 'Bearer');
      await newest(page).getByText('200', { exact: true }).waitFor();
      assert.match(await newest(page).innerText(), /POST \/connect\/token/);

      for (const [wrong, error, reason] of [
        [{ client_secret: 'wrong' }, 'invalid_client', /wrong client secret: 5 characters came, 43 are registered/],
        [{ scope: 'invoices:write' }, 'invalid_scope', /scope "invoices:write" is not allowed for isv_/],
        [{ tenant_id: '22222222-2222-4222-8222-222222222222' }, 'invalid_tenant', /no tenant has the id/],
      ]) {
        assert.equal((await token({ ...credentials, ...wrong })).error, error);
        await newest(page).getByText(error).waitFor();
        assert.match(await newest(page).locator('.reason').innerText(), reason);
      }
      await newest(page).getByRole('link').click();
      await page.getByRole('heading', { name: 'Checks' }).waitFor();
      assert.match(await page.getByRole('listitem').filter({ hasText: 'failed' }).innerText(), /tenant/);
      assert.ok(!(await page.content()).includes(secret));
    }, device));
}

test('a user logs in through the pages, and each step is there to be read', () =>
  world.visit(async (page) => {
    await page.goto(world.application.loginUrl());
    await logInAndConsent(page);
    assert.ok((await world.application.exchange()).id_token);
    await page.goto(portal('/requests'));
    const shown = await page.locator('#rows').innerText();
    for (const step of ['GET /connect/authorize', 'POST /login', 'POST /consent', 'POST /connect/token']) {
      assert.ok(shown.includes(step), step);
    }
  }));

test('the error page leads to the request that it is about, and an errorId typed in as well', () =>
  world.visit(
    async (page) => {
      await page.goto(world.application.loginUrl({ client_id: 'wbe' }));
      const errorId = await page.locator('#error-id').textContent();
      await page.getByRole('link', { name: 'The request in the portal' }).click();
      assert.match(await page.locator('#reason').innerText(), /no application has the client_id "wbe"/);
      const { pathname } = new URL(page.url());
      await page.goto(portal('/requests'));
      await page.getByRole('textbox', { name: 'errorId' }).fill(errorId);
      await page.getByRole('button', { name: 'Find' }).click();
      await page.waitForURL(`**${pathname}`);
    },
    { expected: REFUSED },
  ));

test('a form that is refused keeps what was typed, and the focus is at the field that is wrong', () =>
  world.visit(
    async (page) => {
      await page.goto(portal('/applications/new'));
      await page.getByLabel('Client ID').fill('isv_refused');
      await page.getByLabel('Name').fill('Refused');
      await page.getByLabel('invoices:read').check();
      await page.getByLabel('Grace in seconds').fill('61');
      await page.getByRole('button', { name: 'Register' }).click();
      await page.getByRole('alert').waitFor();
      await focusAt(page, 'grace_s');
      assert.equal(await page.getByLabel('Client ID').inputValue(), 'isv_refused');
      assert.ok(await page.getByLabel('invoices:read').isChecked());
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.type('60');
      await page.keyboard.press('Enter');
      await page.getByText('Copy it now').waitFor();
    },
    { expected: REFUSED },
  ));

test('the live view stands still while it is paused, and catches up', () =>
  world.visit(async (page) => {
    const other = await page.context().newPage();
    for (const each of [page, other]) await each.goto(portal('/requests?client_id=paused'));
    await page.getByRole('button', { name: 'Pause' }).click();
    await token({ client_id: 'paused' });
    await other.getByText('invalid_client').waitFor();
    assert.equal(await page.locator('#rows tr').count(), 0);
    await page.getByRole('button', { name: 'Go on' }).click();
    await newest(page).getByText('invalid_client').waitFor();
  }));

test('what is read aloud is a count now and then, and no row', () =>
  world.visit(async (page) => {
    await page.goto(portal('/requests?client_id=counted'));
    await page.getByRole('status').filter({ hasText: 'No request yet.' }).waitFor();
    for (let times = 0; times < 3; times += 1) await token({ client_id: 'counted' });
    await newest(page).waitFor();
    assert.doesNotMatch(await page.getByRole('status').innerText(), /No request yet/);
    await page.getByRole('status').filter({ hasText: '3 new, 3 of them refused.' }).waitFor();
    assert.equal(await page.locator('[aria-live]:not([role=status]) tr, [role=status] tr').count(), 0);
  }));

test('the focus stays on the request that it is on while others arrive', () =>
  world.visit(async (page) => {
    await token({ client_id: 'focused' });
    await page.goto(portal('/requests?client_id=focused'));
    await newest(page).getByRole('link').focus();
    const before = await page.evaluate(() => document.activeElement.href);
    await token({ client_id: 'focused' });
    await page.locator('#rows tr').nth(1).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.href), before);
  }));

test('of thousands of requests the live view shows the last one, and keeps to 200 rows', (context) =>
  world.visit(async (page) => {
    await page.goto(portal('/requests'));
    await ask(40);
    const before = await lastNumber();
    await page.locator(`#r${before}`).waitFor();
    const begun = performance.now();
    await ask(3000);
    const sent = performance.now();
    // With its answer: there is no such path.
    await page.locator(`#r${before + 3000}.refused`).waitFor();
    const behind = performance.now() - sent;
    assert.equal(await page.locator('#rows tr').count(), 200);
    const rate = Math.round(3000 / ((sent - begun) / 1000));
    context.diagnostic(`${rate} requests/s, the last one shown ${Math.round(behind)} ms after its answer`);
  }));

test('without a script the requests are a plain list', () =>
  world.visit(
    async (page) => {
      await token({ client_id: 'plain' });
      await page.goto(portal('/requests?client_id=plain'));
      assert.match(await newest(page).innerText(), /invalid_client/);
      assert.equal(await page.getByRole('button', { name: 'Pause' }).count(), 0);
      assert.match(await page.locator('#live').innerText(), /load it again/);
    },
    { javaScriptEnabled: false },
  ));

test('a page of another origin cannot change anything', () =>
  world.visit(
    async (page) => {
      await page.goto(world.application.origin('localhost'));
      const answered = page.waitForResponse(portal('/customers/new'));
      await page.evaluate((action) => {
        const form = Object.assign(document.createElement('form'), { method: 'post', action });
        form.append(Object.assign(document.createElement('input'), { name: 'name', value: 'Smuggled' }));
        document.body.append(form);
        form.submit();
      }, portal('/customers/new'));
      assert.equal((await answered).status(), 403);
      await page.getByRole('heading', { name: 'Not from' }).waitFor();
      await page.goto(portal('/customers'));
      assert.ok(!(await page.content()).includes('Smuggled'));
    },
    { expected: /status of 40[34] / },
  ));
