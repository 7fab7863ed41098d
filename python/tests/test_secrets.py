"""No secret shows in what Python prints of an object, an exception or a traceback."""

import traceback

import pytest
from emulator import BAKERY, LOGIN_SCOPES, WEB_SECRET, Emulator

from grantline import Binding, Callback, GrantlineError, NativeApp


def test_no_secret_in_repr_or_str(visma: Emulator) -> None:
    service, web = visma.service_app(), visma.web_app()
    token = service.token(BAKERY, ["visma_api:read"])
    begun = web.begin_login(LOGIN_SCOPES)
    assert begun.binding is not None
    record = begun.pending.to_record()
    verifier = record.split('"code_verifier":"')[1].split('"')[0]
    secrets = {
        "service-secret",
        WEB_SECRET,
        token.expose_secret(),
        begun.binding.expose_value(),
        verifier,
        "the-code",
    }
    things = [
        service,
        web,
        token,
        begun,
        begun.pending,
        begun.binding,
        web.session("one"),
        service.token_source(BAKERY, ["visma_api:read"]),
        visma.provider(),
        Callback.query("code=the-code&state=x"),
        Binding.cookie_value(begun.binding.expose_value()),
        Binding.cookie_header(begun.binding.set_cookie()),
    ]
    for thing in things:
        for printed in (repr(thing), str(thing), f"{thing}"):
            assert "grantline." in printed
            assert not [secret for secret in secrets if secret in printed], printed


def test_no_secret_in_an_exception(visma: Emulator) -> None:
    visma.reply_next(
        "isv_service",
        status=400,
        headers={"content-type": "application/json"},
        body='{"error":"invalid_client","error_description":"service-secret is wrong","seen":"service-secret"}',
    )
    with pytest.raises(GrantlineError) as refused:
        visma.service_app().token(BAKERY, ["visma_api:read"])
    shown = "".join(traceback.format_exception(refused.value)) + repr(refused.value) + repr(vars(refused.value))
    assert "service-secret" not in shown


def test_no_secret_in_a_refusal_of_input(visma: Emulator) -> None:
    with pytest.raises(GrantlineError) as refused:
        secret = "hunter" + "2"
        NativeApp(visma.provider(), "id", redirect_uris=["com.example.app:/cb"], client_secret=secret)
    assert "hunter2" not in "".join(traceback.format_exception(refused.value))
