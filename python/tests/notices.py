"""An emulator that tells an application what happens, and the place where it is told."""

from __future__ import annotations

import http.server
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from emulator import Emulator

WEBHOOK_SECRET = "of-the-webhook"


@dataclass
class Told:
    """What the application was told."""

    body: bytes
    signature: str
    """Of a webhook; empty if there was none."""


@dataclass
class Notifier:
    """The emulator, and all that it told so far: it answers the test's request once the application has been told."""

    emulator: Emulator
    told: list[Told] = field(default_factory=list)

    def ends_sessions(self, username: str = "anna@example.com", fault: str | None = None) -> str:
        """The form of the logout token that it sends."""
        self._add_fault("logout-token", fault)
        self.emulator.admin("logouts", {"username": username})
        return self.told.pop().body.decode()

    def approves(self, tenant_id: str, fault: str | None = None) -> Told:
        """The webhook that it sends."""
        self._add_fault("webhook", fault)
        self.emulator.admin("approvals", {"client_id": "isv_service", "tenant_id": tenant_id})
        return self.told.pop()

    def _add_fault(self, sort: str, fault: str | None) -> None:
        if fault is not None:
            self.emulator.admin("faults", {"fault": {sort: fault}, "times": 1})


@contextmanager
def notifier(folder: Path) -> Iterator[Notifier]:
    """One that runs to the end of the block. Its configuration is the built-in one, with two addresses more."""
    told: list[Told] = []
    with _receiver(told) as url, _emulator(folder, url) as address:
        yield Notifier(Emulator(address, "visma"), told)


@contextmanager
def _receiver(told: list[Told]) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.append(Told(body, self.headers.get("X-Visma-Signature", "")))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/told"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def _emulator(folder: Path, url: str) -> Iterator[str]:
    program = os.environ["GRANTLINE_PROGRAM"]
    built_in = subprocess.run([program, "emulator", "--print-config"], capture_output=True, text=True, check=True)
    config = folder / "emulator.toml"
    config.write_text(
        built_in.stdout.replace(
            'client_id = "isv_web"\nname', f'client_id = "isv_web"\nbackchannel_logout_uri = "{url}"\nname'
        ).replace(
            'client_id = "isv_service"\nname',
            f'client_id = "isv_service"\nwebhook_url = "{url}"\nwebhook_secret = "{WEBHOOK_SECRET}"\nname',
        )
    )
    arguments = [program, "emulator", "--port", "0", "--config", str(config)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield next(line.removeprefix("ready ").strip() for line in child.stdout if line.startswith("ready "))
        finally:
            child.kill()
