"""Shared fixtures: where the samples are, and when their absence is an error."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# The same examples on every machine, however slow or busy it is.
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT.parent / "shared" / "samples"
#: The checker of accessibility that runs in a page.
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


def required(what: str, present: bool) -> None:
    """Skip a test that needs what is not here; where CI is set, fail instead."""
    if present:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is required when CI=true")
    pytest.skip(f"{what} is not here")


@pytest.fixture(scope="session")
def samples() -> Path:
    """Return the folder of real logs, which is not part of the repository."""
    required(f"the folder of real logs {SAMPLES.name!r}", SAMPLES.is_dir())
    return SAMPLES


@pytest.fixture(scope="session")
def sample_logs() -> Path:
    """Return the folder of synthetic logs."""
    return ROOT / "sample_logs"


@pytest.fixture(scope="module")
def truths(sample_logs: Path) -> dict[str, Any]:
    """Return what is true of each synthetic log, by its name."""
    files: dict[str, Any] = json.loads((sample_logs / "truth.json").read_text("utf-8"))["files"]
    return files


@pytest.fixture(autouse=True)
def no_key_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test depend on keychains or zones that are kept on the computer it runs on."""
    monkeypatch.setenv("DJI_AUDIT_KEY_STORE", "none")
    monkeypatch.setenv("DJI_AUDIT_ZONE_STORE", "none")
