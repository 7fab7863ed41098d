"""The stores that come with the library, and the keys that seal what they keep."""

import os
import stat
from pathlib import Path

import pytest
from emulator import BAKERY, KEY, KEYS, Emulator, persistent, store_at

from grantline import Client, MisuseError, SealingKeys, Store, StoreError
from grantline.testing import check_store

OTHER_KEY = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"


def test_a_store_that_outlives_the_process_needs_a_key_or_a_loud_word(tmp_path: Path) -> None:
    store = Store.sqlite(tmp_path / "sessions.db")
    with pytest.raises(MisuseError) as refused:
        Client(store=store)
    assert refused.value.code == "sealing_key_missing"
    Client(store=store, sealing_keys=SealingKeys.dangerous_plaintext()).close()


@pytest.mark.skipif(os.name != "posix", reason="this system has no file modes")
def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    Store.sqlite(str(tmp_path / "sessions.db"))
    assert stat.S_IMODE((tmp_path / "sessions.db").stat().st_mode) == 0o600


def test_the_key_is_in_a_file_in_the_environment_or_in_hand(
    visma: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sealing.key"
    made = SealingKeys.create_file(file)
    monkeypatch.setenv("SEALING_KEYS", f"{OTHER_KEY} {file.read_text()}")
    store = Store.sqlite(tmp_path / "sessions.db")
    visma.log_in(visma.web_app(Client(store=store, sealing_keys=made)), "user-7")
    same = [
        SealingKeys.from_file(file),
        SealingKeys.from_environment("SEALING_KEYS"),
        SealingKeys.from_text(file.read_text()),
        SealingKeys.from_text(OTHER_KEY, file.read_text()),
    ]
    for keys in same:
        session = visma.web_app(Client(store=store, sealing_keys=keys)).session("user-7")
        assert session.fresh_token().generation == 1
    with pytest.raises(MisuseError) as refused:
        SealingKeys.create_file(file)
    assert refused.value.code == "invalid_client_setting"


def test_a_key_that_was_not_given_is_told_apart_from_a_store_that_is_away(visma: Emulator, tmp_path: Path) -> None:
    with persistent(tmp_path) as client:
        visma.log_in(visma.web_app(client), "user-7")
    store = Store.sqlite(tmp_path / "sessions.db")
    with Client(store=store, sealing_keys=SealingKeys.from_text(OTHER_KEY)) as client:
        with pytest.raises(MisuseError) as refused:
            visma.web_app(client).session("user-7").fresh_token()
        assert refused.value.code == "sealing_key_unknown"
    # It deleted nothing. The new key in front of the old one seals the session anew at its next refresh.
    both = SealingKeys.from_text(OTHER_KEY, KEY)
    with Client(store=store, sealing_keys=both) as client:
        session = visma.web_app(client).session("user-7")
        assert (session.fresh_token().generation, session.refresh().generation) == (1, 2)
    with Client(store=store, sealing_keys=SealingKeys.from_text(OTHER_KEY)) as client:
        assert visma.web_app(client).session("user-7").fresh_token().generation == 2


def test_records_in_clear_are_read_with_keys_only_where_that_was_asked_for(visma: Emulator, tmp_path: Path) -> None:
    store = Store.sqlite(tmp_path / "sessions.db")
    with Client(store=store, sealing_keys=SealingKeys.dangerous_plaintext()) as client:
        visma.log_in(visma.web_app(client), "user-7")
    with Client(store=store, sealing_keys=KEYS) as client, pytest.raises(MisuseError) as refused:
        visma.web_app(client).session("user-7").fresh_token()
    assert refused.value.code == "record_in_clear"
    with Client(store=store, sealing_keys=KEYS.dangerous_also_open_plaintext()) as client:
        assert visma.web_app(client).session("user-7").fresh_token().generation == 1


@pytest.mark.parametrize("text", ["", "hunter2", "AAAA", "00" * 31])
def test_what_is_no_key_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(MisuseError) as refused:
        SealingKeys.from_text(text)
    assert refused.value.code == "sealing_key_malformed"
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize("make", [lambda: Store.redis("http://a.example"), lambda: Store.postgres("mysql://a.example/b")])
def test_a_url_that_cannot_be_read_is_a_store_error(make: object) -> None:
    assert callable(make)
    with pytest.raises(StoreError) as refused:
        make()
    assert refused.value.code == "store_denied"


def test_a_server_that_is_down_is_a_store_that_cannot_be_reached(visma: Emulator) -> None:
    # Nothing listens on port 1.
    for store in (Store.redis("redis://127.0.0.1:1"), Store.postgres("postgres://nobody@127.0.0.1:1/none")):
        with Client(store=store, sealing_keys=KEYS) as client, pytest.raises(StoreError) as failed:
            visma.web_app(client).session("user-7").fresh_token()
        assert (failed.value.code, failed.value.advice) == ("store_unavailable", "retry")


def test_a_store_of_the_library_keeps_the_contract(place: str) -> None:
    assert check_store(lambda: store_at(place)) > 40


def test_service_tokens_are_shared_through_the_store_where_that_is_asked_for(visma: Emulator, tmp_path: Path) -> None:
    def token(share: bool) -> str:
        store = Store.sqlite(tmp_path / "sessions.db")
        with Client(store=store, sealing_keys=KEYS, share_service_tokens=share) as client:
            return visma.service_app(client=client).token(BAKERY, ["visma_api:read"]).expose_secret()

    assert token(True) == token(True)
    assert token(False) != token(False)


def test_the_limits_of_a_client_are_checked() -> None:
    with pytest.raises(MisuseError) as refused:
        Client(concurrency=0)
    assert refused.value.code == "invalid_client_setting"
    Client(concurrency=1, tokens_in_memory=0).close()
