"""The way out: asked for here, or told by the provider."""

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from grantline import GrantlineError

from . import pages, sessions
from .grants import app
from .login import SeeOther
from .models import ProviderSession


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """The session is over here, its tokens are taken back, and the browser ends the one at the provider."""
    found = ProviderSession.objects.filter(session_key=request.session.session_key).first()
    if found is None:
        auth.logout(request)
        return SeeOther("/signed-out")
    begun = app.session(found.grant_id).begin_logout(post_logout_redirect_uri=f"{settings.BASE_URL}/signed-out")
    # Not before: nobody else knows the grant's name.
    found.delete()
    auth.logout(request)
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
    answer = HttpResponse()
    try:
        notice = app.check_logout_notice(request.body.decode(errors="replace"))
    except GrantlineError as error:
        return HttpResponse(error.code, status=400, content_type="text/plain")
    for over in sessions.named_by(notice):
        try:
            sessions.end(over)
        except GrantlineError as error:
            # It keeps none of the others alive.
            answer = HttpResponse(error.code, status=400, content_type="text/plain")
    return answer
