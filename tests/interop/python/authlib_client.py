"""Authlib against the emulator, as a Flask application uses it: `python authlib_client.py ISSUER visma|standard`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask, request
from scripted_browser import Arrival, ScriptedBrowser
from steps import expect, run

ISSUER, MODE = sys.argv[1:]
ORIGIN = "https://app.example"
CALLBACK = f"{ORIGIN}/callback"
LOGGED_OUT = f"{ORIGIN}/"
NATIVE_CALLBACK = "http://127.0.0.1:49152/callback"
TENANT = "11111111-1111-4111-8111-111111111111"
ANNA = "a0a0a0a0-0000-4000-8000-000000000001"
SCOPE = "openid profile email offline_access visma_api:read"
SECRET = "web:secret+100%25&more"

app = Flask("judge")
app.config.update(SECRET_KEY="of this run only", TESTING=True)
oauth = OAuth(app)


def registered(name: str, client_id: str, secret: str | None, authentication: str) -> Any:
    """A client of the framework's own kind, which reads the server's metadata."""
    return oauth.register(
        name,
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
        client_kwargs={
            "scope": SCOPE,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": authentication,
        },
    )


# Authlib sends a Basic secret as it is, not form-encoded (RFC 6749, section 2.3.1); this one would be another then.
WEB = registered("web", "isv_web", SECRET, "client_secret_post")
# Of unreserved characters, which are the same either way.
BACK_OFFICE = registered("back_office", "isv_web_reuse", "web-reuse-secret", "client_secret_basic")
NATIVE = registered("native", "isv_native", None, "none")


@app.get("/login/<name>")
def login(name: str) -> Any:
    """Sends the user to the authorization endpoint."""
    parameters = request.args.to_dict()
    return oauth.create_client(name).authorize_redirect(parameters.pop("redirect_uri", CALLBACK), **parameters)


@app.route("/callback/<name>", methods=["GET", "POST"])
def callback(name: str) -> dict[str, Any]:
    """Exchanges the code and validates the ID token, with Authlib's own checks."""
    return dict(oauth.create_client(name).authorize_access_token())


@app.get("/logout")
def log_out() -> Any:
    """Sends the user to the end session endpoint."""
    return WEB.logout_redirect(LOGGED_OUT, id_token_hint=request.args["id_token_hint"])


@app.get("/logged-out")
def logged_out() -> dict[str, Any]:
    """Checks the state of a logout."""
    return dict(WEB.validate_logout_response())


def returned(name: str, browser: ScriptedBrowser, **parameters: str) -> tuple[Any, Arrival]:
    """A login up to the callback: the user agent that began it, and what it comes back with."""
    agent = app.test_client()
    away = agent.get(f"/login/{name}?{urlencode(parameters)}", base_url=ORIGIN)
    return agent, browser.open(away.headers["Location"])


def completed(name: str, agent: Any, arrival: Arrival) -> dict[str, Any]:
    path = f"/callback/{name}"
    if arrival.body is None:
        answer = agent.get(f"{path}?{urlsplit(arrival.url).query}", base_url=ORIGIN)
    else:
        form = "application/x-www-form-urlencoded"
        answer = agent.post(path, base_url=ORIGIN, data=arrival.body, content_type=form)
    return dict(answer.get_json())


def logged_in(name: str = "web", **parameters: str) -> dict[str, Any]:
    token = completed(name, *returned(name, ScriptedBrowser(), **parameters))
    expect(token.get("refresh_token"), "there is no refresh token")
    expect(token.get("userinfo"), "the ID token was not validated")
    return token


def endpoint(name: str) -> str:
    return str(WEB.load_server_metadata()[f"{name}_endpoint"])


def session(secret: str = SECRET) -> OAuth2Session:
    by_post = "client_secret_post"
    methods = {"token_endpoint_auth_method": by_post, "revocation_endpoint_auth_method": by_post}
    return OAuth2Session("isv_web", secret, scope=SCOPE, **methods)


def refused(code: str, operation: Callable[[], object]) -> None:
    try:
        operation()
    except OAuthError as error:
        expect(error.error == code, f"expected {code}, got {error.error}")
    else:
        raise AssertionError(f"expected {code}, but it went through")


