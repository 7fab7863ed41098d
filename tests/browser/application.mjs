// The application that the users of these tests log in to: a server on loopback that sets cookies of every SameSite
// kind, and remembers what the browser sends it.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const CLIENT = { id: 'web', secret: 'web-secret' };

/** One cookie for each way of setting SameSite, by its name; the last is like the one that binds a browser to a login. */
export const COOKIES = {
  lax: 'SameSite=Lax',
  strict: 'SameSite=Strict',
  unmarked: '',
  none: 'SameSite=None',
  none_secure: 'SameSite=None; Secure',
  '__Host-none_secure': 'SameSite=None; Secure',
};

export class Application {
  #server;
  #logins = new Map();
  /** What the browser sent, in order: method, path, query, form, which of its cookies, headers. */
  requests = [];

  static async start() {
    const application = new Application();
    application.#server = createServer((request, response) => application.#answer(request, response));
    application.#server.listen(0, '127.0.0.1');
    await once(application.#server, 'listening');
    return application;
  }

  get port() {
    return this.#server.address().port;
  }

  /** Its address by the host name that the browser is to use: `localhost` or `127.0.0.1`. */
  origin(host = 'localhost') {
    return `http://${host}:${this.port}`;
  }

  /** Where a user starts to log in: `parameters` go into the authorization request, and overrule what is usual. */
  loginUrl(parameters = {}, host = 'localhost') {
    return `${this.origin(host)}/login?${new URLSearchParams(parameters)}`;
  }

  /** What reached the redirect URI last, or undefined. */
  get callback() {
    return this.requests.findLast((request) => request.path === '/callback');
  }

  /** What exchanges the code of the last callback for tokens: where it goes, and the form. */
  tokenRequest({ id, secret } = CLIENT) {
    const { form, query } = this.callback;
    const answer = form.get('code') ? form : query;
    const { verifier, redirectUri, issuer } = this.#logins.get(answer.get('state'));
    const parameters = {
      grant_type: 'authorization_code',
      code: answer.get('code'),
      code_verifier: verifier,
      redirect_uri: redirectUri,
      client_id: id,
      ...(secret && { client_secret: secret }),
    };
    return { url: `${issuer}/connect/token`, parameters };
  }

  /** Exchanges the code of the last callback, as a server does. */
  async exchange() {
    const { url, parameters } = this.tokenRequest();
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams(parameters) });
    return response.json();
  }

  /** The emulator that it sends its users to. */
  issuer = undefined;

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request, response) {
    const url = new URL(request.url, `http://${request.headers.host}`);
    const chunks = await Array.fromAsync(request);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const cookies = Object.keys(COOKIES).filter((name) => ` ${request.headers.cookie};`.includes(` ${name}=1;`));
    const { method, headers } = request;
    this.requests.push({ method, path: url.pathname, query: url.searchParams, form, cookies, headers });
    if (url.pathname === '/login') {
      response.writeHead(303, { location: this.#begin(url), 'set-cookie': setCookies() });
    } else if (url.pathname === '/callback' && method === 'POST') {
      response.writeHead(303, { location: '/done' });
    } else {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    }
    response.end('<!doctype html><html lang="en"><title>The application</title><h1>The application</h1></html>');
  }

  #begin(url) {
    const [state, verifier] = [randomBytes(16).toString('hex'), randomBytes(32).toString('base64url')];
    const redirectUri = `${url.origin}/callback`;
    this.#logins.set(state, { verifier, redirectUri, issuer: this.issuer });
    const parameters = new URLSearchParams({
      client_id: CLIENT.id,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: 'openid profile email offline_access invoices:read',
      state,
      nonce: randomBytes(16).toString('hex'),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    url.searchParams.forEach((value, name) => parameters.set(name, value));
    return `${this.issuer}/connect/authorize?${parameters}`;
  }
}

function setCookies() {
  return Object.entries(COOKIES).map(([name, attributes]) => `${name}=1; Path=/; HttpOnly; ${attributes}`);
}
