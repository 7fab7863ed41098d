"""What happens to grants while nobody asks, as a sync and as an async iterator."""

import asyncio
import json
import threading
import time
from typing import Any

import pytest
from emulator import BAKERY, Emulator
from own_stores import Blobs, client_of

from grantline import Client, Event, GrantlineError, Store, StoreError


# Its signature is of no concern: whom it is about is judged first.
OF_SOMEBODY_ELSE = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL290aGVyLmV4YW1wbGUiLCJzdWIiOiJzb21lb25lIiwiYXVkIjoiYW5vdGhlci1jbGllbnQiLCJpYXQiOjE3OTUyNjI0MDAsImV4cCI6MTc5NTI2MjcwMH0.c2lnbmF0dXJl"


def names(client: Client, events: Any) -> list[str]:
    """What has happened, once the client is closed."""
    client.close()
    return [event.name for event in events]


def test_a_refresh_and_the_end_of_a_session_are_told(emulator: Emulator) -> None:
    client = Client()
    events, others = client.events(), client.events()
    session = emulator.log_in(emulator.web_app(client), "user-7")
    session.refresh()
    refreshed = events.get(timeout=10)
    assert isinstance(refreshed, Event)
    assert (refreshed.name, refreshed.session_id, refreshed.generation) == ("refreshed", "user-7", 2)
    assert (refreshed.issuer, refreshed.client_id) == (emulator.url, "isv_web")
    assert (refreshed.tenant, refreshed.error, refreshed.reason, refreshed.missed) == (None, None, None, None)
    session.end()
    ended = events.get(timeout=10)
    assert ended is not None
    assert (ended.name, ended.session_id, ended.reason) == ("session_ended", "user-7", "ended_by_application")
    assert repr(ended) == "<grantline.Event session_ended session_id=\"user-7\">"
    assert names(client, others) == ["refreshed", "session_ended"]
    assert events.get() is None
    assert list(events) == []


def test_a_service_s_trouble_is_told_by_its_tenant(emulator: Emulator) -> None:
    client = Client()
    events = client.events()
    with pytest.raises(GrantlineError):
        emulator.service_app(secret="wrong", client=client).token(BAKERY, ["visma_api:read"])
    event = events.get(timeout=10)
    assert event is not None
    assert (event.name, event.client_id, event.session_id) == ("refresh_failed", "isv_service", None)
    assert event.tenant == BAKERY
    assert event.error is not None
    assert event.error.code == "invalid_client"


def test_a_failed_refresh_is_told_with_its_error(visma: Emulator) -> None:
    client = Client()
    events = client.events()
    session = visma.log_in(visma.web_app(client), "user-7")
    visma.reply_next("isv_web", status=400, body='{"error":"invalid_client"}', headers={"content-type": "application/json"})
    with pytest.raises(GrantlineError) as refused:
        session.refresh()
    event = events.get(timeout=10)
    assert event is not None
    assert event.name == "refresh_failed"
    assert event.error is not None
    assert (type(event.error), event.error.code) == (type(refused.value), "invalid_client")


def test_f117_a_refresh_that_is_answered_for_somebody_else_raises_an_alarm_and_changes_nothing(visma: Emulator) -> None:
    client = Client()
    events = client.events()
    session = visma.log_in(visma.web_app(client), "user-7")
    mine = session.fresh_token().expose_secret()
    answer = {"access_token": "theirs", "refresh_token": "theirs", "token_type": "Bearer", "id_token": OF_SOMEBODY_ELSE}
    visma.reply_next("isv_web", status=200, body=json.dumps(answer), headers={"content-type": "application/json"})
    with pytest.raises(GrantlineError) as discarded:
        session.refresh()
    assert discarded.value.code == "id_token_issuer_mismatch"
    event = events.get(timeout=10)
    assert event is not None
    assert (event.name, event.session_id) == ("answer_discarded", "user-7")
    assert event.error is not None
    assert event.error.code == "id_token_issuer_mismatch"
    assert session.fresh_token().expose_secret() == mine


def test_a_session_that_the_server_ended_says_by_what_word(visma: Emulator) -> None:
    client = Client()
    events = client.events()
    session = visma.log_in(visma.web_app(client), "user-7")
    visma.reply_next("isv_web", status=400, body='{"error":"invalid_grant"}', headers={"content-type": "application/json"})
    with pytest.raises(GrantlineError):
        session.refresh()
    client.close()
    (ended,) = [event for event in events if event.name == "session_ended"]
    assert (ended.reason, ended.server_error) == ("refused_by_server", "invalid_grant")


def test_a_store_that_takes_nothing_is_told(visma: Emulator) -> None:
    store, is_full = Blobs(), False

    def save(name: str, data: bytes) -> None:
        if is_full:
            raise StoreError("no room", "store_full")
        Blobs.save(store, name, data)

    store.save = save  # type: ignore[method-assign]
    client = client_of(Store.blobs(store))
    events = client.events()
    session = visma.log_in(visma.web_app(client), "user-7")
    is_full = True
    with pytest.raises(StoreError):
        # It cannot even begin: nothing is sent without a mark in the store.
        session.refresh()
    told = events.get(timeout=10)
    assert told is not None
    assert told.name in ("refresh_failed", "store_trouble")
    assert told.error is not None
    assert told.error.code == "store_full"


def test_a_listener_waits_no_longer_than_it_says_and_misses_nothing_by_it(visma: Emulator) -> None:
    client = Client()
    events = client.events()
    for limit in (0, 0.05):
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            events.get(timeout=limit)
        assert time.monotonic() - began < 5
    visma.log_in(visma.web_app(client)).refresh()
    assert events.get(timeout=10) is not None


def test_a_listener_that_is_slow_is_told_how_much_it_missed(visma: Emulator) -> None:
    client = Client()
    events = client.events()
    session = visma.log_in(visma.web_app(client))
    for _ in range(260):
        session.refresh()
    client.close()
    first, *rest = events
    assert first.name == "missed"
    assert first.missed == 260 - len(rest)
    assert {event.name for event in rest} == {"refreshed"}
    assert repr(first) == "<grantline.Event missed>"


def test_events_are_listened_to_in_asyncio_until_the_client_is_closed(visma: Emulator) -> None:
    async def listen() -> list[str]:
        async with Client() as client:
            events = client.events()

            async def heard() -> list[str]:
                return [event.name async for event in events]

            listening = asyncio.create_task(heard())
            impatient = asyncio.create_task(anext(events))
            session = await asyncio.to_thread(visma.log_in, visma.web_app(client))
            impatient.cancel()
            await session.refresh_async()
            await session.refresh_async()
        return await listening

    async def anext(events: Any) -> Event:
        event: Event = await events.__anext__()
        return event

    assert asyncio.run(listen()) == ["refreshed", "refreshed"]


def test_closing_ends_a_thread_that_listens(visma: Emulator) -> None:
    client = Client()
    heard: list[str] = []
    listening = threading.Thread(target=lambda events: heard.extend(event.name for event in events), args=[client.events()])
    listening.start()
    visma.log_in(visma.web_app(client)).refresh()
    client.close()
    listening.join(timeout=10)
    assert heard == ["refreshed"]
