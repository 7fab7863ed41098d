"""The servers that the tests talk to are started by `cargo xtask test python`, which tells their addresses."""

import os
import sys
from pathlib import Path

import pytest
from emulator import Emulator

MODES = {"visma": "GRANTLINE_EMULATOR_URL", "standard": "GRANTLINE_EMULATOR_STANDARD_URL"}
DATABASES = {"redis": "GRANTLINE_REDIS_URL", "postgres": "GRANTLINE_POSTGRES_URL"}
ON_UNIX = pytest.mark.skipif(sys.platform == "win32", reason="these servers are started on Unix only")


@pytest.fixture(params=MODES)
def emulator(request: pytest.FixtureRequest) -> Emulator:
    """The emulator in each of its modes."""
    return Emulator(os.environ[MODES[request.param]], request.param)


@pytest.fixture
def visma() -> Emulator:
    """The emulator as Visma Connect."""
    return Emulator(os.environ[MODES["visma"]], "visma")


@pytest.fixture(params=["sqlite", *(pytest.param(name, marks=ON_UNIX) for name in DATABASES)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where sessions are kept that processes share: `emulator.persistent` makes a client of it."""
    return os.environ[DATABASES[request.param]] if request.param in DATABASES else str(tmp_path)
