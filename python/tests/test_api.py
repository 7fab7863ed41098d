"""Tokens on API requests, by httpx (sync and async) and by requests: where they go, and what a refusal leads to."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import requests
from api_server import INVALID_TOKEN, ApiServer, api_server
from emulator import BAKERY, Emulator

import grantline.httpx
import grantline.requests
from grantline import ApiRefusal, MisuseError, TokenSource

Answer = tuple[int, ApiRefusal | None]


class Httpx:
    """An `httpx.Client`."""

    def __init__(self, source: TokenSource, origins: Iterable[str]) -> None:
        self.auth = grantline.httpx.ApiAuth(source, origins)

    def send(self, url: str, body: Any = None, **headers: str) -> Answer:
        with httpx.Client(auth=self.auth, follow_redirects=True) as client:
            answer = client.post(url, content=body, headers=headers)
        return answer.status_code, grantline.httpx.refusal(answer)


class HttpxAsync(Httpx):
    """An `httpx.AsyncClient`."""

    def send(self, url: str, body: Any = None, **headers: str) -> Answer:
        async def sent() -> httpx.Response:
            async with httpx.AsyncClient(auth=self.auth, follow_redirects=True) as client:
                content = as_async(body) if isinstance(body, Iterator) else body
                return await client.post(url, content=content, headers=headers)

        answer = asyncio.run(sent())
        return answer.status_code, grantline.httpx.refusal(answer)


async def as_async(body: Iterator[bytes]) -> AsyncIterator[bytes]:
    for part in body:
        yield part


class Requests:
    """A session of requests."""

    def __init__(self, source: TokenSource, origins: Iterable[str]) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = grantline.requests.ApiAuth(source, origins)

    def send(self, url: str, body: Any = None, **headers: str) -> Answer:
        with self.session as session:
            answer = session.post(url, data=body, headers=headers, timeout=10)
        return answer.status_code, grantline.requests.refusal(answer)


@dataclass
class World:
    """An API, a place that is none, and a client that is to send the tokens of `source` to the API alone."""

    client: Httpx | Requests
    source: TokenSource
    api: ApiServer
    elsewhere: ApiServer

    def bearer(self) -> str:
        """What the Authorization header holds now."""
        return f"Bearer {self.source.fresh_token().expose_secret()}"

    def got(self) -> list[str | None]:
        return [authorization for authorization, _ in self.api.got]


@pytest.fixture(params=[Httpx, HttpxAsync, Requests])
def world(request: pytest.FixtureRequest, visma: Emulator) -> Iterator[World]:
    source = visma.service_app().token_source(BAKERY, ["visma_api:read"])
    with api_server() as api, api_server() as elsewhere:
        yield World(request.param(source, [api.url]), source, api, elsewhere)


def test_a_request_to_a_named_origin_gets_the_token(world: World) -> None:
    for _ in range(2):
        assert world.client.send(world.api.url + "/invoices") == (200, None)
    assert world.got() == [world.bearer()] * 2


def test_a_token_that_the_api_refuses_is_replaced_and_the_request_sent_once_more(world: World) -> None:
    first = world.bearer()
    world.api.refuses()
    assert world.client.send(world.api.url, b"an invoice") == (200, None)
    assert world.bearer() != first
    assert world.api.got == [(first, b"an invoice"), (world.bearer(), b"an invoice")]


def test_a_new_token_that_is_refused_too_is_passed_on_with_advice_and_not_replaced_again(world: World) -> None:
    first = world.bearer()
    world.api.refuses(4)
    for sent in (2, 3, 4):
        status, refusal = world.client.send(world.api.url)
        assert refusal is not None
        assert (status, refusal.status, refusal.code) == (401, 401, "api_token_invalid_though_new")
        assert refusal.advice == "ask_administrator"
        assert "licence" in str(refusal)
        assert "api_token_invalid_though_new" in repr(refusal)
        assert len(world.api.got) == sent
    assert world.got() == [first] + [world.bearer()] * 3


def test_a_missing_scope_is_told_and_costs_no_token(world: World) -> None:
    before = world.bearer()
    world.api.refuses(status=403, challenge='Bearer error="insufficient_scope", scope="visma_api:admin"')
    status, refusal = world.client.send(world.api.url)
    assert refusal is not None
    assert (status, refusal.code, refusal.scopes) == (403, "api_insufficient_scope", ["visma_api:admin"])
    assert world.got() == [before]


@pytest.mark.parametrize("challenge", ["Bearer", 'Basic realm="a"', 'Bearer error="invalid_request"'])
def test_a_401_that_does_not_blame_the_token_costs_none(world: World, challenge: str) -> None:
    before = world.bearer()
    world.api.refuses(challenge=challenge)
    status, refusal = world.client.send(world.api.url)
    assert (status, refusal is not None) == (401, True)
    assert world.got() == [before]
    assert world.bearer() == before


def test_a_challenge_for_the_token_is_found_among_others(world: World) -> None:
    world.api.refuses(challenge=f'Basic realm="a, b", {INVALID_TOKEN}, realm="c"')
    assert world.client.send(world.api.url) == (200, None)
    assert len(world.api.got) == 2


def test_a_body_that_is_gone_is_not_sent_again_and_the_next_request_has_another_token(world: World) -> None:
    first = world.bearer()
    world.api.refuses()
    status, refusal = world.client.send(world.api.url, iter([b"half ", b"an invoice"]))
    assert refusal is not None
    assert (status, refusal.code, refusal.advice) == (401, "api_token_invalid", "retry")
    assert world.api.got == [(first, b"half an invoice")]
    assert world.client.send(world.api.url) == (200, None)
    assert world.got() == [first, world.bearer()]
    assert world.bearer() != first


def test_requests_rewinds_a_file_to_where_it_stood(visma: Emulator) -> None:
    source = visma.service_app().token_source(BAKERY, ["visma_api:read"])
    file = io.BytesIO(b"header, and an invoice")
    file.seek(len(b"header, "))
    with api_server() as api:
        api.refuses()
        assert Requests(source, [api.url]).send(api.url, file) == (200, None)
        assert [body for _, body in api.got] == [b"and an invoice"] * 2


def test_a_request_to_another_origin_goes_without_a_token_whatever_it_answers(world: World) -> None:
    before = world.bearer()
    for url in (world.elsewhere.url, world.elsewhere.url.replace("127.0.0.1", "localhost")):
        world.elsewhere.refuses()
        assert world.client.send(url) == (401, None)
    assert [authorization for authorization, _ in world.elsewhere.got] == [None, None]
    assert world.bearer() == before


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_origin_goes_without_the_token(world: World, status: int) -> None:
    world.api.redirects(world.elsewhere.url + "/else", status)
    world.elsewhere.refuses()
    assert world.client.send(world.api.url, b"{}") == (401, None)
    assert world.got() == [world.bearer()]
    assert [authorization for authorization, _ in world.elsewhere.got] == [None]


def test_a_redirect_after_a_retry_goes_without_the_token_too(world: World) -> None:
    world.api.refuses()
    world.api.redirects(world.elsewhere.url)
    assert world.client.send(world.api.url) == (200, None)
    assert len(world.api.got) == 2
    assert [authorization for authorization, _ in world.elsewhere.got] == [None]


def test_a_redirect_within_the_origin_keeps_the_token_and_is_judged(world: World) -> None:
    world.api.redirects(world.api.url + "/moved")
    world.api.refuses()
    first = world.bearer()
    assert world.client.send(world.api.url) == (200, None)
    assert world.got() == [first, first, world.bearer()]


def test_a_redirect_back_to_the_api_from_elsewhere_has_no_token(world: World) -> None:
    world.elsewhere.redirects(world.api.url)
    world.api.refuses(challenge="Bearer")
    assert world.client.send(world.elsewhere.url) == (401, None)
    assert world.got() == [None]


def test_an_authorization_header_of_the_application_is_refused_and_nothing_is_sent(world: World) -> None:
    with pytest.raises(MisuseError) as refused:
        world.client.send(world.api.url, Authorization="Basic YTpi")
    assert refused.value.code == "authorization_present"
    assert world.api.got == []
    # To another origin it is the application's affair.
    world.client.send(world.elsewhere.url, Authorization="Basic YTpi")
    assert world.elsewhere.got == [("Basic YTpi", b"")]


def test_what_keeps_the_token_from_being_got_is_raised_by_the_request(world: World, visma: Emulator) -> None:
    broken = visma.service_app(secret="wrong").token_source(BAKERY, ["visma_api:read"])
    with pytest.raises(grantline.ServerRefused) as refused:
        type(world.client)(broken, [world.api.url]).send(world.api.url)
    assert refused.value.code == "invalid_client"
    assert world.api.got == []


@pytest.mark.parametrize(
    ("origins", "code"),
    [
        (["http://api.example"], "insecure_api_origin"),
        (["https://api.example/v1"], "invalid_api_origin"),
        (["https://*.example"], "invalid_api_origin"),
        (["api.example"], "invalid_api_origin"),
    ],
)
@pytest.mark.parametrize("auth", [grantline.httpx.ApiAuth, grantline.requests.ApiAuth])
def test_an_origin_that_is_none_is_refused(
    visma: Emulator, auth: Callable[..., Any], origins: list[str], code: str
) -> None:
    source = visma.service_app().token_source(BAKERY, ["visma_api:read"])
    with pytest.raises(MisuseError) as refused:
        auth(source, origins)
    assert refused.value.code == code
    with pytest.raises(TypeError):
        auth(source, "https://api.example")


def test_an_http_origin_that_httpx_would_follow_to_https_with_the_token_is_refused(visma: Emulator) -> None:
    source = visma.service_app().token_source(BAKERY, ["visma_api:read"])
    for origin in ("http://localhost", "http://LOCALHOST:80/", "http://[::1]"):
        with pytest.raises(MisuseError, match="name its https origin as well") as refused:
            grantline.httpx.ApiAuth(source, iter([origin, "https://api.example"]))
        assert (refused.value.code, refused.value.advice) == ("insecure_api_origin", "fix_configuration")
    for origin in ("http://localhost:8080", "https://localhost"):
        grantline.httpx.ApiAuth(source, [origin])


def test_httpx_takes_the_token_from_http_to_https_where_both_are_named(visma: Emulator) -> None:
    source = visma.service_app().token_source(BAKERY, ["visma_api:read"])
    got = []

    def answer(request: httpx.Request) -> httpx.Response:
        got.append((str(request.url), "Authorization" in request.headers))
        if request.url.scheme == "https":
            return httpx.Response(200)
        return httpx.Response(307, headers={"Location": "https://localhost/invoices"})

    for auth, has_token in [
        (grantline.httpx.ApiAuth(source, ["http://localhost", "https://localhost:443"]), True),
        (grantline.httpx.ApiAuth(source, ["https://api.example"]), False),
    ]:
        with httpx.Client(auth=auth, transport=httpx.MockTransport(answer), follow_redirects=True) as client:
            assert client.get("http://localhost/invoices").status_code == 200
        assert got == [("http://localhost/invoices", has_token), ("https://localhost/invoices", has_token)]
        got.clear()


def test_an_httpx_request_can_be_sent_again_and_holds_no_token_afterwards(visma: Emulator) -> None:
    source = visma.service_app().token_source(BAKERY, ["visma_api:read"])
    with api_server() as api, httpx.Client(auth=grantline.httpx.ApiAuth(source, [api.url])) as client:
        request = client.build_request("GET", api.url)
        for _ in range(2):
            assert client.send(request).status_code == 200
            assert "Authorization" not in request.headers
        assert len(api.got) == 2


def test_a_session_is_a_source_too(visma: Emulator) -> None:
    session = visma.log_in(visma.web_app())
    first = session.fresh_token().expose_secret()
    with api_server() as api, httpx.Client(auth=grantline.httpx.ApiAuth(session, [api.url])) as client:
        api.refuses()
        assert client.get(api.url).status_code == 200
        second = session.fresh_token().expose_secret()
        assert [authorization for authorization, _ in api.got] == [f"Bearer {first}", f"Bearer {second}"]
