"""Pages for whatever goes wrong, and what all pages have in common. The templates escape whatever is put into them."""

import logging
from collections.abc import Callable
from math import ceil

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from grantline import GrantlineError, ServerMisbehaved

log = logging.getLogger(__name__)

OURS = ("This does not work", "It is our mistake, and it has been noted.")
WORDS = {
    "log_in_again": ("Please log in again", "This login is over, or another browser began it."),
    "retry": ("Please try again in a minute", "A service that is needed did not answer."),
    "ask_administrator": ("You have no access", "Your company's administrator can give it, which takes some minutes."),
}
STATUS = {"log_in_again": 403, "retry": 503, "ask_administrator": 403}


class Pages:
    """Middleware: no page loads anything from elsewhere, or is kept in a cache; an error has a page that says what to do."""

    def __init__(self, answer_to: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer_to = answer_to

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.answer_to(request)
        answer.headers["Content-Security-Policy"] = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return failure(request, error) if isinstance(error, GrantlineError) else None


def failure(request: HttpRequest, error: GrantlineError) -> HttpResponse:
    """A page that says what the user can do: our words for it, and none of a server's."""
    # Quoted: text of a server's does not write into a terminal here.
    log.warning("%s: %r", error.code, str(error))
    title, text = WORDS.get(error.advice, OURS)
    if error.code == "access_denied":
        title, text = "The login was cancelled", "You can begin it again whenever you like."
    # What a browser brought is no fault of ours.
    brought = isinstance(error, ServerMisbehaved) and error.advice != "retry"
    answer = message(request, 400 if brought else STATUS.get(error.advice, 500), title, text, error.code)
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(max(1, ceil(error.retry_after.total_seconds())))
    return answer


def message(request: HttpRequest, status: int, title: str, text: str, code: str | None = None) -> HttpResponse:
    return render(request, "message.html", {"title": title, "text": text, "code": code}, status=status)
