// One page of each kind: its name, and how a user of the application with this client id gets there.

import { logIn } from './world.mjs';

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
    },
  },
  {
    name: 'consent',
    async open(page, world, clientId) {
      await begin(page, world, clientId);
      await logIn(page);
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
    },
  },
  {
    name: 'logout',
    async open(page, world, clientId) {
      await begin(page, world, clientId);
      await logIn(page);
      await endSession(page, world);
    },
  },
  { name: 'logged-out', open: endSession },
];

function begin(page, world, clientId, parameters = {}) {
  return page.goto(world.application.loginUrl({ client_id: clientId, ...parameters }));
}

function endSession(page, world) {
  return page.goto(`${world.emulator.url}/connect/endsession`);
}
