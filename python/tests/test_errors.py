"""What goes wrong becomes one exception class per fault, with a stable code and with what to do."""

import asyncio
import copy
import http.server
import os
import pickle
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from emulator import BAKERY, NOT_APPROVED, Emulator

import grantline
from grantline import (
    AccessToken,
    Client,
    GrantlineError,
    Provider,
    Scopes,
    ServerMisbehaved,
    ServerRefused,
    ServiceApp,
    TransportError,
    UnsupportedError,
)
from grantline.exceptions import BY_FAULT

JSON = {"content-type": "application/json"}


def app_at(issuer: str, client: Client | None = None) -> ServiceApp:
    provider = Provider.visma_connect_at(issuer)
    return ServiceApp(provider, "isv_service", client_secret="service-secret", client=client or Client())


def test_a_wrong_secret(emulator: Emulator) -> None:
    app = emulator.service_app(secret="wrong")
    asks: list[Callable[[], AccessToken]] = [
        lambda: app.token(BAKERY, ["visma_api:read"]),
        lambda: asyncio.run(app.token_async(BAKERY, ["visma_api:read"])),
    ]
    for ask in asks:
        with pytest.raises(ServerRefused) as refused:
            ask()
        error = refused.value
        assert (error.code, error.error, error.fault) == ("invalid_client", "invalid_client", "server_refused")
        assert error.advice == "fix_configuration"
        assert error.status == (400 if emulator.mode == "visma" else 401)


def test_a_tenant_that_has_not_approved_names_the_page_of_the_portal(visma: Emulator) -> None:
    with pytest.raises(ServerRefused) as refused:
        visma.service_app().token(NOT_APPROVED, ["visma_api:read"])
    assert (refused.value.code, refused.value.advice) == ("invalid_tenant", "ask_administrator")
    assert "My Applications > Integration > Customers" in str(refused.value)
    assert "1-2 minutes" in str(refused.value)


def test_the_words_of_the_server_arrive_whole(visma: Emulator) -> None:
    body = (
        '{"error":"slow_down_please","error_description":"<b>nå</b>","error_uri":"https://a.example/why",'
        '"trace":{"ids":[1,2.5,null,true]}}'
    )
    visma.reply_next("isv_service", status=400, headers=JSON, body=body)
    with pytest.raises(ServerRefused) as refused:
        visma.service_app().token(BAKERY, ["visma_api:read"])
    error = refused.value
    assert (error.error, error.error_description) == ("slow_down_please", "<b>nå</b>")
    assert (error.error_uri, error.status) == ("https://a.example/why", 400)
    assert error.members == {"trace": {"ids": [1, 2.5, None, True]}}


def test_a_server_that_names_a_time_to_wait(visma: Emulator) -> None:
    headers = {**JSON, "retry-after": "17"}
    visma.reply_next("isv_service", status=503, headers=headers, body="{}")
    with pytest.raises(ServerMisbehaved) as refused:
        visma.service_app().token(BAKERY, ["visma_api:read"])
    assert (refused.value.code, refused.value.advice) == ("server_unavailable", "retry")
    assert refused.value.retry_after == timedelta(seconds=17)


def test_a_server_that_answers_html(visma: Emulator) -> None:
    headers = {"content-type": "text/html"}
    visma.reply_next("isv_service", status=200, headers=headers, body="<html>Sign in to the WiFi</html>")
    with pytest.raises(ServerMisbehaved) as refused:
        visma.service_app().token(BAKERY, ["visma_api:read"])
    assert (refused.value.code, refused.value.advice) == ("not_json", "fix_configuration")
    assert "text/html" in str(refused.value)


def test_a_server_that_is_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(TransportError) as refused:
        app_at(f"http://127.0.0.1:{port}").token(BAKERY, ["visma_api:read"])
    assert (refused.value.code, refused.value.advice) == ("connect_failed", "retry")
    assert refused.value.retry_after is None
    assert str(port) in str(refused.value)


@contextmanager
def silent_server() -> Iterator[str]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_server_that_is_slow() -> None:
    with silent_server() as url, pytest.raises(TransportError) as refused:
        app_at(url, Client(http_timeout=2)).token(BAKERY, ["visma_api:read"])
    assert (refused.value.code, refused.value.advice) == ("timed_out", "retry")
    assert "may have arrived" in str(refused.value)


def test_a_server_in_trouble_leaves_the_session_as_it_was(visma: Emulator) -> None:
    source = visma.service_app().token_source(BAKERY, ["visma_api:read"])
    first = source.fresh_token()
    visma.reply_next("isv_service", status=502, headers={"content-type": "text/html"}, body="<html>")
    with pytest.raises(GrantlineError):
        source.refresh()
    assert source.fresh_token().expose_secret() == first.expose_secret()
    assert source.refresh().generation == 2


def test_a_redirect_is_never_followed() -> None:
    class Redirecting(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(307)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Redirecting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with pytest.raises(ServerMisbehaved) as refused:
                app_at(f"http://127.0.0.1:{server.server_port}").token(BAKERY, ["visma_api:read"])
        finally:
            server.shutdown()
            thread.join()
    assert refused.value.code == "unexpected_redirect"


def test_a_provider_without_tenants() -> None:
    metadata = '{"issuer":"https://a.example","token_endpoint":"https://a.example/token"}'
    provider = Provider.from_metadata("https://a.example", metadata)
    app = ServiceApp(provider, "id", client_secret="s")
    with pytest.raises(UnsupportedError) as refused:
        app.token(BAKERY, Scopes.all_allowed())
    assert (refused.value.code, refused.value.fault) == ("tenant_not_supported", "unsupported")


def test_every_fault_has_a_class_of_its_own_under_one_base() -> None:
    assert len(set(BY_FAULT.values())) == len(BY_FAULT) == 8
    for fault, error in BY_FAULT.items():
        assert issubclass(error, GrantlineError)
        assert error.fault == fault
        assert getattr(grantline, error.__name__) is error


@pytest.mark.parametrize("error", BY_FAULT.values())
def test_an_exception_survives_pickle_and_copy(error: type[GrantlineError]) -> None:
    made = error("it failed", "its_code", "retry", timedelta(seconds=3))
    for again in (pickle.loads(pickle.dumps(made)), copy.copy(made), copy.deepcopy(made)):
        assert type(again) is error
        assert str(again) == "it failed"
        assert (again.code, again.advice, again.retry_after) == ("its_code", "retry", timedelta(seconds=3))


def test_a_refusal_survives_pickle_with_all_that_the_server_said(visma: Emulator) -> None:
    with pytest.raises(ServerRefused) as refused:
        visma.service_app(secret="wrong").token(BAKERY, ["visma_api:read"])
    again = pickle.loads(pickle.dumps(refused.value))
    assert vars(again) == vars(refused.value)
    assert str(again) == str(refused.value)


def test_the_fault_server_is_told_apart_from_a_provider() -> None:
    with pytest.raises(GrantlineError) as refused:
        app_at(os.environ["GRANTLINE_FAULT_SERVER_URL"]).token(BAKERY, ["visma_api:read"])
    assert refused.value.fault in ("server_misbehaved", "transport")
