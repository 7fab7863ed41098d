"""grantline for Python at a server that nobody here wrote: `python grantline_judge.py ISSUER SERVICE_SCOPE BROWSER`."""

from __future__ import annotations

import subprocess
import sys

from grantline import Binding, Callback, GrantlineError, LoggedIn, Provider, ServiceApp, TenantChoice, WebApp
from steps import expect, run

ISSUER, SERVICE_SCOPE, BROWSER = sys.argv[1:]
SCOPES = ["openid", "email", "offline_access"]


def web_app() -> WebApp:
    callback = "https://app.example/callback"
    return WebApp(Provider.discover(ISSUER), "web", client_secret="web:secret+100%25&more", redirect_uris=[callback])


def browsed(url: str, user: str) -> Callback:
    """What the browser brings back: the redirect's query, or the body of a form."""
    answer = subprocess.run([BROWSER, "browse", url, user], check=True, capture_output=True, text=True)
    place, _, body = answer.stdout.strip().partition("\n")
    return Callback.form_post(body) if body else Callback.query(place.partition("?")[2])


def logged_in(response_mode: str = "query", user: str = "accepts") -> LoggedIn:
    app = web_app()
    begun = app.begin_login(SCOPES, prompt=["consent"], response_mode=response_mode)
    binding = Binding.cookie_value(begun.binding.expose_value())
    return app.complete_login(begun.pending, browsed(begun.url, user), binding)


def discovery() -> None:
    begun = web_app().begin_login(SCOPES)
    expect(begun.url.startswith(ISSUER), f"the login begins at {begun.url}")


def service_token() -> None:
    app = ServiceApp(Provider.discover(ISSUER), "service", client_secret="service:secret+100%25&more")
    token = app.token(TenantChoice.no_tenant(), [SERVICE_SCOPE])
    expect(SERVICE_SCOPE in token.scopes, f"the scopes are {token.scopes}")


def login(response_mode: str) -> None:
    token = logged_in(response_mode).session.fresh_token()
    expect(token.expires_at, "the token has no end")


def id_token() -> None:
    claims = logged_in().identity
    expect(claims, "nobody was identified")
    expect("web" in claims.audience, f"it is for {claims.audience}")


def userinfo() -> None:
    done = logged_in()
    user = done.session.user_info()
    expect(user.claim("email") == "anna@example.com", f"the address is {user.claim('email')}")
    expect(done.identity and user.subject == done.identity.subject, "it is of another user")


def refresh() -> None:
    session = logged_in().session
    first, second = session.fresh_token(), session.refresh()
    expect(second.generation == first.generation + 1, "the token is no later one")


def revocation() -> None:
    outcome = logged_in().session.end().outcome
    expect(outcome == "done", f"the revocation is {outcome}")


def cancelled_login() -> None:
    try:
        logged_in(user="cancels")
    except GrantlineError as error:
        expect(error.code == "access_denied", f"expected access_denied, got {error.code}: {error}")
    else:
        raise AssertionError("expected access_denied, but it went through")


if __name__ == "__main__":
    sys.exit(
        run(
            {
                "discovery": discovery,
                "service token": service_token,
                "login, query": lambda: login("query"),
                "login, form_post": lambda: login("form_post"),
                "ID token": id_token,
                "userinfo": userinfo,
                "refresh": refresh,
                "revocation": revocation,
                "cancelled login": cancelled_login,
            }
        )
    )
