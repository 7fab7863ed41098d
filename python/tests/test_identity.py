"""Who logged in: the ID token of a login, at the emulator in both modes."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta, timezone

import pytest
from emulator import WEB_REDIRECT, WEB_SECRET, Emulator
from scripted_browser import ScriptedBrowser

from grantline import (
    Binding,
    Callback,
    Client,
    IdTokenExpectations,
    LoggedIn,
    MisuseError,
    Provider,
    ServerMisbehaved,
    WebApp,
    check_id_token,
)


def logged_in(app: WebApp, scopes: list[str], acr_values: str | None = None) -> LoggedIn:
    begun = app.begin_login(scopes, prefer_acr_values=acr_values)
    assert begun.binding is not None
    callback = Callback.url(ScriptedBrowser().open(begun.url).url)
    return app.complete_login(begun.pending, callback, Binding.cookie_value(begun.binding.expose_value()))


def test_a_login_with_openid_says_who_logged_in(emulator: Emulator) -> None:
    identity = logged_in(emulator.web_app(), ["openid", "profile", "visma_api:read"]).identity
    assert identity is not None
    assert (identity.issuer, identity.audience) == (emulator.url, ["isv_web"])
    assert identity.subject
    now = datetime.now(timezone.utc)
    assert identity.issued_at <= now + timedelta(seconds=1) < identity.expires_at
    assert identity.auth_time is not None and identity.auth_time <= now + timedelta(seconds=1)
    assert identity.session_id == identity.claim("sid") == identity.further_claims["sid"]
    assert identity.claim("no such claim") is None


def test_a_login_without_openid_identifies_nobody(emulator: Emulator) -> None:
    done = logged_in(emulator.web_app(), ["visma_api:read"])
    assert done.identity is None
    assert done.session.fresh_token()


def test_it_prints_no_claim_but_issuer_subject_and_audience(visma: Emulator) -> None:
    identity = logged_in(visma.web_app(), ["openid", "profile", "visma_api:read"]).identity
    assert identity is not None
    shown = repr(identity)
    assert identity.subject in shown and identity.issuer in shown and "isv_web" in shown
    assert identity.session_id is not None and identity.session_id not in shown
    assert "name" not in shown


@pytest.mark.parametrize(
    ("settings", "code"),
    [({"id_token_algorithm": "ES256"}, "id_token_algorithm_mismatch"), ({"id_token_algorithm": "RS256"}, None)],
)
def test_only_the_registered_algorithm_is_followed(
    visma: Emulator, settings: dict[str, str], code: str | None
) -> None:
    app = WebApp(
        visma.provider(),
        "isv_web",
        redirect_uris=[WEB_REDIRECT],
        client_secret=WEB_SECRET,
        client=Client(),
        **settings,  # type: ignore[arg-type]  # a parameter of the test
    )
    if code is None:
        assert logged_in(app, ["openid"]).identity is not None
        return
    with pytest.raises(ServerMisbehaved) as refused:
        logged_in(app, ["openid"])
    assert (refused.value.code, refused.value.advice) == (code, "fix_configuration")


def test_a_preferred_context_that_is_not_reached_is_no_refusal(emulator: Emulator) -> None:
    assert logged_in(emulator.web_app(), ["openid"], acr_values="no:such:context").identity is not None


def test_a_discovered_provider_logs_users_in() -> None:
    url = os.environ["GRANTLINE_EMULATOR_STANDARD_URL"]
    app = WebApp(
        Provider.discover(url),
        "isv_web",
        redirect_uris=[WEB_REDIRECT],
        client_secret=WEB_SECRET,
        trusted_audiences=["https://api.example"],
        clock_tolerance=timedelta(seconds=10),
        client=Client(),
    )
    identity = logged_in(app, ["openid"]).identity
    assert identity is not None and identity.issuer == url


def test_settings_that_cannot_be_are_refused(visma: Emulator) -> None:
    def made(**settings: object) -> WebApp:
        return WebApp(visma.provider(), "isv_web", redirect_uris=[WEB_REDIRECT], **settings)  # type: ignore[arg-type]

    with pytest.raises(MisuseError) as refused:
        made(clock_tolerance=301)
    assert refused.value.code == "clock_tolerance_too_long"
    with pytest.raises(ValueError, match="id_token_algorithm is one of"):
        made(id_token_algorithm="none")
    with pytest.raises(TypeError, match="unexpected keyword argument 'algorithm'"):
        made(algorithm="RS256")
    with pytest.raises(MisuseError) as insecure:
        Provider.discover("http://idp.example")
    assert insecure.value.code == "invalid_issuer"


def test_an_id_token_is_judged_by_the_clock_unless_a_moment_is_given() -> None:
    provider = Provider.discover("https://idp.example")
    expected = IdTokenExpectations.nonce("n", max_age=timedelta(minutes=5), access_token="secret")
    assert "secret" not in repr(expected)
    for now in (None, datetime.now(timezone.utc)):
        with pytest.raises(ServerMisbehaved) as refused:
            check_id_token("x.y.z", expected, provider=provider, client_id="a", key_set='{"keys":[]}', now=now)
        assert refused.value.code == "id_token_malformed"
    with pytest.raises(ValueError, match="negative"):
        check_id_token(
            "x.y.z",
            IdTokenExpectations.expect_no_nonce(),
            provider=provider,
            client_id="a",
            key_set="{}",
            now=datetime.fromtimestamp(-time.time(), timezone.utc),
        )
