// What every page keeps to, at a desk and on a phone, by day and by night.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import axe from 'axe-core';

import { AccessibilityReport } from './accessibility.mjs';
import { PAGES } from './pages.mjs';
import { ARTEFACTS, DESKTOP, PHONE, REFUSED, World, keepScreenshot } from './world.mjs';

const MODE = 'visma';

/** Of the Web Content Accessibility Guidelines, levels A and AA, and of axe's authors. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const world = await World.start(MODE);
const report = new AccessibilityReport(RULES, MODE);
after(async () => {
  await world.close();
  await report.write(ARTEFACTS);
});

/** On the narrow one the application has a name that is long and without a gap. */
const SCREENS = {
  desktop: { application: 'web', viewport: DESKTOP },
  phone: { application: 'long_name', viewport: PHONE, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
};

for (const { name, open, withoutScript } of PAGES) {
  describe(name, () => {
    for (const [screen, { application, ...device }] of Object.entries(SCREENS)) {
      test(`on a ${screen} it fits, in light and in dark, and shuts nobody out`, () =>
        world.visit(
          async (page) => {
            await open(page, world, application);
            await fits(page);
            for (const colorScheme of ['light', 'dark']) {
              await page.emulateMedia({ colorScheme });
              await keepScreenshot(page, `${name}-${screen}-${colorScheme}`);
              await keepsItsColours(page, colorScheme);
              // Where no script runs, axe does not either.
              if (!withoutScript) await shutsNobodyOut(page, { page: name, screen, colorScheme });
            }
          },
          { ...device, javaScriptEnabled: !withoutScript, expected: REFUSED },
        ));
    }

    // The page that needs no script is gone at once where scripts run.
    if (!withoutScript) {
      test('runs no script, loads no image and takes no style that somebody smuggled in', () =>
        world.visit(
          async (page) => {
            await open(page, world, 'web');
            const { ran, refused } = await smuggle(page);
            assert.equal(ran, false);
            assert.deepEqual(refused, ['img-src', 'script-src-attr', 'script-src-elem', 'style-src-attr']);
          },
          { expected: new RegExp(`${REFUSED.source}|Content Security Policy`) },
        ));
    }
  });
}

/** No scrolling sideways, and buttons and fields that a finger can hit and read. */
async function fits(page) {
  const { wide, cramped } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const controls = [...document.querySelectorAll('button, select, textarea, input:not([type=hidden])')];
    const isCramped = (control) =>
      control.getBoundingClientRect().height < 40 || parseFloat(getComputedStyle(control).fontSize) < 16;
    return { wide: scrollWidth - clientWidth, cramped: controls.filter(isCramped).map((control) => control.outerHTML) };
  });
  assert.equal(wide, 0, `${wide} px stick out`);
  assert.deepEqual(cramped, []);
}

/** Light text on dark, or dark on light, as the user has set it. */
async function keepsItsColours(page, colorScheme) {
  const colour = await page.evaluate(() => getComputedStyle(document.body).color);
  assert.equal(colour, colorScheme === 'dark' ? 'rgb(255, 255, 255)' : 'rgb(0, 0, 0)');
}

/** By the rules of axe, contrast among them. What it found is kept, `view` says of what. */
async function shutsNobodyOut(page, view) {
  await page.evaluate(`window.axe ?? ${axe.source}`);
  const results = await page.evaluate((values) => window.axe.run({ runOnly: { type: 'tag', values } }), RULES);
  report.add(view, results);
  const { passes, violations, incomplete } = results;
  const told = [...violations, ...incomplete].map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html)}`);
  assert.deepEqual(told, []);
  assert.ok(passes.some(({ id }) => id === 'color-contrast'));
}

/** Puts into the page what an attacker would, and answers what the browser refused of it. */
function smuggle(page) {
  return page.evaluate(async () => {
    const refused = new Set();
    const all = new Promise((done) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        refused.add(effectiveDirective);
        if (refused.size === 4) done();
      });
    });
    const make = (tag, properties) => document.body.append(Object.assign(document.createElement(tag), properties));
    make('script', { textContent: 'window.ran = true' });
    make('img', { src: 'https://elsewhere.example/i.png' });
    make('p', { innerHTML: '<b style="color: red" onclick="window.ran = true">x</b>' });
    document.querySelector('b').click();
    await all;
    return { ran: Boolean(window.ran), refused: [...refused].sort() };
  });
}
