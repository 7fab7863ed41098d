"""The application's own sessions: which browser has which grant, and whose it is, so that the provider can end it.

Their cookie is another than the one that binds a browser to a login. This one is what a thief wants, and has
`SameSite=Lax`: no other site's POST arrives with it, such as a forged logout.
"""

import os
import secrets
import sqlite3
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fastapi import Request

from grantline import LoggedIn, LogoutNotice

COOKIE = "__Host-portal"
LIFETIME = 10 * 3600
"""In seconds: as long as the provider's own session at most."""

# All processes share it. Its statements take microseconds, so they have no threads of their own.
database = sqlite3.connect(Path(os.environ["DATA"], "portal.db"), isolation_level=None, check_same_thread=False)
database.execute("PRAGMA journal_mode = WAL")
database.execute(
    """CREATE TABLE IF NOT EXISTS sessions (cookie_hash BLOB PRIMARY KEY, grant_id TEXT NOT NULL,
    user_name TEXT NOT NULL, subject TEXT, provider_session TEXT, ends_at INTEGER NOT NULL)"""
)


@dataclass(frozen=True)
class WebSession:
    grant_id: str
    user_name: str


def begin(done: LoggedIn, user_name: str) -> str:
    """Begins a session: the `Set-Cookie` header.

    The cookie is new after every login, so one that somebody planted in the browser beforehand opens nothing. The table
    has its hash: whoever reads the table has nobody's cookie.
    """
    cookie, who = secrets.token_urlsafe(32), done.identity
    whose = (who and who.subject, who and who.session_id)
    row = (hashed(cookie), done.session.id, user_name, *whose, int(time.time()) + LIFETIME)
    database.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)", row)
    return f"{COOKIE}={cookie}; Path=/; Secure; HttpOnly; SameSite=Lax"


def find(request: Request) -> WebSession | None:
    """This browser's session."""
    query = "SELECT grant_id, user_name FROM sessions WHERE cookie_hash = ? AND ends_at >= ?"
    pairs = (pair.strip().partition("=") for pair in cookies(request).split(";"))
    cookie = next((value for name, _, value in pairs if name == COOKIE), "")
    row = database.execute(query, (hashed(cookie), int(time.time()))).fetchone()
    return WebSession(*row) if row else None


def cookies(request: Request) -> str:
    """The `Cookie` header as it came. HTTP/2 may bring it in pieces (RFC 9113 section 8.2.3)."""
    return "; ".join(request.headers.getlist("Cookie"))


def forget(grant_id: str) -> str:
    """Forgets the session of a grant that has ended: the `Set-Cookie` header that takes its cookie away.

    Not before the grant ended: nobody else knows its name.
    """
    database.execute("DELETE FROM sessions WHERE grant_id = ?", (grant_id,))
    return f"{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"


def named_by(notice: LogoutNotice) -> list[str]:
    """The grant of the session that the provider names, or those of all of the user's."""
    query = """SELECT grant_id FROM sessions WHERE (?1 IS NULL OR subject = ?1)
        AND (?2 IS NULL OR provider_session = ?2)"""
    return [grant for (grant,) in database.execute(query, (notice.subject, notice.session_id)).fetchall()]


def over(replaced: str | None) -> list[str]:
    """Grants that nobody uses any more: that of the session which a login replaced, and of sessions whose time is over.

    A few at a time, since a user waits: each login begins one session and ends up to three. In any order: one that
    never ends is in nobody's way.
    """
    query = """SELECT grant_id FROM sessions WHERE grant_id IS ?1 OR ends_at < ?2
        ORDER BY grant_id IS NOT ?1, random() LIMIT 3"""
    return [grant for (grant,) in database.execute(query, (replaced, int(time.time()))).fetchall()]


def hashed(cookie: str) -> bytes:
    return sha256(cookie.encode()).digest()
