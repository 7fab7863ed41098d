"""A login in the system's browser. The listener's own tests are the driver's: here is what Python adds."""

import asyncio
import gc
import os
import signal
import socket
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import scripted_browser
from emulator import LOGIN_SCOPES, Emulator
from loopback import closes, port_of
from programs import line_of, program
from scripted_browser import ScriptedBrowser

from grantline import (
    Cancelled,
    LoginPage,
    MisuseError,
    ServerMisbehaved,
    ServerRefused,
)


class User(threading.Thread):
    """A user whose browser is opened, on another thread."""

    def __init__(self, consents: bool = True) -> None:
        super().__init__(daemon=True)
        self.consents = consents
        self.url = ""
        self.page = ""

    def opens(self, url: str) -> None:
        """What opens the browser."""
        self.url = url
        self.start()

    def run(self) -> None:
        arrival = ScriptedBrowser(consents=self.consents).open(self.url)
        with urllib.request.urlopen(arrival.url, timeout=20) as answer:
            assert "code=" not in answer.url
            self.page = answer.read().decode()


def test_one_call_logs_in_with_the_browser_that_it_opens(emulator: Emulator) -> None:
    user = User()
    page = LoginPage.text("nb", "Du er logget inn", "Lukk vinduet.")
    app = emulator.native_app()
    done = app.log_in_with_browser(LOGIN_SCOPES, open_browser=user.opens, done_page=page, app_data="/invoices")
    assert done.app_data == "/invoices"
    assert done.session.fresh_token().generation == 1
    user.join(20)
    assert "Lukk vinduet." in user.page
    closes(port_of(user.url))


def test_one_call_logs_in_in_asyncio(emulator: Emulator) -> None:
    user = User()

    async def log_in() -> None:
        app = emulator.native_app()
        done = await app.log_in_with_browser_async(LOGIN_SCOPES, open_browser=user.opens, session_id="user-7")
        assert done.session.id == "user-7"

    asyncio.run(log_in())


def test_a_user_who_refuses_is_a_typed_error_and_reads_so(emulator: Emulator) -> None:
    user = User(consents=False)
    with pytest.raises(ServerRefused) as refused:
        emulator.native_app().log_in_with_browser(LOGIN_SCOPES, open_browser=user.opens, prompt="consent")
    assert refused.value.error == "access_denied"
    user.join(20)
    assert "access_denied" in user.page


