"""What the auth classes of all HTTP clients have in common: which requests get a token, and what follows a refusal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grantline._grantline import AccessToken, ApiAccess, ApiRefusal, Session, TokenSource


@dataclass(frozen=True)
class Answer:
    """What an API answered to a request that went out with a token."""

    status: int
    challenges: list[str]
    """The values of all ``WWW-Authenticate`` headers."""


class Api:
    """An API, and the grant whose tokens its requests go out with."""

    def __init__(self, source: Session | TokenSource, origins: Iterable[str]) -> None:
        self.source = source
        self.access = ApiAccess(origins)

    def judge(
        self, answer: Answer, token: AccessToken, *, is_retry: bool, repeatable: bool
    ) -> tuple[bool, ApiRefusal | None]:
        """Whether the request goes out once more, with another token; and what the caller is told otherwise."""
        verdict = self.access.judge(answer.status, answer.challenges, token, is_retry, repeatable)
        if verdict.invalidates:
            self.source.invalidate(token)
        return verdict.retries, verdict.refusal


def bearer(token: AccessToken) -> str:
    """The value of the ``Authorization`` header."""
    return f"Bearer {token.expose_secret()}"
