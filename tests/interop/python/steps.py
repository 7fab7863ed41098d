"""How a judge says what it found: a line for each step, and an exit code."""

from __future__ import annotations

from collections.abc import Callable


def run(steps: dict[str, Callable[[], object]]) -> int:
    """Runs every step, whatever became of those before it, and answers the exit code."""
    failures = 0
    for name, step in steps.items():
        try:
            step()
        except Exception as error:
            failures += 1
            print(f"FAILED  {name}: {type(error).__name__}: {' '.join(str(error).split())}", flush=True)
        else:
            print(f"ok      {name}", flush=True)
    return 0 if failures == 0 else 1


def expect(condition: object, otherwise: str) -> None:
    """Fails unless the condition holds."""
    if not condition:
        raise AssertionError(otherwise)
