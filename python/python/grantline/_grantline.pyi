# The native module. Its documentation is in the docstrings, which Python shows: `help(grantline.WebApp)`.

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from os import PathLike
from types import TracebackType
from typing import Any, Literal, TypeAlias, final

from typing_extensions import disjoint_base

from grantline.exceptions import GrantlineError
from grantline.stores import BlobStore, SharedStore

__all__ = [
    "AccessToken",
    "ApiAccess",
    "ApiRefusal",
    "BegunLogin",
    "BegunLogout",
    "Binding",
    "BrowserBinding",
    "BrowserLogin",
    "Callback",
    "Client",
    "Event",
    "Events",
    "IdTokenClaims",
    "IdTokenExpectations",
    "Inspection",
    "Introspection",
    "LoggedIn",
    "LoginApp",
    "LoginPage",
    "LogoutNotice",
    "LogoutRedirect",
    "NativeApp",
    "PendingLogin",
    "Provider",
    "Revocation",
    "Scopes",
    "SealingKeys",
    "ServiceApp",
    "Session",
    "SessionIds",
    "SinglePageApp",
    "Store",
    "StoredLogin",
    "TenantChoice",
    "TokenSource",
    "UserInfo",
    "Verdict",
    "WebApp",
    "WebhookEvent",
    "check_id_token",
    "check_logout_token",
    "check_store",
    "end_process",
    "inspect",
    "verify_webhook",
]

_ClientAuthentication: TypeAlias = Literal[
    "client_secret_basic", "client_secret_basic_unencoded", "client_secret_post", "none"
]
_Prompt: TypeAlias = Literal["none", "login", "consent", "select_account"]
_ResponseMode: TypeAlias = Literal["query", "form_post"]
_Scopes: TypeAlias = Iterable[str] | Scopes
_SigningAlgorithm: TypeAlias = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"
]
_Parameters: TypeAlias = Mapping[str, str] | Sequence[tuple[str, str]]

# Providers, and the client.

