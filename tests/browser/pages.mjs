// One page of each kind: its name, and how a user of the application with this client id gets there.

import { logIn } from './world.mjs';

const TENANT = '11111111-1111-4111-8111-111111111111';

export const PAGES = [
  { name: 'login', open: begin },
  {
    name: 'login-mfa',
    open: (page, world, clientId) => begin(page, world, clientId, { acr_values: 'urn:idp:vismaconnect:mfa' }),
  },
  {
    name: 'login-failed',
    async open(page, world, clientId) {
      await begin(page, world, clientId);
      await logIn(page, 'wrong');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'consent',
    async open(page, world, clientId) {
      await begin(page, world, clientId);
      await logIn(page);
      await page.getByRole('button', { name: 'Accept' }).waitFor();
    },
  },
  {
    name: 'error',
    open: (page, world, clientId) => begin(page, world, clientId, { redirect_uri: `https://${'n'.repeat(60)}.example/` }),
  },
  {
    name: 'form-post-without-script',
    withoutScript: true,
    async open(page, world, clientId) {
      await begin(page, world, clientId, { response_mode: 'form_post' });
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: 'Continue' }).waitFor();
    },
  },
  {
    name: 'logout',
    async open(page, world, clientId) {
      await begin(page, world, clientId);
      await logIn(page);
      await page.getByRole('button', { name: 'Accept' }).waitFor();
      await endSession(page, world);
      await page.getByRole('button', { name: 'Stay logged in' }).waitFor();
    },
  },
  { name: 'logged-out', open: endSession },
  portal('start', ''),
  portal('applications', '/applications'),
  portal('register', '/applications/new'),
  {
    name: 'portal-register-refused',
    async open(page, world) {
      await page.goto(`${world.emulator.url}/portal/applications/new`);
      await page.getByLabel('Client ID').fill('web');
      await page.getByLabel('Name').fill('Of a name that is taken');
      await page.getByLabel('openid', { exact: true }).check();
      await page.getByRole('button', { name: 'Register' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'portal-application',
    open: (page, world, clientId) => page.goto(`${world.emulator.url}/portal/application?id=${clientId}`),
  },
  portal('change', '/application/change?id=long_name'),
  portal('remove', '/application/remove?id=long_name'),
  {
    name: 'portal-secret',
    async open(page, world, clientId) {
      await page.goto(`${world.emulator.url}/portal/application/secret?id=${clientId}`);
      await page.getByRole('button', { name: 'Make a new secret' }).click();
      await page.getByText('Copy it now').waitFor();
    },
  },
  portal('customers', '/customers'),
  {
    name: 'portal-customer',
    async open(page, world) {
      await tell(world);
      await page.goto(`${world.emulator.url}/portal/customer?id=${TENANT}`);
    },
  },
  portal('users', '/users'),
  portal('user', '/user/change?id=anna@example.com'),
  {
    name: 'portal-sessions',
    async open(page, world, clientId) {
      await fetch(`${world.emulator.url}/admin/grants`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ client_id: clientId, username: 'anna@example.com' }),
      });
      await page.goto(`${world.emulator.url}/portal/user/sessions?id=anna@example.com`);
    },
  },
  {
    name: 'portal-requests',
    async open(page, world, clientId) {
      await fetch(`${world.emulator.url}/connect/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: 'wrong' }),
      });
      await page.goto(`${world.emulator.url}/portal/requests?refused=on`);
    },
  },
  {
    name: 'portal-request',
    async open(page, world, clientId) {
      await begin(page, world, clientId, { redirect_uri: 'http://localhost:1/callback/' });
      await page.getByRole('link', { name: 'The request in the portal' }).click();
      await page.getByRole('heading', { name: /^Request / }).waitFor();
    },
  },
  {
    name: 'portal-deliveries',
    async open(page, world) {
      await tell(world);
      await page.goto(`${world.emulator.url}/portal/deliveries`);
    },
  },
  {
    name: 'portal-controls',
    async open(page, world) {
      await page.goto(`${world.emulator.url}/portal/controls/faults/new`);
      await page.getByLabel('What goes wrong').selectOption('status');
      await page.getByLabel('status: HTTP status').fill('503');
      await page.getByLabel('Only for this client ID').fill('nobody-of-this-test');
      await page.getByRole('button', { name: 'Add the fault' }).click();
      await page.getByText('The fault waits').waitFor();
    },
  },
  portal('fault', '/controls/faults/new'),
];

/** A page of the portal that is just opened. */
function portal(name, path) {
  return { name: `portal-${name}`, open: (page, world) => page.goto(`${world.emulator.url}/portal${path}`) };
}

function begin(page, world, clientId, parameters = {}) {
  return page.goto(world.application.loginUrl({ client_id: clientId, ...parameters }));
}

function endSession(page, world) {
  return page.goto(`${world.emulator.url}/connect/endsession`);
}

/** Lets a service with a webhook, where nobody listens, be told that it was approved. */
async function tell(world) {
  const control = (path, body) =>
    fetch(`${world.emulator.url}/admin/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const service = { client_id: 'told', name: 'Night Export', type: 'service', scopes: ['invoices:read'] };
  await control('applications', { ...service, webhook_url: 'http://127.0.0.1:1/no-webhook' });
  await control('approvals', { client_id: 'told', tenant_id: TENANT });
}
