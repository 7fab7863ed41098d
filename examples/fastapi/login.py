"""The way in: off to the provider, and back."""

import json
import logging
import re

import forms
import logout
import sessions
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from grants import app

from grantline import Binding, Callback, GrantlineError, Session

routes = APIRouter()
log = logging.getLogger(__name__)

SCOPES = ["openid", "profile", "offline_access", "visma_api:read"]


@routes.get("/login")
async def begin(request: Request, next: str = "/") -> RedirectResponse:
    """Sends the browser to the provider, with the cookie that binds it to this login.

    The provider answers by a form that the browser posts, and so from another site. The cookie goes along since it has
    `SameSite=None`, for which it needs `Secure`. Chromium and Firefox take that from `http://localhost` too; Safari
    drops it there.
    """
    # The provider's form comes without the cookie of the session that the browser has now.
    session = sessions.find(request)
    carried = json.dumps({"next": next, "replaces": session and session.grant_id})
    begun = await app.begin_stored_login_async(SCOPES, response_mode="form_post", app_data=carried)
    answer = RedirectResponse(begun.url, status_code=303)
    assert begun.binding is not None, "a web application's logins have one"
    answer.headers.append("Set-Cookie", begun.binding.set_cookie())
    return answer


@routes.post("/callback")
async def complete(request: Request) -> RedirectResponse:
    """The provider's form. It needs no token against forgery: the login is known by its state, and the browser by the
    cookie of it, so that nobody can hand a login of their own to another's browser.
    """
    return await complete_with(request, Callback.form_post(await forms.raw(request)))


@routes.get("/callback")
async def complete_by_get(request: Request) -> RedirectResponse:
    """Judged as well, and refused: an answer in the URL was not asked for."""
    return await complete_with(request, Callback.query(request.url.query))


async def complete_with(request: Request, callback: Callback) -> RedirectResponse:
    done = await app.complete_stored_login_async(callback, Binding.cookie_header(sessions.cookies(request)))
    carried = json.loads(done.app_data or "{}")
    # To a page without the code in its URL; and with a new cookie, whatever the browser had before.
    answer = RedirectResponse(local_path(carried.get("next", "/")), status_code=303)
    answer.headers.append("Set-Cookie", sessions.begin(done, await user_name(done.session)))
    await end_what_is_over(carried.get("replaces"))
    return answer


async def end_what_is_over(replaced: str | None) -> None:
    """Ends the grants that nobody uses any more. No login fails over one that does not end: the next login tries again."""
    for grant in sessions.over(replaced):
        try:
            await logout.end(grant)
        except GrantlineError as error:
            log.warning("a session did not end: %s", error)


async def user_name(session: Session) -> str:
    """What the provider calls the user. It decides nothing, a user being known by the subject, so no login fails over it."""
    try:
        return str((await session.user_info_async()).claim("name"))
    except GrantlineError:
        return "somebody"


def local_path(wish: str) -> str:
    """Where to go next: a path of this site, or the home page.

    To a browser, `//host`, `/\\host` and `/<tab>/host` are other sites.
    """
    return wish if re.fullmatch(r"/(?!/)[!-\[\]-~]*", wish) else "/"
