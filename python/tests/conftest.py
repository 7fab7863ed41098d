"""The servers that the tests talk to are started by `cargo xtask test python`, which tells their addresses."""

import os

import pytest
from emulator import Emulator

MODES = {"visma": "GRANTLINE_EMULATOR_URL", "standard": "GRANTLINE_EMULATOR_STANDARD_URL"}


@pytest.fixture(params=MODES)
def emulator(request: pytest.FixtureRequest) -> Emulator:
    """The emulator in each of its modes."""
    return Emulator(os.environ[MODES[request.param]], request.param)


@pytest.fixture
def visma() -> Emulator:
    """The emulator as Visma Connect."""
    return Emulator(os.environ[MODES["visma"]], "visma")
