import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { focusAt, tabBack, tabInto, tabThrough } from './focus.mjs';
import { REFUSED, World } from './world.mjs';

const world = await World.start();
after(() => world.close());

test('a user logs in, consents and arrives with the keyboard alone, and always sees where it is', () =>
  world.visit(async (page) => {
    await page.goto(world.application.loginUrl());
    await tabThrough(page, ['username', 'password', 'Log in', 'Cancel']);
    await tabBack(page, ['Log in', 'password', 'username']);
    await page.keyboard.type('anna@example.com');
    await tabInto(page, ['password']);
    await page.keyboard.type('correct horse');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/consent?*');
    await tabInto(page, ['Accept', 'Cancel']);
    await tabBack(page, ['Accept']);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/callback?*');
    assert.ok(world.application.callback.query.get('code'));
  }));

for (const colorScheme of ['light', 'dark']) {
  test(`in ${colorScheme} colours the focus stands out by more than 3 to 1 (WCAG 2.2, 1.4.11)`, () =>
    world.visit(
      async (page) => {
        await page.goto(world.application.loginUrl());
        await focusAt(page, 'username');
        const [outline, ground] = await page.evaluate(() => [
          getComputedStyle(document.activeElement).outlineColor,
          getComputedStyle(document.documentElement).backgroundColor,
        ]);
        const [darker, lighter] = [luminance(outline), luminance(ground)].sort((one, other) => one - other);
        assert.ok((lighter + 0.05) / (darker + 0.05) > 3, `${outline} on ${ground}`);
      },
      { colorScheme },
    ));
}

/** Relative luminance (WCAG 2.2) of `rgb(1, 2, 3)`. */
function luminance(colour) {
  const linear = colour.match(/\d+/g).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

test('Enter in a field logs in, and does not cancel', () =>
  world.visit(
    async (page) => {
      await page.goto(world.application.loginUrl());
      await focusAt(page, 'username');
      await page.keyboard.type('anna@example.com');
      await tabInto(page, ['password']);
      await page.keyboard.type('wrong');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
      await focusAt(page, 'username');
    },
    { expected: REFUSED },
  ));

test('who is known by a login_hint begins at the password', () =>
  world.visit(async (page) => {
    await page.goto(world.application.loginUrl({ login_hint: 'anna@example.com' }));
    await tabThrough(page, ['password', 'Log in', 'Cancel']);
  }));

test('a user cancels the login with the keyboard alone, without a name and a password', () =>
  world.visit(async (page) => {
    await page.goto(world.application.loginUrl());
    await tabThrough(page, ['username', 'password', 'Log in', 'Cancel']);
    await page.keyboard.press('Space');
    await page.waitForURL('**/callback?*');
    assert.equal(world.application.callback.query.get('error'), 'access_denied');
  }));

test('a user without scripts goes back by form_post with the keyboard alone', () =>
  world.visit(
    async (page) => {
      await page.goto(world.application.loginUrl({ response_mode: 'form_post' }));
      await tabThrough(page, ['username', 'password', 'Log in', 'Cancel']);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Continue' }).waitFor();
      await tabInto(page, ['Continue']);
      await page.keyboard.press('Enter');
      await page.waitForURL('**/done');
      assert.equal(world.application.callback.form.get('error'), 'access_denied');
    },
    { javaScriptEnabled: false },
  ));
