"""The way out: asked for here, or told by the provider."""

import forms
import pages
import sessions
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from grants import BASE_URL, app

from grantline import GrantlineError

routes = APIRouter()


@routes.post("/logout")
async def begin(request: Request) -> RedirectResponse:
    """The session is over here, its tokens are taken back, and the browser ends the one at the provider.

    A POST, since no other site's reaches it with the cookie; a link or an image of another site would.
    """
    session = sessions.find(request)
    if session is None:
        # Another site's: not even the cookie is taken away.
        return RedirectResponse("/", status_code=303)
    grant = app.session(session.grant_id)
    begun = await grant.begin_logout_async(post_logout_redirect_uri=f"{BASE_URL}/signed-out")
    answer = RedirectResponse(begun.redirect.url or "/signed-out", status_code=303)
    answer.headers.append("Set-Cookie", sessions.forget(session.grant_id))
    return answer


@routes.get("/signed-out")
async def signed_out() -> HTMLResponse:
    """Where the provider sends the browser afterwards. It only says so, hence anybody may open it."""
    return pages.message(200, "You are logged out", "You can close this page.")


@routes.post("/backchannel-logout")
async def told_by_the_provider(request: Request) -> PlainTextResponse:
    """The provider's server tells that a user's session is over there."""
    form = await forms.raw(request)
    answer = PlainTextResponse("")
    try:
        notice = await app.check_logout_notice_async(form)
    except GrantlineError as error:
        return PlainTextResponse(error.code, status_code=400)
    for grant in sessions.named_by(notice):
        try:
            await end(grant)
        except GrantlineError as error:
            # It keeps none of the others alive.
            answer = PlainTextResponse(error.code, status_code=400)
    return answer


async def end(grant_id: str) -> None:
    """Ends a grant, and then the session that had it."""
    await app.session(grant_id).end_async()
    sessions.forget(grant_id)
