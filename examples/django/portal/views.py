"""What the application is there for: pages that need a user."""

import os

import requests
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from grantline import GrantlineError
from grantline.requests import ApiAuth, refusal

from . import pages
from .grants import app
from .login import SeeOther
from .models import ProviderSession

API_URL = os.environ["API_URL"]


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html", {"user": request.user})


@require_GET
@login_required
def invoices(request: HttpRequest) -> HttpResponse:
    """For those who are logged in, with what the API says to their token."""
    grant = ProviderSession.objects.filter(session_key=request.session.session_key).first()
    if grant is None:
        return SeeOther("/login?next=/invoices")
    try:
        answer = requests.get(
            f"{API_URL}/api/invoices", auth=ApiAuth(app.session(grant.grant_id), [API_URL]), timeout=10
        )
    except GrantlineError as error:
        if error.advice != "log_in_again":
            raise
        # The provider ended the session, or it had no refresh token.
        return SeeOther("/login?next=/invoices")
    except requests.RequestException:
        return pages.message(request, 503, *pages.WORDS["retry"])
    refused = refusal(answer)
    if refused is not None:
        return pages.message(request, 403, *pages.WORDS.get(refused.advice, pages.OURS), code=refused.code)
    answer.raise_for_status()
    return render(request, "invoices.html", {"invoices": answer.json()["invoices"]})
