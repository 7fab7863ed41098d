"""A forked child has none of its parent's threads: it is told so at once, and a client of its own works."""

import os
import subprocess
import sys
import textwrap

import pytest

CHILD = """
import os, sys
from grantline import Client, MisuseError, Provider, ServiceApp, TenantChoice

provider = Provider.visma_connect_at(os.environ["GRANTLINE_EMULATOR_URL"])

def app(**more):
    return ServiceApp(provider, "isv_service", client_secret="service-secret", **more)

def ask(app, tenant):
    return app.token(TenantChoice.tenant(tenant), ["visma_api:read"])

parents = app()
first = ask(parents, "11111111-1111-4111-8111-111111111111")
child = os.fork()
if child == 0:
    try:
        ask(parents, "22222222-2222-4222-8222-222222222222")
        os._exit(1)
    except MisuseError as error:
        if error.code != "client_of_parent_process":
            os._exit(2)
    for of_its_own in (app(), app(client=Client())):
        if ask(of_its_own, "22222222-2222-4222-8222-222222222222").expose_secret() == first.expose_secret():
            os._exit(3)
    os._exit(0)
_, status = os.waitpid(child, 0)
ask(parents, "22222222-2222-4222-8222-222222222222")
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_makes_a_client_of_its_own() -> None:
    script = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(CHILD)]
    ended = subprocess.run(script, timeout=60, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