def test_f038_without_a_browser_the_url_is_shown_or_printed(
    visma: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = visma.native_app()
    cases: list[bool | Callable[[str], bool]] = [False, lambda url: False]
    for open_browser in cases:
        user = User()
        app.log_in_with_browser(LOGIN_SCOPES, open_browser=open_browser, show_url=user.opens)
        assert capsys.readouterr().err == ""
        with pytest.raises(ServerMisbehaved) as refused:
            app.log_in_with_browser(LOGIN_SCOPES, open_browser=open_browser, time_limit=0.1)
        assert refused.value.code == "login_timed_out"
        assert f"Open this URL in a browser to log in: {visma.url}/connect/authorize?" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stderr", None)
    with pytest.raises(MisuseError) as unseen:
        app.log_in_with_browser(LOGIN_SCOPES, open_browser=False)
    assert unseen.value.code == "browser_not_opened"


def test_f038_asyncio_prints_the_url_as_well(visma: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    async def log_in() -> None:
        await visma.native_app().log_in_with_browser_async(LOGIN_SCOPES, open_browser=False, time_limit=0.1)

    with pytest.raises(ServerMisbehaved) as refused:
        asyncio.run(log_in())
    assert refused.value.code == "login_timed_out"
    assert "Open this URL in a browser to log in: " in capsys.readouterr().err


def test_over_ssh_the_user_pastes_the_url(visma: Emulator) -> None:
    app = visma.native_app()
    with app.begin_browser_login(LOGIN_SCOPES, open_browser=False) as login:
        assert not login.browser_opened()
        redirected = ScriptedBrowser().open(login.url).url
        with pytest.raises(ServerMisbehaved) as refused:
            login.paste(redirected.replace("state=", "state=x"))
        assert refused.value.code == "state_mismatch"
        login.paste(f" {redirected}\n")
        assert login.outcome().session.fresh_token().generation == 1
    closes(port_of(login.url))


def test_when_the_time_runs_out_the_error_says_what_an_error_id_is_for(visma: Emulator) -> None:
    login = visma.native_app().begin_browser_login(LOGIN_SCOPES, open_browser=False, time_limit=0)
    with pytest.raises(ServerMisbehaved) as refused:
        login.outcome()
    assert (refused.value.code, refused.value.advice) == ("login_timed_out", "log_in_again")
    assert "errorId" in str(refused.value)
    closes(port_of(login.url))


def test_f036_the_end_of_the_block_and_of_the_last_reference_close_the_port(visma: Emulator) -> None:
    app = visma.native_app()
    with app.begin_browser_login(LOGIN_SCOPES, open_browser=False) as login:
        port = port_of(login.url)
    with pytest.raises(Cancelled):
        login.outcome()
    closes(port)
    login = app.begin_browser_login(LOGIN_SCOPES, open_browser=False)
    port = port_of(login.url)
    del login
    gc.collect()
    closes(port)


def test_f037_a_port_that_somebody_has_is_a_typed_error(visma: Emulator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(MisuseError) as refused:
        visma.native_app().begin_browser_login(LOGIN_SCOPES, port=taken.getsockname()[1], open_browser=False)
    assert refused.value.code == "loopback_port_taken"


def test_f040_a_cancelled_task_closes_the_port(visma: Emulator) -> None:
    async def log_in() -> int:
        shown: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        logging_in = visma.native_app().log_in_with_browser_async(LOGIN_SCOPES, open_browser=shown.set_result)
        task = asyncio.ensure_future(logging_in)
        port = port_of(await shown)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return port

    closes(asyncio.run(log_in()))


BROWSER = """#!{python}
import sys, urllib.request
sys.path.insert(0, {examples!r})
from scripted_browser import ScriptedBrowser

urllib.request.urlopen(ScriptedBrowser().open(sys.argv[1]).url).read()
"""

WITH_THE_SYSTEMS = """
    import os
    from emulator import LOGIN_SCOPES, Emulator

    app = Emulator(os.environ["GRANTLINE_EMULATOR_URL"], "visma").native_app()
    print(app.log_in_with_browser(LOGIN_SCOPES).session.fresh_token().generation, flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what opens a browser is replaced as Linux finds it")
def test_r230_the_system_s_own_browser_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opener = tmp_path / "xdg-open"
    opener.write_text(BROWSER.format(python=sys.executable, examples=str(Path(scripted_browser.__file__).parent)))
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("DISPLAY", ":0")
    child = program(WITH_THE_SYSTEMS)
    assert line_of(child) == "1"
    assert child.wait(timeout=20) == 0


INTERRUPTED = """
    import os, signal
    # A shell without job control starts what runs in its background with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from emulator import LOGIN_SCOPES, Emulator
    from loopback import closes, port_of

    app = Emulator(os.environ["GRANTLINE_EMULATOR_URL"], "visma").native_app()
    ports = []

    def show(url):
        ports.append(port_of(url))
        print("waiting", flush=True)

    try:
        app.log_in_with_browser(LOGIN_SCOPES, open_browser=show)
    except KeyboardInterrupt:
        closes(ports[0])
        print("interrupted, and the port is closed", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_f040_ctrl_c_ends_the_login_and_closes_the_port() -> None:
    child = program(INTERRUPTED)
    assert line_of(child) == "waiting"
    child.send_signal(signal.SIGINT)
    assert line_of(child) == "interrupted, and the port is closed"
    assert child.wait(timeout=20) == 0


def test_arguments_of_another_type_are_refused(visma: Emulator) -> None:
    app = visma.native_app()
    wrong: Iterator[dict[str, object]] = iter([{"show_url": "x"}, {"open_browser": "x"}, {"port": 70_000}, {"colour": 1}])
    for arguments in wrong:
        with pytest.raises((TypeError, OverflowError)):
            app.begin_browser_login(LOGIN_SCOPES, **arguments)  # type: ignore[arg-type]


def test_no_secret_in_what_is_printed(visma: Emulator) -> None:
    with visma.native_app().begin_browser_login(LOGIN_SCOPES, open_browser=False) as login:
        assert "state" not in repr(login)
        assert "state" not in str(login)
