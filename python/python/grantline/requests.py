"""Tokens on the requests of `requests <https://requests.readthedocs.io>`_: ``pip install grantline[requests]``.

>>> import os, requests
>>> from grantline import Provider, ServiceApp, TenantChoice
>>> from grantline.requests import ApiAuth
>>> emulator = os.environ["GRANTLINE_EMULATOR_URL"]
>>> app = ServiceApp(Provider.visma_connect_at(emulator), "isv_service", client_secret="service-secret")
>>> tenant = TenantChoice.tenant("11111111-1111-4111-8111-111111111111")
>>> auth = ApiAuth(app.token_source(tenant, ["visma_api:read"]), [emulator])
>>> with requests.Session() as http:
...     http.get(emulator + "/api/invoices", auth=auth, timeout=10).status_code
200
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin

import requests
from requests.auth import AuthBase

from grantline._attach import Answer, Api, bearer
from grantline._grantline import AccessToken, ApiRefusal, Session, TokenSource

__all__ = ["ApiAuth", "refusal"]

_REFUSAL = "grantline_refusal"


def refusal(response: requests.Response) -> ApiRefusal | None:
    """What a response means that refuses the token: print it, and follow its advice. ``None``: it does not."""
    found: ApiRefusal | None = getattr(response, _REFUSAL, None)
    return found


class ApiAuth(AuthBase):
    """Sends requests to an API with a token that is good now: ``session.auth = ApiAuth(session, origins)``.

    If the API answers 401 with ``invalid_token`` all the same, the token is replaced and the request sent once more,
    where its body can be: text, bytes or a file that can be rewound. What comes back then is passed on;
    ``refusal(response)`` says what helps. A request to any other origin, and one that an answer redirects there, goes
    without a token.

    Keep it, since it remembers whether replacing a refused token was of use. ``source``: whose tokens. ``origins``: of
    the API, each a scheme, a host and perhaps a port, such as ``https://api.example``.

    Raises ``MisuseError`` (``invalid_api_origin``, ``insecure_api_origin``). A request raises it with the code
    ``authorization_present`` if it has an ``Authorization`` header already, and whatever keeps the token from being got.
    """

    def __init__(self, source: Session | TokenSource, origins: Iterable[str]) -> None:
        self._api = Api(source, origins)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Puts the token on a request, and sees to what is answered."""
        if self._api.access.admits(request.url or "", "Authorization" in request.headers):
            token = self._api.source.fresh_token()
            request.headers["Authorization"] = bearer(token)
            request.register_hook("response", _Exchange(self._api, token, request.body))
        return request


class _Exchange:
    """One request of the application: what was sent of it, and what follows."""

    def __init__(self, api: Api, token: AccessToken, body: Any) -> None:
        self._api = api
        self._token = token
        self._was_repeated = False
        self._body = body
        self._start = _position(body)

    def __call__(self, response: requests.Response, **settings: Any) -> requests.Response:
        """Sees each answer, that of a redirect too. Whatever it sends comes back without being seen here."""
        if response.request.headers.get("Authorization") != bearer(self._token):
            return response
        if response.is_redirect:
            self._take_off_before_a_foreign_origin(response, response.request)
        elif self._wants_another(response):
            return self._repeat(response, settings)
        return response

    def _take_off_before_a_foreign_origin(
        self, response: requests.Response, request: requests.PreparedRequest
    ) -> None:
        # The next request is made of this one. For another host requests does it itself, but not from http to https.
        if not self._api.access.allows(urljoin(response.url, response.headers["Location"])):
            del request.headers["Authorization"]

    def _wants_another(self, response: requests.Response) -> bool:
        repeatable = self._start is not None or self._body is None or isinstance(self._body, str | bytes)
        # Several headers of a name arrive as one.
        challenges = response.headers.get("WWW-Authenticate")
        answer = Answer(response.status_code, [] if challenges is None else [challenges])
        retries, refusal = self._api.judge(
            answer, self._token, is_retry=self._was_repeated, repeatable=repeatable and not self._was_repeated
        )
        if refusal is not None:
            setattr(response, _REFUSAL, refusal)
        return retries

    def _repeat(self, response: requests.Response, settings: dict[str, Any]) -> requests.Response:
        self._was_repeated = True
        self._token = self._api.source.fresh_token()
        # Its connection is free for the second.
        response.content
        response.close()
        again = response.request.copy()
        if self._start is not None:
            self._body.seek(self._start)
        # A redirect is followed with the headers of the first.
        for request in (response.request, again):
            request.headers["Authorization"] = bearer(self._token)
        repeated = response.connection.send(again, **settings)
        repeated.history.append(response)
        repeated.request = again
        if repeated.is_redirect:
            self._take_off_before_a_foreign_origin(repeated, response.request)
        else:
            self._wants_another(repeated)
        return repeated


def _position(body: Any) -> int | None:
    """Where a file stands that can be rewound."""
    try:
        return int(body.tell()) if body.seekable() else None
    except (AttributeError, OSError):
        return None
