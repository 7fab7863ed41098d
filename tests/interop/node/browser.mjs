// A scripted browser: follows redirects, keeps cookies, posts the forms of the emulator's login and consent pages.

const ENTITIES = { '&#38;': '&', '&#60;': '<', '&#62;': '>', '&#34;': '"', '&#39;': "'", '&amp;': '&' };

export class Browser {
  #cookies = new Map();

  /**
   * Opens a page of the provider's and goes on until the browser is sent back to the application: to a `URL`, or with
   * the `Request` of a form that is posted there.
   */
  async open(page, { consents = true } = {}) {
    const provider = new URL(page).origin;
    let request = new Request(page);
    while (new URL(request.url).origin === provider) {
      const response = await this.#send(request);
      const location = response.headers.get('location');
      request = location
        ? new Request(new URL(location, request.url))
        : submitted(await response.text(), request.url, consents);
    }
    return request.method === 'POST' ? request : new URL(request.url);
  }

  async #send(request) {
    request.headers.set('cookie', [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(request, { redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]*)=([^;]*)/.exec(cookie);
      this.#cookies.set(name, value);
    }
    return response;
  }
}

function submitted(page, base, consents) {
  const form = /<form[^>]* action="([^"]*)"/.exec(page);
  if (!form) throw new Error(`a page without a form: ${page.replace(/<style.*<\/style>|<[^>]*>/gs, ' ')}`);
  const fields = new Map();
  for (const [tag] of page.matchAll(/<input[^>]*>/g)) fields.set(attribute(tag, 'name'), attribute(tag, 'value'));
  const isLogin = fields.has('password');
  if (isLogin) fields.set('username', 'anna@example.com').set('password', 'correct horse');
  if (/<button[^>]* name="action"/.test(page)) {
    fields.set('action', isLogin ? 'login' : consents ? 'accept' : 'cancel');
  }
  return new Request(new URL(unescaped(form[1]), base), { method: 'POST', body: new URLSearchParams([...fields]) });
}

function attribute(tag, name) {
  return unescaped(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
}

function unescaped(text) {
  return text.replace(/&#?\w+;/g, (entity) => ENTITIES[entity] ?? entity);
}
