import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { focusAt } from './focus.mjs';
import { REFUSED, World, logIn, logInAndConsent } from './world.mjs';

for (const mode of ['visma', 'standard']) {
  describe(mode, async () => {
    const world = await World.start(mode);
    after(() => world.close());

    test('a user who consents arrives with a code that is worth tokens, and is not asked twice', () =>
      world.visit(async (page) => {
        await page.goto(world.application.loginUrl());
        assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'Log in');
        await logIn(page);
        await page.getByRole('heading', { name: 'Give Invoice Portal access?' }).waitFor();
        assert.match(await page.getByRole('main').innerText(), /Anna Berg.*Fjord Bakery AS/s);
        assert.equal(await page.getByRole('listitem').count(), 5);
        await page.getByRole('button', { name: 'Accept' }).click();
        await page.waitForURL('**/callback?*');
        const { id_token: idToken, refresh_token: refreshToken } = await world.application.exchange();
        assert.ok(idToken && refreshToken);
        await page.goto(world.application.loginUrl());
        assert.match(page.url(), /\/callback\?.*code=/);
      }));

    test('a user who refuses consent arrives with access_denied', () =>
      world.visit(async (page) => {
        await page.goto(world.application.loginUrl({ prompt: 'consent' }));
        await logIn(page);
        await page.getByRole('button', { name: 'Cancel' }).click();
        await page.waitForURL('**/callback?*');
        const { query } = world.application.callback;
        assert.equal(query.get('error'), 'access_denied');
        assert.ok(query.get('state') && !query.get('code'));
      }));

    test('a user who cancels the login arrives with access_denied', () =>
      world.visit(async (page) => {
        await page.goto(world.application.loginUrl());
        await page.getByRole('button', { name: 'Cancel' }).click();
        await page.waitForURL('**/callback?*');
        assert.equal(world.application.callback.query.get('error'), 'access_denied');
      }));

    test('a wrong password is told to the ear: in the title, in an alert, and at the field that has the focus', () =>
      world.visit(
        async (page) => {
          await page.goto(world.application.loginUrl());
          await logIn(page, 'wrong');
          const sentence = 'The user name or the password is wrong.';
          assert.equal(await page.getByRole('alert').textContent(), sentence);
          assert.match(await page.title(), /^Error: /);
          await focusAt(page, 'username');
          const field = await focused(page);
          assert.deepEqual(field, { name: 'User name', description: sentence, invalid: 'true' });
          assert.equal(await page.getByLabel('User name').inputValue(), 'anna@example.com');
          await logIn(page);
          await page.waitForURL('**/callback?*');
        },
        { expected: REFUSED },
      ));

    test('a request that the application is not told about ends on a page with its errorId', () =>
      world.visit(
        async (page) => {
          const before = world.application.callback;
          await page.goto(world.application.loginUrl({ client_id: 'nobody' }));
          const errorId = new URL(page.url()).searchParams.get('errorId');
          assert.ok(errorId);
          assert.equal(await page.locator('#error-id').textContent(), errorId);
          await page.getByRole('heading', { name: 'The login cannot go on' }).waitFor();
          assert.equal(world.application.callback, before);
        },
        { expected: REFUSED },
      ));

    test('the way back in the browser does not log in twice', () =>
      world.visit(
        async (page) => {
          await page.goto(world.application.loginUrl({ prompt: 'consent' }));
          await logInAndConsent(page);
          await page.goBack();
          await page.getByText('this login was finished').waitFor();
          assert.equal(await page.getByRole('button').count(), 0);
        },
        { expected: REFUSED },
      ));
  });
}

/** What Chromium tells a screen reader about the element that has the focus. */
async function focused(page) {
  const devtools = await page.context().newCDPSession(page);
  const { nodes } = await devtools.send('Accessibility.getFullAXTree');
  const property = (node, name) => node.properties?.find((property) => property.name === name)?.value.value;
  const isField = (node) => property(node, 'focused') && node.role?.value === 'textbox';
  const node = nodes.find(isField);
  return { name: node.name.value, description: node.description.value, invalid: property(node, 'invalid') };
}
