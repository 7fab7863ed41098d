"""Django's sessions and their grants: which are over, and how they end."""

from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from grantline import LogoutNotice

from .grants import app
from .models import ProviderSession


def end(session: ProviderSession) -> None:
    """Ends a session, and its grant. Its row goes last: nobody else knows the grant's name."""
    Session.objects.filter(session_key=session.session_key).delete()
    app.session(session.grant_id).end()
    session.delete()


def named_by(notice: LogoutNotice) -> list[ProviderSession]:
    """The session that the provider names, or all of the user's."""
    found = ProviderSession.objects.all()
    if notice.subject is not None:
        found = found.filter(subject=notice.subject)
    if notice.session_id is not None:
        found = found.filter(provider_session=notice.session_id)
    return list(found)


def over(replaced: str | None) -> QuerySet[ProviderSession]:
    """The session that a login replaced, and those whose time is over.

    A few at a time, since a user waits: each login begins one session and ends up to three. In any order: one that
    never ends is in nobody's way.
    """
    living = Session.objects.filter(expire_date__gte=timezone.now()).exclude(session_key=replaced or "")
    return ProviderSession.objects.exclude(session_key__in=living.values("session_key")).order_by("?")[:3]
