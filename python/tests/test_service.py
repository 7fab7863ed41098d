"""Service tokens, at the emulator in both modes."""

import asyncio
import threading
from datetime import datetime, timedelta, timezone

import pytest
from emulator import BAKERY, SHIPPING, Emulator

from grantline import Client, Scopes, ServiceApp, TenantChoice


def test_a_token_for_each_tenant(emulator: Emulator) -> None:
    app = emulator.service_app()
    bakery = app.token(BAKERY, ["visma_api:read"])
    shipping = app.token(SHIPPING, ["visma_api:read"])
    assert bakery.expose_secret() != shipping.expose_secret()
    sent = emulator.requests("isv_service")[-2:]
    assert [f"<grantline.TenantChoice tenant {entry['tenant_id']}>" for entry in sent] == [
        repr(BAKERY),
        repr(SHIPPING),
    ]


def test_asyncio_and_threads_see_the_same_token(emulator: Emulator) -> None:
    app = emulator.service_app()
    first = asyncio.run(app.token_async(BAKERY, ["visma_api:read"]))
    assert app.token(BAKERY, ("visma_api:read",)).expose_secret() == first.expose_secret()


def test_a_token_says_its_end_in_utc_its_scopes_and_its_generation(emulator: Emulator) -> None:
    before = datetime.now(timezone.utc)
    token = emulator.service_app().token(BAKERY, ["visma_api:write", "visma_api:read"])
    assert token.expires_at is not None
    assert token.expires_at.tzinfo is timezone.utc
    lifetime = token.expires_at - before
    assert timedelta(minutes=59) < lifetime < timedelta(minutes=61)
    assert sorted(token.scopes) == ["visma_api:read", "visma_api:write"]
    assert token.generation == 1


def test_a_token_without_expires_in_has_no_known_end(emulator: Emulator) -> None:
    body = '{"access_token":"endless","token_type":"Bearer"}'
    emulator.reply_next("isv_service", headers={"content-type": "application/json"}, body=body, status=200)
    assert emulator.service_app().token(BAKERY, ["visma_api:read"]).expires_at is None


def test_the_default_tenant_and_no_tenant_are_said_in_words(visma: Emulator) -> None:
    default = visma.service_app("isv_service_default", "service-default-secret")
    assert default.token(TenantChoice.default_tenant(), Scopes.all_allowed()).scopes
    untied = visma.service_app("isv_service_no_tenant", "service-no-tenant-secret")
    assert untied.token(TenantChoice.no_tenant(), ["public_registry:read"]).scopes == ["public_registry:read"]


def test_a_source_gives_the_token_again_and_a_later_one_on_refresh(emulator: Emulator) -> None:
    source = emulator.service_app().token_source(BAKERY, ["visma_api:read"])
    first = source.fresh_token()
    assert source.fresh_token().expose_secret() == first.expose_secret()
    assert asyncio.run(source.fresh_token_async()).generation == first.generation
    assert source.refresh().generation == 2
    assert asyncio.run(source.refresh_async()).generation == 3


def test_a_fresh_token_costs_no_request(emulator: Emulator) -> None:
    app = emulator.service_app()
    app.token(BAKERY, ["visma_api:read"])
    before = len(emulator.requests("isv_service"))
    for _ in range(100):
        app.token(BAKERY, ["visma_api:read"])
    assert len(emulator.requests("isv_service")) == before


def test_other_threads_run_while_one_waits(visma: Emulator) -> None:
    app = visma.service_app()
    before = len(visma.requests("isv_service"))
    with visma.held_back("isv_service"):
        waiting = threading.Thread(target=app.token, args=(BAKERY, ["visma_api:read"]))
        waiting.start()
        # This thread gets here only because the waiting one has released the GIL.
        visma.wait_for_requests("isv_service", before + 1)
        assert waiting.is_alive()
    waiting.join()


def test_the_settings_of_a_client_take_timedelta_or_seconds(visma: Emulator) -> None:
    for limit in (timedelta(seconds=2), 2, 0.5):
        client = Client(connect_timeout=limit, no_proxy=True)
        app = ServiceApp(visma.provider(), "isv_service", client_secret="service-secret", client=client)
        assert app.token(BAKERY, ["visma_api:read"]).generation == 1


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_both_ways_of_client_authentication(emulator: Emulator, method: str) -> None:
    app = ServiceApp(
        emulator.provider(),
        "isv_service",
        client_secret="service-secret",
        client_authentication=method,  # type: ignore[arg-type]  # a parameter of the test
        client=Client(),
    )
    assert app.token(BAKERY, ["visma_api:read"]).generation == 1
