"""What goes wrong: one class per fault, under one base."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

if TYPE_CHECKING:
    _Advice = Literal["retry", "log_in_again", "ask_administrator", "fix_configuration", "report_bug"]
    _Fault = Literal[
        "server_refused",
        "server_misbehaved",
        "transport",
        "unsupported",
        "misuse",
        "store",
        "cancelled",
        "internal",
    ]


class GrantlineError(Exception):
    """The base of all errors of this package. Its text says what happened and never holds a secret.

    >>> from grantline import GrantlineError, TenantChoice
    >>> try:
    ...     TenantChoice.tenant("42")
    ... except GrantlineError as error:
    ...     print(error.code, error.fault, error.advice, error, sep="; ")
    invalid_tenant_id; misuse; fix_configuration; the tenant id "42" is not a UUID (Visma Connect, service integrations)
    """

    fault: ClassVar[_Fault] = "internal"
    """By whose fault it failed."""

    code: str
    """A stable name for this failure; where the server refused, its own ``error`` value."""

    advice: _Advice
    """What to do about it."""

    retry_after: timedelta | None
    """How long to wait before trying again, where the server named a time."""

    def __init__(
        self, message: str, code: str, advice: _Advice, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.advice = advice
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is copied by its arguments alone, and `args` holds only the message.
        return type(self), (str(self), self.code, self.advice, self.retry_after)


class ServerRefused(GrantlineError):
    """The server refused by its rules, or a session has ended.

    The texts are the server's and untrusted: escape them before they are shown on a page. All of them are ``None``
    where a session is over without an answer of the server (``session_unknown`` and the like).
    """

    fault = "server_refused"

    error: str | None
    """The server's ``error`` value."""

    error_description: str | None
    """The server's ``error_description``."""

    error_uri: str | None
    """The server's ``error_uri``, as text: nothing was checked about it."""

    status: int | None
    """The HTTP status; ``None`` for a callback."""

    members: Mapping[str, Any]
    """All further members of the server's answer."""

    def __init__(
        self,
        message: str,
        code: str,
        advice: _Advice,
        retry_after: timedelta | None = None,
        error: str | None = None,
        error_description: str | None = None,
        error_uri: str | None = None,
        status: int | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code, advice, retry_after)
        self.error = error
        self.error_description = error_description
        self.error_uri = error_uri
        self.status = status
        self.members = {} if members is None else members

    def __reduce__(self) -> tuple[Any, ...]:
        of_the_server = (self.error, self.error_description, self.error_uri, self.status, self.members)
        return type(self), (str(self), self.code, self.advice, self.retry_after, *of_the_server)


class ServerMisbehaved(GrantlineError):
    """What arrived breaks a named rule: from the server, or from whoever sent the callback. Nothing of it was used."""

    fault = "server_misbehaved"


class TransportError(GrantlineError):
    """No usable response came."""

    fault = "transport"


class UnsupportedError(GrantlineError):
    """The provider or this build does not offer what was asked for."""

    fault = "unsupported"


class MisuseError(GrantlineError):
    """The application asked for something that is not allowed; nothing was sent."""

    fault = "misuse"


class StoreError(GrantlineError):
    """The session store did not do its part. Nothing was deleted.

    A store of the application raises it with the code of what is the matter, and with words that hold no secret:
    ``store_unavailable``, ``store_full``, ``store_denied`` or ``store_damaged``. The application sees that code, with
    the advice that belongs to it.

    >>> from grantline import StoreError
    >>> raise StoreError("the keychain is locked", "store_denied")
    Traceback (most recent call last):
    grantline.exceptions.StoreError: the keychain is locked
    """

    fault = "store"

    def __init__(
        self,
        message: str,
        code: str = "store_unavailable",
        advice: _Advice = "retry",
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message, code, advice, retry_after)


class Cancelled(GrantlineError):
    """The closing of the client ended it. (A cancelled task sees asyncio's ``CancelledError`` as ever.)"""

    fault = "cancelled"


class InternalError(GrantlineError):
    """A fault in this library: please report it."""

    fault = "internal"


BY_FAULT: Final[Mapping[str, type[GrantlineError]]] = {
    error.fault: error
    for error in (
        ServerRefused,
        ServerMisbehaved,
        TransportError,
        UnsupportedError,
        MisuseError,
        StoreError,
        Cancelled,
        InternalError,
    )
}
"""The class of each fault."""
