"""The pages. Whatever is put into them is escaped."""

import logging
from collections.abc import Awaitable, Callable
from html import escape
from math import ceil
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from grantline import GrantlineError, ServerMisbehaved

log = logging.getLogger(__name__)

OURS = ("This does not work", "It is our mistake, and it has been noted.")
WORDS = {
    "log_in_again": ("Please log in again", "This login is over, or another browser began it."),
    "retry": ("Please try again in a minute", "A service that is needed did not answer."),
    "ask_administrator": ("You have no access", "Your company's administrator can give it, which takes some minutes."),
}
STATUS = {"log_in_again": 403, "retry": 503, "ask_administrator": 403}


def home(user: str | None) -> HTMLResponse:
    if user is None:
        return page("Invoice Portal", '<p><a href="/login?next=/invoices">Log in with Visma Connect</a></p>')
    return page(
        "Invoice Portal",
        f"""<p>Logged in as <strong id="user">{escape(user)}</strong>.</p>
        <p><a href="/invoices">Invoices</a></p>
        <form method="post" action="/logout"><button type="submit">Log out</button></form>""",
    )


def invoices(found: list[dict[str, Any]]) -> HTMLResponse:
    line = "{number}: {customer}, {amount} {currency}"
    lines = (f"<li>{escape(line.format(**invoice))}</li>" for invoice in found)
    return page("Invoices", f'<ul>{"".join(lines)}</ul>')


def message(status: int, title: str, text: str, code: str | None = None) -> HTMLResponse:
    error = "" if code is None else f'<p>Error: <code id="code">{escape(code)}</code></p>'
    return page(title, f'<p>{escape(text)}</p>{error}<p><a href="/">Back</a></p>', status)


async def failure(_: Request, error: Exception) -> HTMLResponse:
    """A page that says what the user can do: our words for it, and none of a server's."""
    assert isinstance(error, GrantlineError)
    # Quoted: text of a server's does not write into a terminal here.
    log.warning("%s: %r", error.code, str(error))
    title, text = WORDS.get(error.advice, OURS)
    if error.code == "access_denied":
        title, text = "The login was cancelled", "You can begin it again whenever you like."
    # What a browser brought is no fault of ours.
    brought = isinstance(error, ServerMisbehaved) and error.advice != "retry"
    answer = message(400 if brought else STATUS.get(error.advice, 500), title, text, error.code)
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(max(1, ceil(error.retry_after.total_seconds())))
    return answer


def page(title: str, content: str, status: int = 200) -> HTMLResponse:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
    main = f"<main><h1>{escape(title)}</h1>{content}</main>"
    return HTMLResponse(f'<!doctype html><html lang="en"><head>{head}</head><body>{main}</body></html>', status)


async def lock_down(request: Request, answer_to: Callable[[Request], Awaitable[Response]]) -> Response:
    """No page loads anything from elsewhere, is kept in a cache, stands in a frame, or tells other sites its URL."""
    answer = await answer_to(request)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
