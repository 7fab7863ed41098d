// Where the keyboard is.

import assert from 'node:assert/strict';

/** What has the focus: its id or its text, and how wide an outline says so. */
function focus(page) {
  return page.evaluate(() => {
    const { id, textContent } = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    const visible = document.activeElement.matches(':focus-visible') && outlineStyle !== 'none';
    return { on: id || textContent.trim(), outlinePx: visible ? parseFloat(outlineWidth) : 0 };
  });
}

/**
 * Waits until what has this id or this text has the focus. A page that was just loaded gives it to a field when it is
 * drawn (`autofocus`), which may be after whoever waited for the page goes on: a key that is pressed before goes elsewhere.
 */
export async function focusAt(page, stop) {
  try {
    await page.locator(`[id="${stop}"]:focus, :text-is("${stop}"):focus`).waitFor();
  } catch (error) {
    const { on } = await focus(page);
    throw new Error(`the focus is at "${on}" and not at "${stop}"`, { cause: error });
  }
}

/** Goes through the page from where the focus is, and insists on seeing it at each stop. */
export async function tabThrough(page, stops) {
  for (const [index, stop] of stops.entries()) {
    if (index > 0) await page.keyboard.press('Tab');
    await focusAt(page, stop);
    assertSeen(await focus(page));
  }
}

function assertSeen({ on, outlinePx }) {
  assert.ok(outlinePx >= 2, `the focus on "${on.slice(0, 60)}" cannot be seen`);
}

/** Goes on by Tab from where the focus is not yet on the page, to the first stop and through the others. */
export async function tabInto(page, stops) {
  await page.keyboard.press('Tab');
  await tabThrough(page, stops);
}

/** Goes on by Tab until this has the focus, and insists on seeing it at each stop on the way. */
export async function tabTo(page, stop) {
  for (let stops = 0; stops < 100; stops += 1) {
    const before = await page.evaluateHandle(() => document.activeElement);
    await page.keyboard.press('Tab');
    await page.waitForFunction((before) => document.activeElement !== before, before);
    const now = await focus(page);
    assertSeen(now);
    if (now.on === stop) return;
  }
  assert.fail(`Tab does not lead to "${stop}"`);
}

/** Chooses from the list that has the focus, without opening it. */
export async function choose(page, value) {
  const chosen = () => page.evaluate(() => document.activeElement.value);
  const count = await page.evaluate(() => document.activeElement.options.length);
  for (let steps = 0; steps < count && (await chosen()) !== value; steps += 1) await page.keyboard.press('ArrowDown');
  assert.equal(await chosen(), value);
}

/** Goes back by Shift+Tab, through these stops. */
export async function tabBack(page, stops) {
  for (const stop of stops) {
    await page.keyboard.press('Shift+Tab');
    await focusAt(page, stop);
  }
}

/** Takes the link past the navigation: what is at its end is where Tab begins when the next frame is drawn. */
export async function skipNavigation(page) {
  await tabInto(page, ['To the content']);
  const { height } = await page.locator('.skip').boundingBox();
  assert.ok(height > 20, 'the way past the navigation is not seen');
  await page.keyboard.press('Enter');
  await page.waitForURL('**#main');
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}
