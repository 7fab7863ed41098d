"""No secret shows in what Python prints of an object, an exception or a traceback."""

import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from emulator import BAKERY, LOGIN_SCOPES, WEB_SECRET, Emulator
from own_stores import Blobs

from grantline import Binding, Callback, Client, GrantlineError, NativeApp, SealingKeys, Store
from grantline._grantline import ApiAccess


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


def test_no_secret_in_what_a_store_is_made_of(visma: Emulator, tmp_path: Path) -> None:
    keys = SealingKeys.create_file(tmp_path / "sealing.key")
    secret = (tmp_path / "sealing.key").read_text().strip()
    blobs = Store.blobs(Blobs())
    client = Client(store=blobs, sealing_keys=keys)
    events = client.events()
    session = visma.log_in(visma.web_app(client), "user-7")
    token = session.refresh()
    event = events.get(timeout=10)
    assert event is not None
    access = ApiAccess(["https://api.example"])
    verdict = access.judge(403, ['Bearer error="insufficient_scope"'], token, False, False)
    stores = [
        Store.redis("redis://user:hunter2@127.0.0.1/0"),
        Store.postgres("postgres://user:hunter2@127.0.0.1/db"),
        blobs,
    ]
    things = [*stores, keys, client, events, event, session.end(), access, verdict, verdict.refusal]
    for thing in things:
        for printed in (repr(thing), str(thing)):
            assert not [one for one in ("hunter2", secret, token.expose_secret()) if one in printed], printed
    assert not any(secret in shown(failed) for failed in refusals_of(tmp_path))


def refusals_of(folder: Path) -> Iterator[BaseException]:
    """What a wrong use of keys and stores raises."""
    (folder / "broken.key").touch(mode=0o600)
    (folder / "broken.key").write_text("hunter2")
    for use in (
        lambda: SealingKeys.from_file(folder / "broken.key"),
        lambda: SealingKeys.create_file(folder / "sealing.key"),
        lambda: Store.redis("redis://user:hunter2@[broken"),
        lambda: Store.postgres("postgres://user:hunter2@host/db?sslmode=hunter3"),
    ):
        with pytest.raises(GrantlineError) as refused:
            use()
        assert "hunter2" not in shown(refused.value)
        yield refused.value


def shown(error: BaseException) -> str:
    """All that is seen of an exception."""
    return "".join(traceback.format_exception_only(error)) + repr(error) + repr(vars(error))


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
