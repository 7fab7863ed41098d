"""The emulator, as the tests see it: its address, its journal, and what it is told to answer."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from grantline import (
    Binding,
    Callback,
    Client,
    NativeApp,
    Provider,
    SealingKeys,
    ServiceApp,
    Session,
    Store,
    TenantChoice,
    WebApp,
)

BAKERY = TenantChoice.tenant("11111111-1111-4111-8111-111111111111")
SHIPPING = TenantChoice.tenant("22222222-2222-4222-8222-222222222222")
NOT_APPROVED = TenantChoice.tenant("99999999-9999-4999-8999-999999999999")
LOGIN_SCOPES = ["openid", "profile", "visma_api:read", "offline_access"]
WEB_SECRET = "web:secret+100%25&more"
WEB_REDIRECT = "https://app.example/callback"
NATIVE_REDIRECT = "http://127.0.0.1:49152/callback"


KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
KEYS = SealingKeys.from_text(KEY)


def persistent(place: Path | str) -> Client:
    """A client whose sessions are in an SQLite file in that folder, or in the Redis or PostgreSQL of that URL."""
    return Client(store=store_at(str(place)), sealing_keys=KEYS)


def new_name() -> str:
    """A name for a session that no other test uses."""
    return f"user-{uuid.uuid4()}"


def store_at(place: str) -> Store:
    """The store of a folder or URL."""
    match place.split("://")[0]:
        case "redis":
            return Store.redis(place)
        case "postgres":
            return Store.postgres(place)
        case _:
            return Store.sqlite(Path(place, "sessions.db"))


@dataclass(frozen=True)
class Emulator:
    """One running emulator."""

    url: str
    mode: str

    def provider(self) -> Provider:
        """Visma Connect at this address; in standard mode, what its metadata say."""
        if self.mode == "visma":
            return Provider.visma_connect_at(self.url)
        document = self._call("GET", "/.well-known/openid-configuration").decode()
        return Provider.from_metadata(self.url, document).with_tenant_parameter("tenant_id")

    def service_app(
        self, client_id: str = "isv_service", secret: str = "service-secret", client: Client | None = None
    ) -> ServiceApp:
        """A service application with a client, and so with tokens, of its own."""
        return ServiceApp(self.provider(), client_id, client_secret=secret, client=client or Client())

    def web_app(self, client: Client | None = None) -> WebApp:
        """The web application."""
        return WebApp(
            self.provider(),
            "isv_web",
            redirect_uris=[WEB_REDIRECT],
            client_secret=WEB_SECRET,
            client=client or Client(),
        )

    def native_app(self) -> NativeApp:
        """The native application."""
        return NativeApp(
            self.provider(), "isv_native", redirect_uris=["http://127.0.0.1/callback"], client=Client()
        )

    def log_in(self, app: WebApp, session_id: str | None = None) -> Session:
        """The session of a user who logged in without the pages of it."""
        begun = app.begin_login(LOGIN_SCOPES, session_id=session_id)
        assert begun.binding is not None
        landing = json.loads(
            self._call("POST", "/admin/logins", {"url": begun.url, "username": "anna@example.com"})
        )
        binding = Binding.cookie_value(begun.binding.expose_value())
        return app.complete_login(begun.pending, Callback.query(landing["response"]), binding).session

    @contextmanager
    def tokens_live(self, seconds: int, client_id: str = "isv_web") -> Iterator[None]:
        """Gives out tokens of that lifetime, to the end of the block. One of 0 seconds has expired when it comes."""
        self._call("POST", "/admin/lifetimes", {"client_id": client_id, "access_token_s": seconds})
        try:
            yield
        finally:
            self._call("POST", "/admin/lifetimes", {"client_id": client_id, "access_token_s": 3600})

    def newest_grant(self, client_id: str = "isv_web") -> int:
        """The number of the last login's grant."""
        return max(int(grant["id"]) for grant in self._grants({"client_id": client_id}))

    def grant(self, number: int) -> dict[str, Any]:
        """What became of a grant."""
        (grant,) = self._grants({"id": str(number)})
        return grant

    def reply_next(self, client_id: str, **reply: Any) -> None:
        """What the next request of that application is answered; to the token endpoint, unless `path` says otherwise."""
        self._call("POST", "/admin/replies", {"path": "/connect/token", "client_id": client_id, **reply})

    def admin(self, control: str, request: Any) -> None:
        """Operates one of the test controls."""
        self._call("POST", f"/admin/{control}", request)

    def release(self) -> None:
        """Lets go of the answers that are held back."""
        self._call("DELETE", "/admin/replies")

    @contextmanager
    def held_back(self, client_id: str) -> Iterator[None]:
        """Holds the answer to the next token request back, after it was processed, to the end of the block."""
        self.reply_next(client_id, delay_ms=60_000)
        try:
            yield
        finally:
            self.release()

    def requests(self, client_id: str, path: str = "/connect/token") -> list[dict[str, Any]]:
        """The application's requests so far, to the token endpoint unless `path` says otherwise."""
        return self._journal({"client_id": client_id, "path": path})

    def wait_for_requests(self, client_id: str, count: int) -> list[dict[str, Any]]:
        """As `requests`, once so many have arrived."""
        journal = self._journal({"client_id": client_id, "wait_for": str(count), "timeout_ms": "10000"})
        assert len(journal) >= count, f"{len(journal)} of {count} requests arrived"
        return journal

    def _grants(self, query: dict[str, str]) -> list[dict[str, Any]]:
        grants: list[dict[str, Any]] = json.loads(self._call("GET", "/admin/grants?" + urlencode(query)))["grants"]
        return grants

    def _journal(self, query: dict[str, str]) -> list[dict[str, Any]]:
        answer = self._call("GET", "/admin/requests?" + urlencode({"path": "/connect/token", **query}))
        entries: list[dict[str, Any]] = json.loads(answer)["requests"]
        return entries

    def _call(self, method: str, path: str, body: Any = None) -> bytes:
        request = urllib.request.Request(self.url + path, method=method)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=30) as answer:
            content: bytes = answer.read()
        return content
