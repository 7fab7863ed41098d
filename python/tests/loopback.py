"""The port of a login in the system's browser."""

import contextlib
import socket
from urllib.parse import parse_qs, urlsplit

import pytest


def closes(port: int) -> None:
    """Waits until nobody listens there any more."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=20) as waiting:
        assert waiting.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=20)


def port_of(url: str) -> int:
    """The port that a login listens on."""
    redirect = parse_qs(urlsplit(url).query)["redirect_uri"][0]
    port = urlsplit(redirect).port
    assert port is not None
    return port
