"""Tokens on the requests of `httpx <https://www.python-httpx.org>`_: ``pip install grantline[httpx]``.

>>> import httpx, os
>>> from grantline import Provider, ServiceApp, TenantChoice
>>> from grantline.httpx import ApiAuth
>>> emulator = os.environ["GRANTLINE_EMULATOR_URL"]
>>> app = ServiceApp(Provider.visma_connect_at(emulator), "isv_service", client_secret="service-secret")
>>> tenant = TenantChoice.tenant("11111111-1111-4111-8111-111111111111")
>>> auth = ApiAuth(app.token_source(tenant, ["visma_api:read"]), [emulator])
>>> with httpx.Client(auth=auth, base_url=emulator) as http:
...     http.get("/api/invoices").status_code
200
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterable

import httpx

from grantline._attach import Answer, Api, bearer
from grantline._grantline import AccessToken, ApiRefusal, Session, TokenSource
from grantline.exceptions import MisuseError

__all__ = ["ApiAuth", "refusal"]

_REFUSAL = "grantline.refusal"


def refusal(response: httpx.Response) -> ApiRefusal | None:
    """What a response means that refuses the token: print it, and follow its advice. ``None``: it does not."""
    found: ApiRefusal | None = response.extensions.get(_REFUSAL)
    return found


class ApiAuth(httpx.Auth):
    """Sends requests to an API with a token that is good now: ``httpx.Client(auth=ApiAuth(session, origins))``.

    If the API answers 401 with ``invalid_token`` all the same, the token is replaced and the request sent once more,
    where its body is in memory. What comes back then is passed on; ``refusal(response)`` says what helps. A request to
    any other origin, and one that an answer redirects there, goes without a token.

    For ``httpx.Client`` and ``httpx.AsyncClient``. Keep it, since it remembers whether replacing a refused token was of
    use. ``source``: whose tokens. ``origins``: of the API, each a scheme, a host and perhaps a port, such as
    ``https://api.example``.

    httpx keeps the header when it follows a redirect from http (port 80) to https on the same host. So
    ``http://localhost`` is an origin only beside ``https://localhost``.

    Raises ``MisuseError`` (``invalid_api_origin``, ``insecure_api_origin``). A request raises it with the code
    ``authorization_present`` if it has an ``Authorization`` header already, and whatever keeps the token from being got.
    """

    def __init__(self, source: Session | TokenSource, origins: Iterable[str]) -> None:
        named = origins if isinstance(origins, str) else list(origins)
        self._api = Api(source, named)
        for origin in named:
            if origin.lower().startswith("http:"):
                self._refuse_if_redirected_with_the_token(httpx.URL(origin))

    def _refuse_if_redirected_with_the_token(self, origin: httpx.URL) -> None:
        # Redirects are followed between what this class yields and what it gets.
        is_kept = origin.port in (None, 80)
        if is_kept and not self._api.access.allows(str(origin.copy_with(scheme="https", port=443))):
            problem = f'httpx takes the token along from "{origin}" to https'
            advice = "name its https origin as well, or use another port"
            raise MisuseError(f"{problem}: {advice}", "insecure_api_origin", "fix_configuration")

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The two requests, at most, of an ``httpx.Client``."""
        if not self._api.access.admits(str(request.url), "Authorization" in request.headers):
            yield request
            return
        try:
            token = self._api.source.fresh_token()
            response = yield _with(token, request)
            if self._wants_another(request, response, token, is_retry=False):
                token = self._api.source.fresh_token()
                response = yield _with(token, request)
                self._wants_another(request, response, token, is_retry=True)
        finally:
            # The application may send the same object again.
            request.headers.pop("Authorization", None)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """The two requests, at most, of an ``httpx.AsyncClient``."""
        if not self._api.access.admits(str(request.url), "Authorization" in request.headers):
            yield request
            return
        try:
            token = await self._api.source.fresh_token_async()
            response = yield _with(token, request)
            if self._wants_another(request, response, token, is_retry=False):
                token = await self._api.source.fresh_token_async()
                response = yield _with(token, request)
                self._wants_another(request, response, token, is_retry=True)
        finally:
            request.headers.pop("Authorization", None)

    def _wants_another(
        self, request: httpx.Request, response: httpx.Response, token: AccessToken, *, is_retry: bool
    ) -> bool:
        if response.request.headers.get("Authorization") != bearer(token):
            # It was redirected to another origin, which saw no token.
            return False
        answer = Answer(response.status_code, response.headers.get_list("WWW-Authenticate"))
        retries, refusal = self._api.judge(answer, token, is_retry=is_retry, repeatable=_is_in_memory(request))
        if refusal is not None:
            response.extensions[_REFUSAL] = refusal
        return retries


def _with(token: AccessToken, request: httpx.Request) -> httpx.Request:
    request.headers["Authorization"] = bearer(token)
    return request


def _is_in_memory(request: httpx.Request) -> bool:
    try:
        request.content
    except httpx.RequestNotRead:
        return False
    return True
