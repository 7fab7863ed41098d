// One page of each kind: its name, and how a user gets there.

import { logIn } from './world.mjs';

const LONG = { client_id: 'long_name' };

export const PAGES = [
  { name: 'login', open: (page, world) => page.goto(world.application.loginUrl(LONG)) },
  {
    name: 'login-mfa',
    open: (page, world) => page.goto(world.application.loginUrl({ ...LONG, acr_values: 'urn:idp:vismaconnect:mfa' })),
  },
  {
    name: 'login-failed',
    async open(page, world) {
      await page.goto(world.application.loginUrl(LONG));
      await logIn(page, 'wrong');
    },
  },
  {
    name: 'consent',
    async open(page, world) {
      await page.goto(world.application.loginUrl(LONG));
      await logIn(page);
    },
  },
  {
    name: 'error',
    open: (page, world) => page.goto(world.application.loginUrl({ redirect_uri: `https://${'n'.repeat(60)}.example/` })),
  },
  {
    name: 'form-post-without-script',
    withoutScript: true,
    async open(page, world) {
      await page.goto(world.application.loginUrl({ ...LONG, response_mode: 'form_post' }));
      await page.getByRole('button', { name: 'Cancel' }).click();
    },
  },
  {
    name: 'logout',
    async open(page, world) {
      await page.goto(world.application.loginUrl(LONG));
      await logIn(page);
      await page.goto(`${world.emulator.url}/connect/endsession`);
    },
  },
  { name: 'logged-out', open: (page, world) => page.goto(`${world.emulator.url}/connect/endsession`) },
];
