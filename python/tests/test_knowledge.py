"""What the provider says of users, tokens and tenants."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from pathlib import Path

import pytest
from emulator import BAKERY, Emulator
from notices import WEBHOOK_SECRET, notifier
from scripted_browser import ScriptedBrowser
from test_logout import logged_in

from grantline import ServerMisbehaved, ServerRefused, TenantChoice, inspect, verify_webhook

STRANGER = "99999999-9999-4999-8999-999999999999"


def test_a_session_knows_who_logged_in(emulator: Emulator) -> None:
    app = emulator.web_app()
    identity = app.session(logged_in(app, ScriptedBrowser()).id).identity()
    assert identity is not None and identity.issuer == emulator.url
    nobody = logged_in(app, ScriptedBrowser(), ["visma_api:read", "offline_access"])
    assert asyncio.run(nobody.identity_async()) is None
    with pytest.raises(ServerRefused) as refused:
        app.session("nobody").identity()
    assert refused.value.code == "session_unknown"


def test_userinfo_is_about_the_user_who_logged_in(emulator: Emulator) -> None:
    session = logged_in(emulator.web_app(), ScriptedBrowser())
    identity, answer = session.identity(), session.user_info()
    assert identity is not None and answer.subject == identity.subject
    assert answer.claim("name") == answer.claims["name"] == "Anna Berg"
    assert answer.claim("no such claim") is None
    assert repr(answer) == f"<grantline.UserInfo subject={answer.subject!r} (redacted)>".replace("'", '"')
    assert asyncio.run(session.user_info_async()).subject == answer.subject


def test_userinfo_about_somebody_else_is_refused(emulator: Emulator) -> None:
    session = logged_in(emulator.web_app(), ScriptedBrowser())
    emulator.admin("faults", {"fault": {"userinfo": "other-subject"}, "client_id": "isv_web", "times": 1})
    with pytest.raises(ServerMisbehaved) as refused:
        session.user_info()
    assert refused.value.code == "user_info_subject_mismatch"


def test_introspection_tells_whether_a_token_is_good(emulator: Emulator) -> None:
    app = emulator.web_app()
    session = logged_in(app, ScriptedBrowser())
    token, identity = session.fresh_token().expose_secret(), session.identity()
    answer = app.introspect(token)
    assert answer.is_active and identity is not None
    assert (answer.client_id, answer.subject) == ("isv_web", identity.subject)
    assert answer.scopes is not None and "visma_api:read" in answer.scopes
    assert answer.expires_at is not None
    assert answer.member("client_id") == answer.members["client_id"]
    assert identity.subject not in repr(answer)
    unknown = asyncio.run(app.introspect_async("no-token"))
    assert (unknown.is_active, unknown.members, unknown.scopes) == (False, {}, None)
    assert repr(unknown) == "<grantline.Introspection inactive>"


def test_a_service_introspects_its_own_tokens(emulator: Emulator) -> None:
    app = emulator.service_app()
    token = app.token(BAKERY, ["visma_api:read"]).expose_secret()
    assert app.introspect(token).client_id == "isv_service"
    assert asyncio.run(app.introspect_async(token)).is_active


def test_a_token_for_another_tenant_is_not_used(visma: Emulator) -> None:
    visma.admin("faults", {"fault": {"access-token": "other-tenant"}, "client_id": "isv_service", "times": 1})
    with pytest.raises(ServerMisbehaved) as refused:
        visma.service_app().token(BAKERY, ["visma_api:read"])
    assert refused.value.code == "tenant_mismatch"
    app = visma.service_app("isv_service_default", "service-default-secret")
    with pytest.raises(ServerMisbehaved) as named:
        app.token(TenantChoice.no_tenant(), ["visma_api:read"])
    assert (named.value.code, named.value.advice) == ("tenant_mismatch", "fix_configuration")


def test_a_look_into_a_token_decides_nothing(visma: Emulator) -> None:
    token = visma.service_app().token(BAKERY, ["visma_api:read"]).expose_secret()
    looked_into = inspect(token)
    assert looked_into is not None
    assert looked_into.claims["tenant_id"] == "11111111-1111-4111-8111-111111111111"
    assert looked_into.header["alg"] == "RS256"
    assert repr(looked_into) == "<grantline.Inspection (redacted)>"
    assert inspect("opaque") is None and inspect("") is None


def test_a_tenant_that_approved_the_application_is_told(tmp_path: Path) -> None:
    with notifier(tmp_path) as told:
        webhook = told.approves(STRANGER)
        event = verify_webhook(WEBHOOK_SECRET, webhook.body, webhook.signature)
        assert (event.name, event.tenant_id) == ("tenant_application_added", STRANGER)
        assert event.members["client_id"] == "isv_service"
        for fault in ("wrong-signature", "no-signature", "altered-body"):
            wrong = told.approves(STRANGER, fault)
            with pytest.raises(ServerMisbehaved) as refused:
                verify_webhook(WEBHOOK_SECRET, wrong.body, wrong.signature)
            assert refused.value.code == "webhook_signature_invalid"
            assert WEBHOOK_SECRET not in str(refused.value)


def test_an_event_of_another_kind_is_passed_on() -> None:
    def signed(body: bytes) -> str:
        return base64.b64encode(hmac.digest(b"secret", body, hashlib.sha256)).decode()

    body = b'{"event": "application_renamed", "tenant_id": "x"}'
    event = verify_webhook("secret", body, signed(body))
    assert (event.name, event.tenant_id, event.members["tenant_id"]) == ("application_renamed", None, "x")
    assert repr(event) == "<grantline.WebhookEvent application_renamed>"
    with pytest.raises(ServerMisbehaved) as refused:
        verify_webhook("secret", b"[]", signed(b"[]"))
    assert refused.value.code == "webhook_malformed"
