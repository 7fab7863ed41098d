"""The web examples as processes behind one address, an emulator for them, and browsers that use them."""

from __future__ import annotations

import http.client
import json
import os
import re
import select
import socket
import socketserver
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from emulator import KEY
from scripted_browser import Form

EXAMPLES = Path(__file__).parents[2] / "examples"
COMMANDS = {
    "fastapi": ["-m", "uvicorn", "--host", "127.0.0.1", "--port", "0", "main:site"],
    "django": ["manage.py", "runserver", "--noreload", "127.0.0.1:0"],
}
PASSWORDS = {"anna@example.com": "correct horse", "bo@example.com": "battery staple"}
COOKIE = "__Host-portal"


@dataclass
class World:
    """One of the examples, served by two processes."""

    framework: str
    base_url: str
    """Where browsers reach it: another site than the emulator's, which is at 127.0.0.1."""
    emulator: str
    front: Front
    servers: list[int]
    folder: Path

    def serve_by(self, index: int) -> None:
        """From now on that process serves."""
        self.front.port = self.servers[index]

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """What the emulator's test controls answer."""
        request = urllib.request.Request(f"{self.emulator}/admin/{path}", method=method)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
            return json.loads(text) if text else None


@contextmanager
def started(framework: str, folder: Path) -> Iterator[World]:
    """An example that serves, until the end of the block."""
    with ExitStack() as stack:
        front = stack.enter_context(leading())
        base_url = f"http://localhost:{front.own_port}"
        of_examples = (EXAMPLES / "emulator.toml").read_text(encoding="utf-8")
        (folder / "emulator.toml").write_text(of_examples.replace("http://localhost:8080", base_url), encoding="utf-8")
        emulator = [os.environ["GRANTLINE_PROGRAM"], "emulator", "--port", "0", "--config", folder / "emulator.toml"]
        port = stack.enter_context(program(emulator, os.environ, folder, r"ready http://127\.0\.0\.1:(\d+)"))
        issuer = f"http://127.0.0.1:{port}"
        settings = {
            **os.environ,
            "BASE_URL": base_url,
            "CLIENT_ID": "isv_web",
            "CLIENT_SECRET": "web-secret",
            "ISSUER": issuer,
            "API_URL": issuer,
            "DATA": str(folder),
            "SEALING_KEY": KEY,
            "SECRET_KEY": "of these tests",
            "PYTHONUNBUFFERED": "1",
        }
        home = EXAMPLES / framework
        if framework == "django":
            subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=home, env=settings, check=True)
        command = [sys.executable, *COMMANDS[framework]]
        listening = r"(?:running on|server at) http://127\.0\.0\.1:(\d+)"
        servers = [stack.enter_context(program(command, settings, home, listening)) for _ in range(2)]
        front.port = servers[0]
        yield World(framework, base_url, issuer, front, servers, folder)


@contextmanager
def program(command: list[Any], environment: Mapping[str, str], home: Path, ready: str) -> Iterator[int]:
    """Runs a server to the end of the block: its port, of the line that says so."""
    with subprocess.Popen(
        command,
        cwd=home,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as child:
        assert child.stdout is not None
        try:
            port, said = None, ""
            while port is None:
                line = child.stdout.readline()
                assert line, said
                port, said = re.search(ready, line), said + line
            # Read to its end, so that a full pipe never stops it.
            reader = threading.Thread(target=child.stdout.read)
            reader.start()
            yield int(port.group(1))
        finally:
            child.kill()
        reader.join()


class Front(socketserver.ThreadingTCPServer):
    """The application's address, which leads to one process or another as a load balancer does."""

    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Relay)
        self.port = 0
        self.own_port: int = self.server_address[1]


class _Relay(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Front)
        with socket.create_connection(("127.0.0.1", self.server.port)) as server:
            others = {self.request: server, server: self.request}
            # Who cuts a connection off ends it for the other too.
            with suppress(ConnectionError):
                while True:
                    for end in select.select(list(others), [], [])[0]:
                        piece = end.recv(65536)
                        if not piece:
                            return
                        others[end].sendall(piece)


