"""Every case of the table that all languages run, through the public API."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from emulator import BAKERY, Emulator

from grantline import (
    AccessToken,
    Binding,
    Callback,
    Client,
    GrantlineError,
    IdTokenClaims,
    IdTokenExpectations,
    LoginApp,
    NativeApp,
    PendingLogin,
    Provider,
    Scopes,
    ServiceApp,
    SinglePageApp,
    TenantChoice,
    WebApp,
    check_id_token,
    check_logout_token,
    verify_webhook,
)

FOLDER = Path(os.environ["GRANTLINE_VECTORS"])
EMULATOR = Emulator(os.environ["GRANTLINE_EMULATOR_URL"], "visma")
APPLICATIONS: dict[str, Any] = {
    "service": ServiceApp,
    "web": WebApp,
    "native": NativeApp,
    "single_page": SinglePageApp,
}

Case = dict[str, Any]


def table(name: str) -> Case:
    text = (FOLDER / name).read_text(encoding="utf-8").replace("{server}", EMULATOR.url)
    content: Case = json.loads(text)
    assert content["schema"] == 1
    return content


def cases(name: str) -> list[Any]:
    found = table(name)["cases"]
    assert found, f"{name} holds no case"
    return [pytest.param(case, id=case["name"]) for case in found]


@pytest.fixture(scope="module")
def clients() -> list[Client]:
    """One client for all cases: their client ids are unique."""
    return [Client()]


@pytest.fixture
def client(clients: list[Client]) -> Client:
    """The client."""
    return clients[0]


@pytest.fixture
def rested_client(clients: list[Client]) -> Client:
    """A client for which nothing went wrong lately: after trouble, it leaves the provider of all cases alone for a while."""
    try:
        EMULATOR.service_app(client=clients[0]).token_source(BAKERY, ["visma_api:read"]).refresh()
    except GrantlineError:
        clients[0] = Client()
    return clients[0]


def provider(description: Case) -> Provider:
    match description:
        case {"profile": "visma_connect"}:
            return Provider.visma_connect()
        case {"profile": "visma_connect_staging"}:
            return Provider.visma_connect_staging()
        case {"profile": "visma_connect_at", "issuer": issuer}:
            return Provider.visma_connect_at(issuer)
        case {"discover": issuer}:
            return Provider.discover(issuer)
        case {"issuer": issuer, "metadata": metadata}:
            return Provider.from_metadata(issuer, json.dumps(metadata))
    raise AssertionError(f"this runner does not know the provider {description}")


def application(description: Case, client: Client) -> Any:
    registration = dict(description["registration"])
    kind = description["type"]
    if kind != "service":
        registration.setdefault("redirect_uris", [])
    return APPLICATIONS[kind](
        provider(description["provider"]), registration.pop("client_id"), **registration, client=client
    )


def scopes(described: str | list[str]) -> Scopes | list[str]:
    if isinstance(described, list):
        return described
    assert described == "all_allowed"
    return Scopes.all_allowed()


def tenant(described: str | Case) -> TenantChoice:
    if isinstance(described, dict):
        return TenantChoice.tenant(described["tenant"])
    return {"default_tenant": TenantChoice.default_tenant, "no_tenant": TenantChoice.no_tenant}[described]()


def padded(text: str, case: Case) -> str:
    padding = case.get("padding")
    return text.replace("{padding}", padding["text"] * padding["times"]) if padding else text


def described(error: GrantlineError, expected: Case) -> Case:
    """The error, in the form of the table."""
    form: Case = {"code": error.code, "fault": error.fault, "advice": error.advice}
    if error.retry_after is not None:
        form["retry_after_s"] = error.retry_after.total_seconds()
    if "error_description" in expected:
        form["error_description"] = getattr(error, "error_description", None)
    return form


def s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@pytest.mark.parametrize("value", table("published.json")["s256"], ids=lambda value: value["source"])
def test_the_yardstick_of_this_runner(value: Case) -> None:
    assert s256(value["code_verifier"]) == value["code_challenge"]


@pytest.mark.parametrize("case", cases("authorization_requests.json"))
def test_authorization_request(case: Case, client: Client) -> None:
    expect = case["expect"]
    try:
        app: LoginApp = application(case["application"], client)
        request = dict(case["request"])
        request["resource"] = request.pop("resources", None)
        request["session_id"] = request.pop("session", None)
        if "parameters" in request:
            request["parameters"] = [(name, value) for name, value in request["parameters"]]
        begun = app.begin_login(scopes(request.pop("scopes")), **request)
    except GrantlineError as error:
        assert described(error, expect.get("error", {})) == expect.get("error")
        return
    assert "error" not in expect, "it was to be refused"
    record = json.loads(begun.pending.to_record())
    sent = {name: values[0] for name, values in parse_qs(urlsplit(begun.url).query).items()}

    url = expect["url"]
    for name in re.findall(r"\{(state|nonce|code_challenge)\}", url):
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", sent[name]), name
        url = url.replace(f"{{{name}}}", sent[name])
    assert begun.url == url
    assert (begun.binding is not None) == expect["cookie"]
    assert {name: record.get(name) for name in expect["record"]} == expect["record"]
    assert sent["state"] == record["state"] == begun.pending.state
    if "code_challenge" in sent:
        assert sent["code_challenge"] == s256(record["code_verifier"])


CALLBACKS = table("callbacks.json")


@pytest.mark.parametrize("case", cases("callbacks.json"))
def test_callback(case: Case, client: Client) -> None:
    expect = case["expect"]
    try:
        app = application(CALLBACKS["applications"][case["application"]], client)
        pending = PendingLogin.from_record(CALLBACKS["pending"][case["pending"]])
        ((way, text),) = case["callback"].items()
        callback = getattr(Callback, way)(padded(text, case))
        app.check_callback(pending, callback, *bindings(case))
    except GrantlineError as error:
        assert described(error, expect.get("error", {})) == expect.get("error")
    else:
        assert expect == {"accepted": True}


def bindings(case: Case) -> list[Binding]:
    """None for native and single-page applications."""
    match case.get("binding"):
        case None:
            return []
        case {"cookie_header": header}:
            return [Binding.cookie_header(header)]
        case {"cookie_value": value}:
            return [Binding.cookie_value(value)]
        case {"dangerous_unbound": _} | "dangerous_unbound":
            return [Binding.dangerous_unbound()]
    raise AssertionError(f"this runner does not know the binding {case['binding']}")


@pytest.mark.parametrize("case", cases("service_token_requests.json") + cases("token_responses.json"))
def test_service_token(case: Case, rested_client: Client) -> None:
    expect = case["expect"]
    client_id = case["application"]["registration"].get("client_id", "")
    if reply := case.get("reply"):
        EMULATOR.reply_next(client_id, **{**reply, "body": padded(reply["body"], case)})
    # The other languages may have run the same cases at this emulator.
    earlier = len(EMULATOR.requests(client_id)) if client_id else 0
    try:
        before = time.time()
        app: ServiceApp = application(case["application"], rested_client)
        request = case["request"]
        token = app.token(
            tenant(request["tenant"]), scopes(request["scopes"]), resource=request.get("resource")
        )
        after = time.time()
    except GrantlineError as error:
        assert described(error, expect.get("error", {})) == expect.get("error")
    else:
        compare(token, expect["token"], before, after)
    journal = EMULATOR.requests(client_id)[earlier:] if client_id else []
    assert len(journal) == (1 if reply else 0)
    for member, value in expect.get("sent", {}).get("journal", {}).items():
        assert journal[0][member] == value, member


def compare(token: AccessToken, expected: Case, before: float, after: float) -> None:
    assert token.expose_secret() == expected["access_token"]
    assert set(token.scopes) == set(expected["scopes"])
    if expected["expires_in"] is None:
        assert token.expires_at is None
        return
    assert token.expires_at is not None
    end = token.expires_at.timestamp()
    # The driver's clock stands still between two ticks of the system, 10 ms at most.
    assert before - 0.011 + expected["expires_in"] <= end <= after + expected["expires_in"]


ID_TOKENS = table("id_tokens.json")


@pytest.mark.parametrize("case", cases("id_tokens.json"))
def test_id_token(case: Case) -> None:
    expect = case["expect"]
    try:
        claims = check_id_token(
            padded(case["token"], case),
            expectations(dict(case["expectations"])),
            key_set=ID_TOKENS["key_sets"][case["key_set"]],
            now=BEGINNING + timedelta(milliseconds=case["now_ms"]),
            **registered(dict(ID_TOKENS["registrations"][case["registration"]])),
        )
    except GrantlineError as error:
        assert described(error, expect.get("error", {})) == expect.get("error")
    else:
        assert {name: told(claims, name, value) for name, value in expect["claims"].items()} == expect["claims"]


BEGINNING = datetime(1970, 1, 1, tzinfo=timezone.utc)


def registered(described: Case) -> Case:
    """The keyword arguments by which a token is judged."""
    if "clock_tolerance_s" in described:
        described["clock_tolerance"] = described.pop("clock_tolerance_s")
    return {**described, "provider": provider(described["provider"])}


def expectations(described: Case) -> IdTokenExpectations:
    described["max_age"] = described.pop("max_age_s", None)
    if "nonce" in described:
        return IdTokenExpectations.nonce(described.pop("nonce"), **described)
    return IdTokenExpectations.expect_no_nonce(**described)


def told(claims: IdTokenClaims, name: str, expected: Any) -> Any:
    """What the claims say under that name of the table."""
    if name == "further":
        assert all(claims.further_claims.get(further) == claims.claim(further) for further in expected)
        return {further: claims.claim(further) for further in expected}
    if name.endswith("_ms"):
        moment: datetime | None = getattr(claims, name.removesuffix("_ms"))
        return None if moment is None else (moment - BEGINNING) // timedelta(milliseconds=1)
    return getattr(claims, name)


LOGOUT_TOKENS = table("logout_tokens.json")


@pytest.mark.parametrize("case", cases("logout_tokens.json"))
def test_logout_token(case: Case) -> None:
    expect = case["expect"]
    try:
        notice = check_logout_token(
            case["token"],
            key_set=LOGOUT_TOKENS["key_set"],
            now=BEGINNING + timedelta(milliseconds=case["now_ms"]),
            **registered(dict(LOGOUT_TOKENS["registration"])),
        )
    except GrantlineError as error:
        assert described(error, expect.get("error", {})) == expect.get("error")
    else:
        issued_at_ms = (notice.issued_at - BEGINNING) // timedelta(milliseconds=1)
        said = {"issued_at_ms": issued_at_ms, "subject": notice.subject, "session_id": notice.session_id}
        assert said == expect["notice"]


@pytest.mark.parametrize("case", cases("webhooks.json"))
def test_webhook(case: Case) -> None:
    expect = case["expect"]
    try:
        event = verify_webhook(case["secret"], case["body"].encode(), case["signature"])
    except GrantlineError as error:
        assert described(error, expect.get("error", {})) == expect.get("error")
    else:
        assert {"name": event.name, "tenant_id": event.tenant_id} == expect["event"]


def test_a_record_of_the_first_release_is_read(client: Client) -> None:
    text = (FOLDER / "fixtures" / "pending_v1.json").read_text(encoding="utf-8")
    pending = PendingLogin.from_record(text)
    assert json.loads(pending.to_record()) == json.loads(text)