@final
class Provider:
    @staticmethod
    def visma_connect() -> Provider: ...
    @staticmethod
    def visma_connect_staging() -> Provider: ...
    @staticmethod
    def visma_connect_at(issuer: str) -> Provider: ...
    @staticmethod
    def discover(issuer: str) -> Provider: ...
    @staticmethod
    def from_metadata(issuer: str, document: str) -> Provider: ...
    def with_tenant_parameter(self, name: str) -> Provider: ...
    @property
    def issuer(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class Client:
    def __new__(
        cls,
        *,
        store: Store | None = None,
        sealing_keys: SealingKeys | None = None,
        share_service_tokens: bool = False,
        connect_timeout: timedelta | float | None = None,
        http_timeout: timedelta | float | None = None,
        proxy: str | None = None,
        no_proxy: bool = False,
        root_certificates: str | bytes | None = None,
        concurrency: int | None = None,
        tokens_in_memory: int | None = None,
    ) -> Client: ...
    def close(self, *, timeout: timedelta | float | None = None) -> None: ...
    def aclose(self, *, timeout: timedelta | float | None = None) -> Coroutine[Any, Any, None]: ...
    def events(self) -> Events: ...
    def __enter__(self) -> Client: ...
    def __exit__(
        self, error: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None, /
    ) -> None: ...
    def __aenter__(self) -> Coroutine[Any, Any, Client]: ...
    def __aexit__(
        self, error: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None, /
    ) -> Coroutine[Any, Any, None]: ...

def end_process() -> None: ...

@final
class Events:
    def get(self, *, timeout: timedelta | float | None = None) -> Event | None: ...
    def __iter__(self) -> Events: ...
    def __next__(self) -> Event: ...
    def __aiter__(self) -> Events: ...
    def __anext__(self) -> Coroutine[Any, Any, Event]: ...
    def _next_async(self) -> Coroutine[Any, Any, Event]: ...

@final
class Event:
    @property
    def name(
        self,
    ) -> Literal[
        "refreshed",
        "not_saved",
        "saved_late",
        "refresh_failed",
        "answer_discarded",
        "session_ended",
        "store_trouble",
        "missed",
    ]: ...
    @property
    def issuer(self) -> str | None: ...
    @property
    def client_id(self) -> str | None: ...
    @property
    def session_id(self) -> str | None: ...
    @property
    def tenant(self) -> TenantChoice | None: ...
    @property
    def generation(self) -> int | None: ...
    @property
    def error(self) -> GrantlineError | None: ...
    @property
    def reason(
        self,
    ) -> Literal["refused_by_server", "refresh_outcome_unknown", "ended_by_application"] | None: ...
    @property
    def server_error(self) -> str | None: ...
    @property
    def missed(self) -> int | None: ...

# Where sessions are kept.

@final
class Store:
    @staticmethod
    def memory() -> Store: ...
    @staticmethod
    def sqlite(path: str | PathLike[str]) -> Store: ...
    @staticmethod
    def redis(url: str, *, root_certificates: str | bytes | None = None) -> Store: ...
    @staticmethod
    def postgres(url: str, *, root_certificates: str | bytes | None = None) -> Store: ...
    @staticmethod
    def blobs(store: BlobStore) -> Store: ...
    @staticmethod
    def shared(store: SharedStore) -> Store: ...

@final
class SealingKeys:
    @staticmethod
    def from_file(path: str | PathLike[str]) -> SealingKeys: ...
    @staticmethod
    def create_file(path: str | PathLike[str]) -> SealingKeys: ...
    @staticmethod
    def from_environment(variable: str) -> SealingKeys: ...
    @staticmethod
    def from_keyring(service: str, account: str) -> SealingKeys: ...
    @staticmethod
    def create_in_keyring(service: str, account: str) -> SealingKeys: ...
    @staticmethod
    def from_text(current: str, *older: str) -> SealingKeys: ...
    def dangerous_also_open_plaintext(self) -> SealingKeys: ...
    @staticmethod
    def dangerous_plaintext() -> SealingKeys: ...

def check_store(open: Callable[[], Store]) -> int: ...

# Tokens.

@final
class Scopes:
    @staticmethod
    def all_allowed() -> Scopes: ...

@final
class AccessToken:
    def expose_secret(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def scopes(self) -> list[str]: ...
    @property
    def generation(self) -> int: ...
    @property
    def is_saved(self) -> bool: ...

@final
class TokenSource:
    def fresh_token(self) -> AccessToken: ...
    def fresh_token_async(self) -> Coroutine[Any, Any, AccessToken]: ...
    def refresh(self) -> AccessToken: ...
    def refresh_async(self) -> Coroutine[Any, Any, AccessToken]: ...
    def invalidate(self, token: AccessToken) -> None: ...

@final
class Session:
    @property
    def id(self) -> str: ...
    def fresh_token(self) -> AccessToken: ...
    def fresh_token_async(self) -> Coroutine[Any, Any, AccessToken]: ...
    def refresh(self) -> AccessToken: ...
    def refresh_async(self) -> Coroutine[Any, Any, AccessToken]: ...
    def invalidate(self, token: AccessToken) -> None: ...
    def end(self) -> Revocation: ...
    def end_async(self) -> Coroutine[Any, Any, Revocation]: ...
    def identity(self) -> IdTokenClaims | None: ...
    def identity_async(self) -> Coroutine[Any, Any, IdTokenClaims | None]: ...
    def user_info(self) -> UserInfo: ...
    def user_info_async(self) -> Coroutine[Any, Any, UserInfo]: ...
    def begin_logout(
        self, *, post_logout_redirect_uri: str | None = None, ui_locales: str | None = None
    ) -> BegunLogout: ...
    def begin_logout_async(
        self, *, post_logout_redirect_uri: str | None = None, ui_locales: str | None = None
    ) -> Coroutine[Any, Any, BegunLogout]: ...

@final
class Revocation:
    @property
    def outcome(self) -> Literal["done", "nothing_to_revoke", "not_offered", "failed"]: ...
    @property
    def error(self) -> GrantlineError | None: ...

@final
class SessionIds:
    def __iter__(self) -> SessionIds: ...
    def __next__(self) -> str: ...
    def __aiter__(self) -> SessionIds: ...
    def __anext__(self) -> Coroutine[Any, Any, str]: ...
    def _next_async(self) -> Coroutine[Any, Any, str]: ...

# The end of a session at the provider.

@final
class BegunLogout:
    @property
    def redirect(self) -> LogoutRedirect: ...
    @property
    def revocation(self) -> Revocation: ...

@final
class LogoutRedirect:
    @property
    def url(self) -> str | None: ...
    @property
    def failure(self) -> GrantlineError | None: ...
    @property
    def state(self) -> str: ...
    def is_answered_by(self, callback: Callback) -> bool: ...

@final
class LogoutNotice:
    @property
    def subject(self) -> str | None: ...
    @property
    def session_id(self) -> str | None: ...
    @property
    def issued_at(self) -> datetime: ...

def check_logout_token(
    logout_token: str,
    *,
    provider: Provider,
    client_id: str,
    key_set: str,
    now: datetime | None = None,
    id_token_algorithm: _SigningAlgorithm | None = None,
    trusted_audiences: Sequence[str] | None = None,
    clock_tolerance: timedelta | float | None = None,
) -> LogoutNotice: ...

# What a provider says of users, tokens and tenants.

@final
class UserInfo:
    @property
    def subject(self) -> str: ...
    def claim(self, name: str) -> Any: ...
    @property
    def claims(self) -> dict[str, Any]: ...

@final
class Introspection:
    @property
    def is_active(self) -> bool: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def client_id(self) -> str | None: ...
    @property
    def scopes(self) -> list[str] | None: ...
    @property
    def expires_at(self) -> datetime | None: ...
    def member(self, name: str) -> Any: ...
    @property
    def members(self) -> dict[str, Any]: ...

@final
class Inspection:
    @property
    def header(self) -> dict[str, Any]: ...
    @property
    def claims(self) -> dict[str, Any]: ...

def inspect(token: str) -> Inspection | None: ...

@final
class WebhookEvent:
    @property
    def name(self) -> str | None: ...
    @property
    def tenant_id(self) -> str | None: ...
    @property
    def members(self) -> dict[str, Any]: ...

def verify_webhook(secret: str, body: bytes, signature: str) -> WebhookEvent: ...

# Tokens on API requests.

@final
class ApiAccess:
    def __new__(cls, origins: Iterable[str]) -> ApiAccess: ...
    def allows(self, url: str) -> bool: ...
    def admits(self, url: str, has_authorization: bool) -> bool: ...
    def judge(
        self, status: int, challenges: list[str], token: AccessToken, is_retry: bool, repeatable: bool
    ) -> Verdict: ...

@final
class Verdict:
    @property
    def retries(self) -> bool: ...
    @property
    def invalidates(self) -> bool: ...
    @property
    def refusal(self) -> ApiRefusal | None: ...

@final
class ApiRefusal:
    @property
    def code(self) -> str: ...
    @property
    def advice(
        self,
    ) -> Literal["retry", "log_in_again", "ask_administrator", "fix_configuration", "report_bug"]: ...
    @property
    def status(self) -> int: ...
    @property
    def scopes(self) -> list[str] | None: ...

# Service integrations.

@final
class TenantChoice:
    @staticmethod
    def tenant(id: str) -> TenantChoice: ...
    @staticmethod
    def default_tenant() -> TenantChoice: ...
    @staticmethod
    def no_tenant() -> TenantChoice: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class ServiceApp:
    def __new__(
        cls,
        provider: Provider,
        client_id: str,
        *,
        client_secret: str | None = None,
        client_authentication: _ClientAuthentication | None = None,
        client: Client | None = None,
    ) -> ServiceApp: ...
    @property
    def client_id(self) -> str: ...
    def token(self, tenant: TenantChoice, scopes: _Scopes, *, resource: str | None = None) -> AccessToken: ...
    def token_async(
        self, tenant: TenantChoice, scopes: _Scopes, *, resource: str | None = None
    ) -> Coroutine[Any, Any, AccessToken]: ...
    def token_source(
        self, tenant: TenantChoice, scopes: _Scopes, *, resource: str | None = None
    ) -> TokenSource: ...
    def introspect(self, token: str) -> Introspection: ...
    def introspect_async(self, token: str) -> Coroutine[Any, Any, Introspection]: ...

# Logins: the data.

@final
class Callback:
    @staticmethod
    def url(url: str) -> Callback: ...
    @staticmethod
    def query(query: str) -> Callback: ...
    @staticmethod
    def form_post(body: str) -> Callback: ...
    @property
    def state(self) -> str | None: ...

@final
class Binding:
    @staticmethod
    def cookie_header(header: str) -> Binding: ...
    @staticmethod
    def cookie_value(value: str) -> Binding: ...
    @staticmethod
    def dangerous_unbound() -> Binding: ...

@final
class BegunLogin:
    @property
    def url(self) -> str: ...
    @property
    def pending(self) -> PendingLogin: ...
    @property
    def binding(self) -> BrowserBinding | None: ...

@final
class StoredLogin:
    @property
    def url(self) -> str: ...
    @property
    def binding(self) -> BrowserBinding | None: ...
    @property
    def expires_at(self) -> datetime: ...

@final
class PendingLogin:
    @property
    def state(self) -> str: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def redirect_uri(self) -> str: ...
    def to_record(self) -> str: ...
    @staticmethod
    def from_record(record: str) -> PendingLogin: ...

@final
class BrowserBinding:
    @property
    def cookie_name(self) -> str: ...
    def expose_value(self) -> str: ...
    def set_cookie(self) -> str: ...

@final
class LoggedIn:
    @property
    def session(self) -> Session: ...
    @property
    def app_data(self) -> str | None: ...
    @property
    def identity(self) -> IdTokenClaims | None: ...

@final
class BrowserLogin:
    @property
    def url(self) -> str: ...
    def browser_opened(self) -> bool: ...
    def browser_opened_async(self) -> Coroutine[Any, Any, bool]: ...
    def paste(self, redirected_url: str) -> None: ...
    def cancel(self) -> None: ...
    def outcome(self) -> LoggedIn: ...
    def outcome_async(self) -> Coroutine[Any, Any, LoggedIn]: ...
    def __enter__(self) -> BrowserLogin: ...
    def __exit__(
        self, error: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None, /
    ) -> None: ...

@final
class LoginPage:
    @staticmethod
    def text(language: str, title: str, message: str) -> LoginPage: ...
    @staticmethod
    def html(document: str) -> LoginPage: ...

# Who logged in.

@final
class IdTokenClaims:
    @property
    def issuer(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def audience(self) -> list[str]: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def issued_at(self) -> datetime: ...
    @property
    def auth_time(self) -> datetime | None: ...
    @property
    def acr(self) -> str | None: ...
    @property
    def amr(self) -> list[str]: ...
    @property
    def session_id(self) -> str | None: ...
    @property
    def identity_provider(self) -> str | None: ...
    @property
    def last_login_time(self) -> Any: ...
    @property
    def tenant_id(self) -> str | None: ...
    def claim(self, name: str) -> Any: ...
    @property
    def further_claims(self) -> dict[str, Any]: ...

@final
class IdTokenExpectations:
    @staticmethod
    def nonce(
        nonce: str,
        *,
        max_age: timedelta | float | None = None,
        acr_values: str | None = None,
        access_token: str | None = None,
    ) -> IdTokenExpectations: ...
    @staticmethod
    def expect_no_nonce(
        *,
        max_age: timedelta | float | None = None,
        acr_values: str | None = None,
        access_token: str | None = None,
    ) -> IdTokenExpectations: ...

def check_id_token(
    id_token: str,
    expected: IdTokenExpectations,
    *,
    provider: Provider,
    client_id: str,
    key_set: str,
    now: datetime | None = None,
    id_token_algorithm: _SigningAlgorithm | None = None,
    trusted_audiences: Sequence[str] | None = None,
    clock_tolerance: timedelta | float | None = None,
) -> IdTokenClaims: ...

# Logins: the applications.

@disjoint_base
class LoginApp:
    @property
    def client_id(self) -> str: ...
    def begin_login(
        self,
        scopes: _Scopes,
        *,
        redirect_uri: str | None = None,
        response_mode: _ResponseMode | None = None,
        prompt: _Prompt | Sequence[_Prompt] | None = None,
        login_hint: str | None = None,
        max_age: timedelta | float | None = None,
        acr_values: str | None = None,
        prefer_acr_values: str | None = None,
        ui_locales: str | None = None,
        tenant_hint: str | None = None,
        resource: str | Sequence[str] | None = None,
        parameters: _Parameters | None = None,
        session_id: str | None = None,
        app_data: str | None = None,
        expires_after: timedelta | float | None = None,
        dangerous_without_pkce: bool = False,
    ) -> BegunLogin: ...
    def begin_login_async(
        self,
        scopes: _Scopes,
        *,
        redirect_uri: str | None = None,
        response_mode: _ResponseMode | None = None,
        prompt: _Prompt | Sequence[_Prompt] | None = None,
        login_hint: str | None = None,
        max_age: timedelta | float | None = None,
        acr_values: str | None = None,
        prefer_acr_values: str | None = None,
        ui_locales: str | None = None,
        tenant_hint: str | None = None,
        resource: str | Sequence[str] | None = None,
        parameters: _Parameters | None = None,
        session_id: str | None = None,
        app_data: str | None = None,
        expires_after: timedelta | float | None = None,
        dangerous_without_pkce: bool = False,
    ) -> Coroutine[Any, Any, BegunLogin]: ...
    def begin_stored_login(
        self,
        scopes: _Scopes,
        *,
        redirect_uri: str | None = None,
        response_mode: _ResponseMode | None = None,
        prompt: _Prompt | Sequence[_Prompt] | None = None,
        login_hint: str | None = None,
        max_age: timedelta | float | None = None,
        acr_values: str | None = None,
        prefer_acr_values: str | None = None,
        ui_locales: str | None = None,
        tenant_hint: str | None = None,
        resource: str | Sequence[str] | None = None,
        parameters: _Parameters | None = None,
        session_id: str | None = None,
        app_data: str | None = None,
        expires_after: timedelta | float | None = None,
        dangerous_without_pkce: bool = False,
    ) -> StoredLogin: ...
    def begin_stored_login_async(
        self,
        scopes: _Scopes,
        *,
        redirect_uri: str | None = None,
        response_mode: _ResponseMode | None = None,
        prompt: _Prompt | Sequence[_Prompt] | None = None,
        login_hint: str | None = None,
        max_age: timedelta | float | None = None,
        acr_values: str | None = None,
        prefer_acr_values: str | None = None,
        ui_locales: str | None = None,
        tenant_hint: str | None = None,
        resource: str | Sequence[str] | None = None,
        parameters: _Parameters | None = None,
        session_id: str | None = None,
        app_data: str | None = None,
        expires_after: timedelta | float | None = None,
        dangerous_without_pkce: bool = False,
    ) -> Coroutine[Any, Any, StoredLogin]: ...
    def session(self, id: str) -> Session: ...
    def sessions(self) -> SessionIds: ...

@final
class WebApp(LoginApp):
    def __new__(
        cls,
        provider: Provider,
        client_id: str,
        *,
        redirect_uris: Sequence[str],
        client_secret: str | None = None,
        client_authentication: _ClientAuthentication | None = None,
        id_token_algorithm: _SigningAlgorithm | None = None,
        trusted_audiences: Sequence[str] | None = None,
        clock_tolerance: timedelta | float | None = None,
        refresh_grace: timedelta | float | None = None,
        ask_for_login_after_lost_answer: bool = False,
        client: Client | None = None,
    ) -> WebApp: ...
    def check_callback(self, pending: PendingLogin, callback: Callback, binding: Binding) -> None: ...
    def complete_login(self, pending: PendingLogin, callback: Callback, binding: Binding) -> LoggedIn: ...
    def complete_login_async(
        self, pending: PendingLogin, callback: Callback, binding: Binding
    ) -> Coroutine[Any, Any, LoggedIn]: ...
    def complete_stored_login(self, callback: Callback, binding: Binding) -> LoggedIn: ...
    def complete_stored_login_async(
        self, callback: Callback, binding: Binding
    ) -> Coroutine[Any, Any, LoggedIn]: ...
    def check_logout_notice(self, form: str) -> LogoutNotice: ...
    def check_logout_notice_async(self, form: str) -> Coroutine[Any, Any, LogoutNotice]: ...
    def introspect(self, token: str) -> Introspection: ...
    def introspect_async(self, token: str) -> Coroutine[Any, Any, Introspection]: ...

@final
class NativeApp(LoginApp):
    def __new__(
        cls,
        provider: Provider,
        client_id: str,
        *,
        redirect_uris: Sequence[str],
        client_secret: str | None = None,
        client_authentication: _ClientAuthentication | None = None,
        id_token_algorithm: _SigningAlgorithm | None = None,
        trusted_audiences: Sequence[str] | None = None,
        clock_tolerance: timedelta | float | None = None,
        refresh_grace: timedelta | float | None = None,
        ask_for_login_after_lost_answer: bool = False,
        client: Client | None = None,
    ) -> NativeApp: ...
    def check_callback(self, pending: PendingLogin, callback: Callback) -> None: ...
    def complete_login(self, pending: PendingLogin, callback: Callback) -> LoggedIn: ...
    def complete_login_async(
        self, pending: PendingLogin, callback: Callback
    ) -> Coroutine[Any, Any, LoggedIn]: ...
    def complete_stored_login(self, callback: Callback) -> LoggedIn: ...
    def complete_stored_login_async(self, callback: Callback) -> Coroutine[Any, Any, LoggedIn]: ...
    def begin_browser_login(
        self,
        scopes: _Scopes,
        *,
        time_limit: timedelta | float | None = None,
        port: int | None = None,
        open_browser: bool | Callable[[str], object] = True,
        done_page: LoginPage | None = None,
        failed_page: LoginPage | None = None,
        redirect_uri: str | None = None,
        response_mode: _ResponseMode | None = None,
        prompt: _Prompt | Sequence[_Prompt] | None = None,
        login_hint: str | None = None,
        max_age: timedelta | float | None = None,
        acr_values: str | None = None,
        prefer_acr_values: str | None = None,
        ui_locales: str | None = None,
        tenant_hint: str | None = None,
        resource: str | Sequence[str] | None = None,
        parameters: _Parameters | None = None,
        session_id: str | None = None,
        app_data: str | None = None,
        expires_after: timedelta | float | None = None,
    ) -> BrowserLogin: ...
    def begin_browser_login_async(
        self,
        scopes: _Scopes,
        *,
        time_limit: timedelta | float | None = None,
        port: int | None = None,
        open_browser: bool | Callable[[str], object] = True,
        done_page: LoginPage | None = None,
        failed_page: LoginPage | None = None,
        redirect_uri: str | None = None,
        response_mode: _ResponseMode | None = None,
        prompt: _Prompt | Sequence[_Prompt] | None = None,
        login_hint: str | None = None,
        max_age: timedelta | float | None = None,
        acr_values: str | None = None,
        prefer_acr_values: str | None = None,
        ui_locales: str | None = None,
        tenant_hint: str | None = None,
        resource: str | Sequence[str] | None = None,
        parameters: _Parameters | None = None,
        session_id: str | None = None,
        app_data: str | None = None,
        expires_after: timedelta | float | None = None,
    ) -> Coroutine[Any, Any, BrowserLogin]: ...
    def log_in_with_browser(
        self,
        scopes: _Scopes,
        *,
        show_url: Callable[[str], object] | None = None,
        time_limit: timedelta | float | None = None,
        port: int | None = None,
        open_browser: bool | Callable[[str], object] = True,
        done_page: LoginPage | None = None,
        failed_page: LoginPage | None = None,
        redirect_uri: str | None = None,
        response_mode: _ResponseMode | None = None,
        prompt: _Prompt | Sequence[_Prompt] | None = None,
        login_hint: str | None = None,
        max_age: timedelta | float | None = None,
        acr_values: str | None = None,
        prefer_acr_values: str | None = None,
        ui_locales: str | None = None,
        tenant_hint: str | None = None,
        resource: str | Sequence[str] | None = None,
        parameters: _Parameters | None = None,
        session_id: str | None = None,
        app_data: str | None = None,
        expires_after: timedelta | float | None = None,
    ) -> LoggedIn: ...
    def log_in_with_browser_async(
        self,
        scopes: _Scopes,
        *,
        show_url: Callable[[str], object] | None = None,
        time_limit: timedelta | float | None = None,
        port: int | None = None,
        open_browser: bool | Callable[[str], object] = True,
        done_page: LoginPage | None = None,
        failed_page: LoginPage | None = None,
        redirect_uri: str | None = None,
        response_mode: _ResponseMode | None = None,
        prompt: _Prompt | Sequence[_Prompt] | None = None,
        login_hint: str | None = None,
        max_age: timedelta | float | None = None,
        acr_values: str | None = None,
        prefer_acr_values: str | None = None,
        ui_locales: str | None = None,
        tenant_hint: str | None = None,
        resource: str | Sequence[str] | None = None,
        parameters: _Parameters | None = None,
        session_id: str | None = None,
        app_data: str | None = None,
        expires_after: timedelta | float | None = None,
    ) -> Coroutine[Any, Any, LoggedIn]: ...

@final
class SinglePageApp(LoginApp):
    def __new__(
        cls,
        provider: Provider,
        client_id: str,
        *,
        redirect_uris: Sequence[str],
        client_secret: str | None = None,
        client_authentication: _ClientAuthentication | None = None,
        id_token_algorithm: _SigningAlgorithm | None = None,
        trusted_audiences: Sequence[str] | None = None,
        clock_tolerance: timedelta | float | None = None,
        refresh_grace: timedelta | float | None = None,
        ask_for_login_after_lost_answer: bool = False,
        client: Client | None = None,
    ) -> SinglePageApp: ...
    def check_callback(self, pending: PendingLogin, callback: Callback) -> None: ...
    def complete_login(self, pending: PendingLogin, callback: Callback) -> LoggedIn: ...
    def complete_login_async(
        self, pending: PendingLogin, callback: Callback
    ) -> Coroutine[Any, Any, LoggedIn]: ...
    def complete_stored_login(self, callback: Callback) -> LoggedIn: ...
    def complete_stored_login_async(self, callback: Callback) -> Coroutine[Any, Any, LoggedIn]: ...