@contextmanager
def leading() -> Iterator[Front]:
    """A front to the end of the block."""
    with Front() as front:
        thread = threading.Thread(target=front.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield front
        finally:
            front.shutdown()
            thread.join()


@dataclass
class Page:
    """What a browser shows."""

    url: str
    status: int
    text: str
    headers: http.client.HTTPMessage

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def code(self) -> str | None:
        """The error that it names."""
        found = re.search(r'<code id="code">([^<]*)</code>', self.text)
        return found and found.group(1)


@dataclass
class Cookie:
    """A cookie, as far as `SameSite` goes."""

    value: str
    goes_everywhere: bool


@dataclass
class Sent:
    """A form as a page has it."""

    page: str
    action: str
    fields: dict[str, str]


@dataclass
class Browser:
    """Follows redirects, fills in forms, and sends cookies as `SameSite` says (RFC 6265bis section 5.6.7)."""

    username: str = "anna@example.com"
    cancels: bool = False
    cookies: dict[tuple[str, str], Cookie] = field(default_factory=dict)

    def open(self, url: str) -> Page:
        """Opens a URL that the user typed."""
        return self._navigate("GET", url, None, url)

    def submit(self, form: Sent) -> Page:
        """Posts a form."""
        return self._navigate("POST", form.action, urlencode(form.fields), form.page)

    def form(self, page: Page) -> Sent:
        """The page's form, as the user fills it in."""
        found = Form.first_of(page.text)
        assert found is not None, page
        known = {"username": self.username, "password": PASSWORDS[self.username]}
        fields = {name: known.get(name, value) for name, value in found.fields.items()}
        if found.buttons:
            wanted = ("cancel",) if self.cancels else ("login", "accept")
            fields["action"] = next(value for value in found.buttons if value in wanted)
        return Sent(page.url, urljoin(page.url, found.action), fields)

    def log_in_up_to_the_callback(self, url: str) -> Sent:
        """Logs in, from this URL to the form that the provider has the browser post to the application."""
        form = self.form(self.open(url))
        while urlsplit(form.action).path != "/callback":
            form = self.form(self.submit(form))
        return form

    def log_in(self, url: str) -> Page:
        """Logs in: the page where that ends."""
        return self.submit(self.log_in_up_to_the_callback(url))

    def cookie(self, name: str = COOKIE) -> str | None:
        """The value of a cookie of the application's."""
        found = self.cookies.get(("localhost", name))
        return found.value if found else None

    def plant(self, value: str, name: str = COOKIE) -> None:
        """As somebody could who once had the browser in hand."""
        self.cookies["localhost", name] = Cookie(value, goes_everywhere=False)

    def _navigate(self, method: str, url: str, body: str | None, page: str) -> Page:
        """`page`: the one that leads there. Redirects keep it."""
        while True:
            host = urlsplit(url).hostname or ""
            restricted = method == "POST" and urlsplit(page).hostname != host
            answer, text = self._send(method, url, body, self._cookies_for(host, restricted))
            for line in answer.headers.get_all("Set-Cookie", []):
                self._keep(host, line)
            location = answer.headers.get("Location")
            if location is None:
                return Page(url, answer.status, text, answer.headers)
            assert answer.status in (302, 303), "a redirect that makes a GET of a POST"
            method, url, body = "GET", urljoin(url, location), None

    def _cookies_for(self, host: str, restricted: bool) -> str:
        own = ((name, cookie) for (of, name), cookie in self.cookies.items() if of == host)
        return "; ".join(f"{name}={one.value}" for name, one in own if one.goes_everywhere or not restricted)

    def _keep(self, host: str, line: str) -> None:
        pair, *attributes = re.split(r";\s*", line)
        name, _, value = pair.partition("=")
        if name.startswith("__Host-"):
            assert {"Secure", "Path=/"} <= set(attributes), f"a browser drops {line}"
        self.cookies.pop((host, name), None)
        if "Max-Age=0" not in attributes:
            assert "HttpOnly" in attributes or name == "csrftoken", f"{line} is read by scripts"
            self.cookies[host, name] = Cookie(value, "SameSite=None" in attributes)

    @staticmethod
    def _send(method: str, url: str, body: str | None, cookies: str) -> tuple[http.client.HTTPResponse, str]:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=30)
        headers = {"Host": parts.netloc, "Cookie": cookies, "Connection": "close"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()