def discovery() -> None:
    expect(WEB.load_server_metadata()["issuer"] == ISSUER, "the issuer is another one")


def service_token() -> None:
    service = OAuth2Session("isv_service", "service-secret", token_endpoint_auth_method="client_secret_basic")
    token = service.fetch_token(endpoint("token"), grant_type="client_credentials", tenant_id=TENANT)
    expect(token["access_token"] and token["expires_in"] > 0, "the token has no lifetime")


def id_token() -> None:
    for name in ("web", "back_office"):
        claims = logged_in(name, max_age="600")["userinfo"]
        expect(claims["sub"] == ANNA, f"the subject is {claims['sub']}")
        expect(claims["at_hash"], "there is no at_hash")


def userinfo() -> None:
    user = WEB.userinfo(token=logged_in())
    expect(user["sub"] == ANNA and user["email"] == "anna@example.com", f"the user is {user}")


def refresh() -> None:
    first = logged_in()
    second = session().refresh_token(endpoint("token"), refresh_token=first["refresh_token"])
    expect(second["access_token"] != first["access_token"], "the access token is the same")
    expect(second["refresh_token"] != first["refresh_token"], "the refresh token did not rotate")


def revocation() -> None:
    token = logged_in()["refresh_token"]
    answer = session().revoke_token(endpoint("revocation"), token=token, token_type_hint="refresh_token")
    expect(answer.status_code == 200, f"the answer is {answer.status_code}")
    refused("invalid_grant", lambda: session().refresh_token(endpoint("token"), refresh_token=token))


def introspection() -> None:
    token = logged_in()
    answer = introspected(token["access_token"])
    expect(answer["active"] and answer["sub"] == ANNA, f"the answer is {answer}")
    session().revoke_token(endpoint("revocation"), token=token["refresh_token"])
    answer = introspected(token["refresh_token"])
    expect(answer == {"active": False}, f"the answer is {answer}")


def introspected(token: str) -> dict[str, Any]:
    return dict(session().introspect_token(endpoint("introspection"), token=token).json())


def logout() -> None:
    browser = ScriptedBrowser()
    agent, arrival = returned("web", browser)
    hint = completed("web", agent, arrival)["id_token"]
    away = agent.get(f"/logout?{urlencode({'id_token_hint': hint})}", base_url=ORIGIN)
    back = browser.open(away.headers["Location"])
    expect(back.url.startswith(LOGGED_OUT), f"came back to {back.url}")
    agent.get(f"/logged-out?{urlsplit(back.url).query}", base_url=ORIGIN)
    _, arrival = returned("web", browser, prompt="none")
    expect("error=login_required" in arrival.url, f"came back to {arrival.url}")


def wrong_secret() -> None:
    wrong = session("not the secret")
    refused("invalid_client", lambda: wrong.fetch_token(endpoint("token"), grant_type="client_credentials"))


def wrong_verifier() -> None:
    _, arrival = returned("web", ScriptedBrowser())
    exchange = {"authorization_response": arrival.url, "redirect_uri": CALLBACK, "code_verifier": "v" * 43}
    refused("invalid_grant", lambda: session().fetch_token(endpoint("token"), **exchange))


def cancelled_login() -> None:
    agent, arrival = returned("web", ScriptedBrowser(consents=False), prompt="consent")
    refused("access_denied", lambda: completed("web", agent, arrival))


if __name__ == "__main__":
    sys.exit(
        run(
            {
                "discovery": discovery,
                "service token": service_token,
                "login, query": logged_in,
                "login, form_post": lambda: logged_in(response_mode="form_post"),
                "login, native": lambda: logged_in("native", redirect_uri=NATIVE_CALLBACK),
                "ID token": id_token,
                "userinfo": userinfo,
                "refresh": refresh,
                "revocation": revocation,
                "introspection": introspection,
                "logout": logout,
                "wrong secret": wrong_secret,
                "wrong verifier": wrong_verifier,
                "cancelled login": cancelled_login,
            }
        )
    )
