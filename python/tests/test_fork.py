"""A forked child has none of its parent's threads, and goes on with its parent's objects all the same."""

import os
import subprocess
import sys
import textwrap

import pytest

CHILD = """
import os, sys
from grantline import Client, Provider, ServiceApp, TenantChoice

provider = Provider.visma_connect_at(os.environ["GRANTLINE_EMULATOR_URL"])

def app(**more):
    return ServiceApp(provider, "isv_service", client_secret="service-secret", **more)

def ask(app, tenant):
    return app.token(TenantChoice.tenant(tenant), ["visma_api:read"])

parents = app()
first = ask(parents, "11111111-1111-4111-8111-111111111111")
child = os.fork()
if child == 0:
    for working in (parents, app(), app(client=Client())):
        if ask(working, "11111111-1111-4111-8111-111111111111").expose_secret() == first.expose_secret():
            os._exit(1)
    os._exit(0)
_, status = os.waitpid(child, 0)
ask(parents, "22222222-2222-4222-8222-222222222222")
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_gets_tokens_of_its_own_through_its_parent_s_application() -> None:
    script = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(CHILD)]
    ended = subprocess.run(script, timeout=60, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
