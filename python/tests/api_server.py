"""An API that keeps what it got, and answers as it is told."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

INVALID_TOKEN = 'Bearer error="invalid_token"'


@dataclass
class ApiServer:
    """One running API."""

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """The next answers, each a status and headers; 200 when there are none left."""
    got: list[tuple[str | None, bytes]] = field(default_factory=list)
    """The Authorization header and the body of each request."""

    def refuses(self, times: int = 1, status: int = 401, challenge: str = INVALID_TOKEN) -> None:
        """Refuses the token of the next requests."""
        self.answers += [(status, {"WWW-Authenticate": challenge})] * times

    def redirects(self, to: str, status: int = 307) -> None:
        """Sends the next request elsewhere."""
        self.answers.append((status, {"Location": to}))


@contextmanager
def api_server() -> Iterator[ApiServer]:
    """An API that runs to the end of the block."""
    api = ApiServer()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            api.got.append((self.headers["Authorization"], self.body()))
            status, headers = api.answers.pop(0) if api.answers else (200, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def body(self) -> bytes:
            if self.headers["Transfer-Encoding"] != "chunked":
                return self.rfile.read(int(self.headers["Content-Length"] or 0))
            whole = b""
            while length := int(self.rfile.readline(), 16):
                whole += self.rfile.read(length)
                self.rfile.readline()
            self.rfile.readline()
            return whole

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        api.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield api
        finally:
            server.shutdown()
            thread.join()
