// The pictures of docs/images, made on the way of an integrator through the portal of the built-in configuration. Whoever
// changes one of these pages copies them there from target/browser.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { World, keepScreenshot } from './world.mjs';

const world = await World.start('visma', { builtIn: true });
after(() => world.close());

const portal = (path) => `${world.emulator.url}/portal${path}`;
const TENANT = '11111111-1111-4111-8111-111111111111';

/** The secret of a service that is registered and approved on the pages. */
async function register(page) {
  await page.goto(portal('/applications/new'));
  await page.getByLabel('Client ID').fill('isv_ledger');
  await page.getByLabel('Name').fill('Ledger Export');
  await page.getByLabel('visma_api:read').check();
  await page.getByRole('button', { name: 'Register' }).click();
  const secret = await page.locator('.secret').textContent();
  await keepScreenshot(page, 'docs-portal-secret');
  await page.goto(portal('/applications'));
  await keepScreenshot(page, 'docs-portal-applications');
  await page.goto(portal(`/customer?id=${TENANT}`));
  await page.getByRole('button', { name: 'Approve Ledger Export' }).click();
  await page.getByText('The service is approved').waitFor();
  await keepScreenshot(page, 'docs-portal-customer');
  await page.goto(portal('/customers'));
  await keepScreenshot(page, 'docs-portal-customers');
  return secret;
}

/** The status of the answer to a service's request for a token. */
async function token(parameters) {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'isv_ledger', ...parameters });
  const response = await fetch(`${world.emulator.url}/connect/token`, { method: 'POST', body });
  return response.status;
}

test('the pictures show a service that is registered, approved, refused for four reasons and served', () =>
  world.visit(
    async (page) => {
      const secret = await register(page);
      await page.goto(portal('/requests?client_id=isv_ledger'));
      const right = { client_secret: secret, scope: 'visma_api:read', tenant_id: TENANT };
      for (const wrong of [
        { client_secret: 'secret-of-staging' },
        { scope: 'visma_api:raed' },
        { tenant_id: '99999999-9999-4999-8999-999999999999' },
        { scope: 'visma_api:read,visma_api:write' },
      ]) {
        assert.equal(await token({ ...right, ...wrong }), 400);
      }
      assert.equal(await token(right), 200);
      await page.locator('#rows tr.ok').waitFor();
      assert.equal(await page.locator('#rows tr.refused').count(), 4);
      await keepScreenshot(page, 'docs-portal-requests');
      await page.locator('#rows tr.refused').last().getByRole('link').click();
      await page.getByRole('heading', { name: 'Checks' }).waitFor();
      await keepScreenshot(page, 'docs-portal-request');
    },
    { viewport: { width: 1024, height: 480 } },
  ));

test('the pictures show a fault that waits', () =>
  world.visit(
    async (page) => {
      await page.goto(portal('/controls/faults/new'));
      await page.getByLabel('What goes wrong').selectOption('status');
      await page.getByLabel('status: HTTP status').fill('503');
      await page.getByLabel('Only for this client ID').fill('isv_ledger');
      await page.getByRole('button', { name: 'Add the fault' }).click();
      await page.getByText('The fault waits').waitFor();
      await keepScreenshot(page, 'docs-portal-controls');
    },
    { viewport: { width: 1024, height: 480 } },
  ));
