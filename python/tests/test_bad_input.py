"""What an application may not ask for: a typed error with a stable code, before anything is sent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from emulator import BAKERY, Emulator

import grantline
from grantline import Callback, Client, MisuseError, NativeApp, Provider, ServiceApp, SinglePageApp, TenantChoice, WebApp

VISMA = Provider.visma_connect()
HTTPS = ["https://app.example/callback"]
PRIVATE = ["com.example.app:/callback"]


def web(*uris: str) -> WebApp:
    return WebApp(VISMA, "id", redirect_uris=uris or HTTPS, client_secret="s")


REFUSED: dict[str, Callable[[], Any]] = {
    "client_id_missing": lambda: ServiceApp(VISMA, "", client_secret="s"),
    "client_secret_missing": lambda: ServiceApp(VISMA, "id"),
    "secret_for_public_client": lambda: NativeApp(VISMA, "id", redirect_uris=PRIVATE, client_secret="s"),
    "secret_method_without_secret": lambda: WebApp(
        VISMA, "id", redirect_uris=HTTPS, client_authentication="client_secret_post"
    ),
    "redirect_uri_missing": lambda: NativeApp(VISMA, "id", redirect_uris=[]),
    "redirect_uri_relative": lambda: web("/callback"),
    "redirect_uri_fragment": lambda: web("https://app.example/callback#x"),
    "redirect_uri_insecure": lambda: web("http://app.example/callback"),
    "redirect_uri_scheme": lambda: web("com.example.app:/callback"),
    "redirect_uri_ambiguous": lambda: web(*HTTPS, "https://app.example/other").begin_login(["openid"]),
    "redirect_uri_not_registered": lambda: web().begin_login(["openid"], redirect_uri="https://app.example/b"),
    "empty_scopes": lambda: web().begin_login([]),
    "invalid_scope_value": lambda: web().begin_login(["openid profile"]),
    "scope_forbidden": lambda: ServiceApp(VISMA, "id", client_secret="s").token(BAKERY, ["openid"]),
    "invalid_tenant_id": lambda: TenantChoice.tenant("42"),
    "insecure_endpoint": lambda: Provider.from_metadata(
        "https://a.example", '{"issuer":"https://a.example","token_endpoint":"http://a.example/token"}'
    ),
    "invalid_issuer": lambda: Provider.visma_connect_at("https://a.example?x"),
    "invalid_resource": lambda: web().begin_login(["openid"], resource="invoices"),
    "reserved_parameter": lambda: web().begin_login(["openid"], parameters={"state": "mine"}),
    "repeated_parameter": lambda: web().begin_login(["openid"], parameters=[("a", "1"), ("a", "2")]),
    "prompt_conflict": lambda: web().begin_login(["openid"], prompt=["none", "login"]),
    "pkce_required": lambda: NativeApp(VISMA, "id", redirect_uris=PRIVATE).begin_login(
        ["openid"], dangerous_without_pkce=True
    ),
    "record_malformed": lambda: grantline.PendingLogin.from_record("{}"),
    "invalid_session_id": lambda: web().session("a\nb"),
    "invalid_client_setting": lambda: Client(proxy="no url at all"),
}


@pytest.mark.parametrize("code", REFUSED)
def test_refuses_with_the_code(code: str) -> None:
    with pytest.raises(MisuseError) as refused:
        REFUSED[code]()
    assert refused.value.code == code
    assert (refused.value.fault, refused.value.advice) == ("misuse", "fix_configuration")
    assert str(refused.value)


def test_a_single_page_application_has_no_secret_either() -> None:
    with pytest.raises(MisuseError) as refused:
        SinglePageApp(VISMA, "id", redirect_uris=HTTPS, client_secret="s")
    assert refused.value.code == "secret_for_public_client"


def test_nothing_is_sent_for_what_is_refused(visma: Emulator) -> None:
    app = visma.service_app("isv_service_default", "service-default-secret")
    before = len(visma.requests("isv_service_default"))
    for refused in ([], ["a b"], ["openid"]):
        with pytest.raises(MisuseError):
            app.token(BAKERY, refused)
    assert len(visma.requests("isv_service_default")) == before


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: ServiceApp(VISMA, 7, client_secret="s"),  # type: ignore[arg-type]
        lambda: ServiceApp("https://connect.visma.com", "id"),  # type: ignore[arg-type]
        lambda: WebApp(VISMA, "id"),  # type: ignore[call-arg]
        lambda: WebApp(VISMA, "id", redirect_uris="https://app.example/"),
        lambda: web().begin_login("openid"),
        lambda: web().begin_login([7]),  # type: ignore[list-item]
        lambda: web().begin_login(["openid"], promt="login"),  # type: ignore[call-arg]
        lambda: web().begin_login(["openid"], max_age="soon"),  # type: ignore[arg-type]
        lambda: Callback.url(b"https://app.example/"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_type_is_a_type_error(wrong: Callable[[], Any]) -> None:
    with pytest.raises(TypeError):
        wrong()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: web().begin_login(["openid"], prompt="sign_in"),  # type: ignore[arg-type]
        lambda: web().begin_login(["openid"], response_mode="fragment"),  # type: ignore[arg-type]
        lambda: web().begin_login(["openid"], max_age=-1),
        lambda: web().begin_login(["openid"], max_age=timedelta(seconds=-1)),
        lambda: Client(connect_timeout=float("nan")),
        lambda: ServiceApp(VISMA, "id", client_secret="s", client_authentication="basic"),  # type: ignore[arg-type]
    ],
)
def test_a_value_outside_its_vocabulary_is_a_value_error(wrong: Callable[[], Any]) -> None:
    with pytest.raises(ValueError):
        wrong()
