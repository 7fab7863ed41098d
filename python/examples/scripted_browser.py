"""A browser that a program drives: enough of one to log in at the emulator. Real users need a real one."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit


@dataclass(frozen=True)
class Arrival:
    """What the application's redirect URI received."""

    url: str
    """The whole URL that the browser asked for."""
    body: str | None = None
    """The body, if the browser posted a form there."""


@dataclass
class ScriptedBrowser:
    """Follows redirects and sends forms, until it would leave the authorization server."""

    username: str = "anna@example.com"
    password: str = "correct horse"
    consents: bool = True
    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, url: str) -> Arrival:
        """Logs in, starting at an authorization request, and says where that ended."""
        home = urlsplit(url).netloc
        body: str | None = None
        while urlsplit(url).netloc == home:
            status, location, page = self._send(url, body)
            if location is not None:
                url, body = urljoin(url, location), None
                continue
            form = Form.first_of(page)
            if status != 200 or form is None:
                raise RuntimeError(f"{urlsplit(url).path} answered with HTTP status {status} and no form")
            url, body = urljoin(url, form.action), urlencode(self._fill_in(form))
        return Arrival(url, body)

    def _fill_in(self, form: Form) -> dict[str, str]:
        known = {"username": self.username, "password": self.password}
        values = {name: known.get(name, value) for name, value in form.fields.items()}
        if form.buttons:
            wanted = ("login", "accept") if self.consents or "password" in values else ("cancel",)
            values["action"] = next(value for value in form.buttons if value in wanted)
        return values

    def _send(self, url: str, body: str | None) -> tuple[int, str | None, str]:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = f"{parts.scheme}://{parts.netloc}"
        try:
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request("GET" if body is None else "POST", path, body, headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.split(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, answer.headers.get("Location"), answer.read().decode()
        finally:
            connection.close()


@dataclass
class Form:
    """An HTML form."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)

    @staticmethod
    def first_of(page: str) -> Form | None:
        """The first form of a page."""
        reader = _FormReader()
        reader.feed(page)
        return reader.forms[0] if reader.forms else None


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(attributes.get("action", "")))
        elif tag == "input" and self.forms and "name" in attributes:
            self.forms[-1].fields[attributes["name"]] = attributes.get("value", "")
        elif tag == "button" and self.forms and attributes.get("name") == "action":
            self.forms[-1].buttons.append(attributes.get("value", ""))
