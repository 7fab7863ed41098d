"""What the application is there for: pages that need a user."""

import os

import httpx
import pages
import sessions
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from grants import app

from grantline import GrantlineError
from grantline.httpx import ApiAuth, refusal

routes = APIRouter()

API_URL = os.environ["API_URL"]


@routes.get("/")
async def home(request: Request) -> Response:
    session = sessions.find(request)
    return pages.home(session.user_name if session else None)


@routes.get("/invoices")
async def invoices(request: Request) -> Response:
    """For those who are logged in, with what the API says to their token."""
    session = sessions.find(request)
    if session is None:
        return RedirectResponse("/login?next=/invoices", status_code=303)
    try:
        async with httpx.AsyncClient(auth=ApiAuth(app.session(session.grant_id), [API_URL])) as http:
            answer = await http.get(f"{API_URL}/api/invoices")
    except GrantlineError as error:
        if error.advice != "log_in_again":
            raise
        # The provider ended the session, or it had no refresh token.
        return RedirectResponse("/login?next=/invoices", status_code=303)
    except httpx.HTTPError:
        return pages.message(503, *pages.WORDS["retry"])
    refused = refusal(answer)
    if refused is not None:
        return pages.message(403, *pages.WORDS.get(refused.advice, pages.OURS), code=refused.code)
    return pages.invoices(answer.raise_for_status().json()["invoices"])
