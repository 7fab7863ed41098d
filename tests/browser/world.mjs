// The emulator, the application and Chromium, for one file of tests.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { chromium } from 'playwright-core';

import { Application } from './application.mjs';

/** Set by `cargo xtask browser`. */
const { GRANTLINE_PROGRAM, GRANTLINE_CHROMIUM, GRANTLINE_ARTEFACTS } = process.env;

/** The folder for what is kept of a run. */
export const ARTEFACTS = GRANTLINE_ARTEFACTS;

/** No host but this machine has an address, whoever asks. */
const OFFLINE = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1';

/** How long a page may take on a slow machine, in milliseconds. A test may take longer, so that what it waited for is told. */
const PATIENCE = 120_000;

export const DESKTOP = { width: 1024, height: 768 };
export const PHONE = { width: 360, height: 640 };

export class World {
  /**
   * @param {'visma' | 'standard'} mode
   * @param {{ builtIn?: boolean }} configuration: the emulator's own, or that of these tests
   */
  static async start(mode = 'visma', { builtIn = false } = {}) {
    const world = new World();
    try {
      await world.#start(mode, builtIn);
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  async #start(mode, builtIn) {
    this.application = await Application.start();
    this.emulator = await Emulator.start(mode, builtIn ? undefined : this.application.port);
    this.application.issuer = this.emulator.url;
    // Chromium's sandbox wants a user other than root.
    const chromiumSandbox = process.getuid?.() !== 0;
    const how = { executablePath: GRANTLINE_CHROMIUM, chromiumSandbox, args: [OFFLINE], timeout: PATIENCE };
    this.browser = await chromium.launch(how);
  }

  /**
   * Gives `body` a page of a browser that nobody has used, and refuses what no page may do: report an error, or ask
   * anybody else for anything.
   *
   * `options`: of Playwright's `newContext`; `expected`: what an error on the console may be.
   */
  async visit(body, { expected = /(?!)/, ...options } = {}) {
    const context = await this.browser.newContext({ viewport: DESKTOP, ...options });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const errors = [];
    const requests = [];
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('request', (request) => requests.push(request));
    try {
      await body(page);
    } finally {
      await context.close();
    }
    assert.deepEqual(errors.filter((text) => !expected.test(text)), []);
    const own = [this.emulator.url, this.application.origin('localhost'), this.application.origin('127.0.0.1')];
    const left = requests.filter((request) => request.failure()?.errorText !== 'csp').map((request) => request.url());
    assert.deepEqual(left.filter((url) => !own.includes(new URL(url).origin)), []);
  }

  async close() {
    await this.browser?.close();
    await this.emulator?.close();
    this.application?.close();
  }
}

class Emulator {
  /** `applicationPort`: that of the application of these tests, if it shall know them. */
  static async start(mode, applicationPort) {
    const emulator = new Emulator();
    emulator.folder = await mkdtemp(join(tmpdir(), 'grantline-browser-'));
    const program = ['emulator', '--port', '0', '--mode', mode];
    if (applicationPort) program.push('--config', await emulator.#configure(applicationPort));
    emulator.process = spawn(GRANTLINE_PROGRAM, program, { stdio: ['pipe', 'pipe', 'inherit'] });
    // Whatever ends the tests.
    process.once('exit', () => emulator.process.kill());
    emulator.ended = once(emulator.process, 'exit');
    emulator.url = await readyUrl(emulator.process.stdout);
    return emulator;
  }

  async #configure(applicationPort) {
    const config = join(this.folder, 'emulator.toml');
    const template = await readFile(new URL('emulator.toml', import.meta.url), 'utf8');
    await writeFile(config, template.replaceAll('APPLICATION_PORT', applicationPort));
    return config;
  }

  async close() {
    this.process.kill();
    await this.ended;
    await rm(this.folder, { recursive: true });
  }
}

/** From the line `ready http://127.0.0.1:4455`. */
async function readyUrl(stdout) {
  for await (const line of createInterface(stdout)) {
    if (line.startsWith('ready ')) {
      stdout.resume();
      return line.slice('ready '.length);
    }
  }
  throw new Error('the emulator ended before it was ready');
}

/** Fills in the login page as a user with a mouse does. */
export async function logIn(page, password = 'correct horse') {
  await page.getByLabel('User name').fill('anna@example.com');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** The same, and gives the application what it asks for: goes back to it with a code in the query. */
export async function logInAndConsent(page) {
  await logIn(page);
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.waitForURL('**/callback?*');
}

/** Chromium reports every status from 400 on the console: the error page's is one, that of a failed login another. */
export const REFUSED = /^Failed to load resource: the server responded with a status of 4(00|22) /;

/** Keeps a picture of the page for whoever wants to look at it. */
export async function keepScreenshot(page, name) {
  await page.screenshot({ fullPage: true, path: join(ARTEFACTS, `${name}.png`) });
}
