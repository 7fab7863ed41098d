"""The way out: asked for here, or told by the provider."""

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from grantline import GrantlineError, LogoutNotice

from . import pages
from .grants import app
from .login import SeeOther
from .models import ProviderSession


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """The session is over here, its tokens are taken back, and the browser ends the one at the provider."""
    found = ProviderSession.objects.filter(session_key=request.session.session_key).first()
    auth.logout(request)
    if found is None:
        return SeeOther("/signed-out")
    found.delete()
    begun = app.session(found.grant_id).begin_logout(post_logout_redirect_uri=f"{settings.BASE_URL}/signed-out")
    return SeeOther(begun.redirect.url or "/signed-out")


@require_GET
def signed_out(request: HttpRequest) -> HttpResponse:
    """Where the provider sends the browser afterwards. It only says so, hence anybody may open it."""
    return pages.message(request, 200, "You are logged out", "You can close this page.")


# The provider's server has no cookie: what counts is its signature.
@csrf_exempt
@require_POST
def told_by_the_provider(request: HttpRequest) -> HttpResponse:
    """The provider's server tells that a user's session is over there."""
    try:
        notice = app.check_logout_notice(request.body.decode(errors="replace"))
        for over in sessions_named_by(notice):
            Session.objects.filter(session_key=over.session_key).delete()
            app.session(over.grant_id).end()
            over.delete()
    except GrantlineError as error:
        return HttpResponse(error.code, status=400, content_type="text/plain")
    return HttpResponse()


def sessions_named_by(notice: LogoutNotice) -> list[ProviderSession]:
    """One session, or all of the user's."""
    found = ProviderSession.objects.all()
    if notice.subject is not None:
        found = found.filter(subject=notice.subject)
    if notice.session_id is not None:
        found = found.filter(provider_session=notice.session_id)
    return list(found)
