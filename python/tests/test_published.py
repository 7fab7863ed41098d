"""tests/vectors/published.json: what RFCs print, and what was worked out by their rules."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from grantline import (
    Client,
    GrantlineError,
    NativeApp,
    Provider,
    Scopes,
    ServiceApp,
    ServerMisbehaved,
    TenantChoice,
)

PUBLISHED: dict[str, Any] = json.loads(
    Path(os.environ["GRANTLINE_VECTORS"], "published.json").read_text(encoding="utf-8")
)


def values(name: str) -> list[Any]:
    return [pytest.param(value, id=f"{place}") for place, value in enumerate(PUBLISHED[name])]


@dataclass
class Nowhere:
    """A server that has nothing, and remembers what it was asked."""

    url: str
    paths: list[str] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)


@contextmanager
def nowhere() -> Iterator[Nowhere]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.paths.append(self.path)
            seen.authorizations.append(self.headers["Authorization"])
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, format: str, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        seen = Nowhere(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield seen
        finally:
            server.shutdown()
            thread.join()


def ask(provider: Provider, client_id: str, secret: str) -> None:
    app = ServiceApp(
        provider, client_id, client_secret=secret, client_authentication="client_secret_basic", client=Client()
    )
    with pytest.raises(GrantlineError) as refused:
        app.token(TenantChoice.no_tenant(), Scopes.all_allowed())
    assert (refused.value.code, type(refused.value)) == ("unexpected_status", ServerMisbehaved)


@pytest.mark.parametrize("value", values("form_encoding"))
def test_a_parameter_is_form_encoded_as_the_rfc_prints_it(value: dict[str, str]) -> None:
    app = NativeApp(Provider.visma_connect(), "isv_invoices", redirect_uris=["com.example.app:/callback"])
    begun = app.begin_login(["openid"], login_hint=value["text"])
    assert begun.url.endswith(f"&login_hint={value['encoded']}")


@pytest.mark.parametrize("value", values("client_secret_basic"))
def test_basic_credentials_come_out_as_published(value: dict[str, str]) -> None:
    with nowhere() as server:
        document = json.dumps({"issuer": server.url, "token_endpoint": f"{server.url}/token"})
        ask(Provider.from_metadata(server.url, document), value["client_id"], value["client_secret"])
        assert server.authorizations == [value["authorization"]]


@pytest.mark.parametrize("value", values("metadata_urls"))
def test_the_metadata_of_an_issuer_are_looked_for_where_the_standards_say(value: dict[str, str]) -> None:
    with nowhere() as server:
        ask(Provider.discover(value["issuer"].replace("https://example.com", server.url)), "isv", "secret")
        assert [f"https://example.com{path}" for path in server.paths] == [value["openid"], value["oauth"]]
