# The native module. Its documentation is in the docstrings, which Python shows: `help(grantline.WebApp)`.

from collections.abc import Coroutine, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias, final

from typing_extensions import disjoint_base

__all__ = [
    "AccessToken",
    "BegunLogin",
    "Binding",
    "BrowserBinding",
    "Callback",
    "Client",
    "LoggedIn",
    "LoginApp",
    "NativeApp",
    "PendingLogin",
    "Provider",
    "Scopes",
    "ServiceApp",
    "Session",
    "SinglePageApp",
    "TenantChoice",
    "TokenSource",
    "WebApp",
]

_ClientAuthentication: TypeAlias = Literal["client_secret_basic", "client_secret_post", "none"]
_Prompt: TypeAlias = Literal["none", "login", "consent", "select_account"]
_ResponseMode: TypeAlias = Literal["query", "form_post"]
_Scopes: TypeAlias = Iterable[str] | Scopes
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
        connect_timeout: timedelta | float | None = None,
        http_timeout: timedelta | float | None = None,
        proxy: str | None = None,
        no_proxy: bool = False,
        root_certificates: str | bytes | None = None,
    ) -> Client: ...

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

@final
class TokenSource:
    def fresh_token(self) -> AccessToken: ...
    def fresh_token_async(self) -> Coroutine[Any, Any, AccessToken]: ...
    def refresh(self) -> AccessToken: ...
    def refresh_async(self) -> Coroutine[Any, Any, AccessToken]: ...

@final
class Session:
    @property
    def id(self) -> str: ...
    def fresh_token(self) -> AccessToken: ...
    def fresh_token_async(self) -> Coroutine[Any, Any, AccessToken]: ...
    def refresh(self) -> AccessToken: ...
    def refresh_async(self) -> Coroutine[Any, Any, AccessToken]: ...

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
        ui_locales: str | None = None,
        tenant_hint: str | None = None,
        resource: str | Sequence[str] | None = None,
        parameters: _Parameters | None = None,
        session_id: str | None = None,
        app_data: str | None = None,
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
        ui_locales: str | None = None,
        tenant_hint: str | None = None,
        resource: str | Sequence[str] | None = None,
        parameters: _Parameters | None = None,
        session_id: str | None = None,
        app_data: str | None = None,
        dangerous_without_pkce: bool = False,
    ) -> Coroutine[Any, Any, BegunLogin]: ...
    def session(self, id: str) -> Session: ...

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
        client: Client | None = None,
    ) -> WebApp: ...
    def check_callback(self, pending: PendingLogin, callback: Callback, binding: Binding) -> None: ...
    def complete_login(self, pending: PendingLogin, callback: Callback, binding: Binding) -> LoggedIn: ...
    def complete_login_async(
        self, pending: PendingLogin, callback: Callback, binding: Binding
    ) -> Coroutine[Any, Any, LoggedIn]: ...

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
        client: Client | None = None,
    ) -> NativeApp: ...
    def check_callback(self, pending: PendingLogin, callback: Callback) -> None: ...
    def complete_login(self, pending: PendingLogin, callback: Callback) -> LoggedIn: ...
    def complete_login_async(
        self, pending: PendingLogin, callback: Callback
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
        client: Client | None = None,
    ) -> SinglePageApp: ...
    def check_callback(self, pending: PendingLogin, callback: Callback) -> None: ...
    def complete_login(self, pending: PendingLogin, callback: Callback) -> LoggedIn: ...
    def complete_login_async(
        self, pending: PendingLogin, callback: Callback
    ) -> Coroutine[Any, Any, LoggedIn]: ...
