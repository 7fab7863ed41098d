"""The way in: off to the provider, and back."""

import json
import logging

from django.contrib import auth
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from grantline import Binding, Callback, GrantlineError, LoggedIn

from . import sessions
from .grants import app
from .models import ProviderSession

log = logging.getLogger(__name__)

SCOPES = ["openid", "profile", "offline_access", "visma_api:read"]


class SeeOther(HttpResponseRedirect):
    """A redirect that makes a GET of a POST."""

    status_code = 303


@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Sends the browser to the provider, with the cookie that binds it to this login.

    The provider answers by a form that the browser posts, and so from another site. The cookie goes along since it has
    `SameSite=None`, for which it needs `Secure`. Chromium and Firefox take that from `http://localhost` too; Safari
    drops it there.
    """
    # The provider's form comes without the cookie of the session that the browser has now.
    carried = json.dumps({"next": request.GET.get("next"), "replaces": request.session.session_key})
    begun = app.begin_stored_login(SCOPES, response_mode="form_post", app_data=carried)
    answer = SeeOther(begun.url)
    answer.headers["Set-Cookie"] = begun.binding.set_cookie()
    return answer


# The provider's form has no CSRF token of Django's, and needs none: the login is known by its state, and the browser by
# the cookie of it, so that nobody can hand a login of their own to another's browser.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def complete(request: HttpRequest) -> HttpResponse:
    """The provider's form. A GET is judged as well, and refused: an answer in the URL was not asked for."""
    if request.method == "POST" and request.content_type != "application/x-www-form-urlencoded":
        return HttpResponse(status=415)
    # As it came: decoding it first, as `request.POST` does, would hide parameters that occur twice.
    raw = request.body.decode(errors="replace")
    callback = Callback.form_post(raw) if request.method == "POST" else Callback.query(request.META["QUERY_STRING"])
    done = app.complete_stored_login(callback, Binding.cookie_header(request.META.get("HTTP_COOKIE", "")))
    begin_session(request, done)
    carried = json.loads(done.app_data or "{}")
    end_what_is_over(carried.get("replaces"))
    # To a page without the code in its URL.
    return SeeOther(local_path(carried.get("next")))


def begin_session(request: HttpRequest, done: LoggedIn) -> None:
    """Logs the user in to Django, who gives the session a new key: one that was planted in the browser opens nothing."""
    who = done.identity
    assert who is not None, "a login with openid says who it was"
    # Known by the subject alone: an email address can be given to another person.
    user, _ = User.objects.update_or_create(username=who.subject, defaults={"first_name": user_name(done)[:150]})
    auth.login(request, user)
    ProviderSession.objects.create(
        session_key=request.session.session_key,
        grant_id=done.session.id,
        subject=who.subject,
        provider_session=who.session_id,
    )


def end_what_is_over(replaced: str | None) -> None:
    """Ends the grants that nobody uses any more. No login fails over one that does not end: the next login tries again."""
    for session in sessions.over(replaced):
        try:
            sessions.end(session)
        except GrantlineError as error:
            log.warning("a session did not end: %s", error)


def user_name(done: LoggedIn) -> str:
    """What the provider calls the user. It decides nothing, so no login fails over it."""
    try:
        return str(done.session.user_info().claim("name"))
    except GrantlineError:
        return "somebody"


def local_path(wish: str | None) -> str:
    """Where to go next: a path of this site, or the home page."""
    is_local = wish is not None and wish.startswith("/") and url_has_allowed_host_and_scheme(wish, allowed_hosts=None)
    return wish if is_local else "/"
