"""The shape of the tree: what stands where, and that Python still finds its own `platform`."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: Everything that may stand at the top of the tree; a new directory gets a place here and in the layers, or fails.
TOP = {"affordability", "arrangements", "citizen_portal", "creditors", "platform", "tests"}
UNDER_PLATFORM = {"accounts", "config", "infra", "kernel"}


def _tracked() -> list[str]:
    """Files of the product: what git would commit. Without git (a source archive), what is on disk."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607  whichever git there is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]
    made = {".venv", "var", "node_modules", "__pycache__"}
    files = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return [str(path) for path in files if not made & set(path.parts)]


def _directories(under: Path) -> set[str]:
    base = under.relative_to(ROOT)
    names = set()
    for name in _tracked():
        path = Path(name)
        if path.is_relative_to(base) and len(path.relative_to(base).parts) > 1:
            names.add(path.relative_to(base).parts[0])
    return {name for name in names if not name.startswith(".")}


def _configuration() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_platform_is_a_source_root_and_no_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()


@pytest.mark.parametrize("place", [".", "platform", "tests"])
def test_python_finds_its_own_platform_module_from_everywhere(place: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.python_version())"],
        cwd=ROOT / place,
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.fullmatch(r"3\.\d+\.\d+\S*", said.stdout.strip())


def test_every_directory_at_the_top_has_its_place() -> None:
    assert _directories(ROOT) <= TOP
    assert _directories(ROOT / "platform") <= UNDER_PLATFORM


def test_every_package_stands_in_the_layers_and_in_the_wheel() -> None:
    tool = _configuration()["tool"]
    assert isinstance(tool, dict)
    layers = next(contract for contract in tool["importlinter"]["contracts"] if contract["id"] == "top")["layers"]
    placed = {module.strip(" ()").split(".")[0] for layer in layers for module in layer.split("|")}
    packages = (TOP - {"platform", "tests"}) | UNDER_PLATFORM
    assert placed == packages
    assert set(tool["importlinter"]["root_packages"]) == packages
    wheel = set(tool["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert wheel == (TOP - {"platform", "tests"}) | {f"platform/{name}" for name in UNDER_PLATFORM}


def test_no_file_of_somebody_elses_is_committed() -> None:
    """Style sheets, fonts and scripts of others come from npm at set-up, with their licences."""
    foreign = [name for name in _tracked() if name.endswith((".woff2", ".min.js", ".min.css"))]
    assert foreign == []


def test_no_module_asks_the_machine_for_the_date() -> None:
    """Today is a business date (infra.clock); only the clock itself may look at the machine's."""
    pattern = re.compile(r"\b(?:date|datetime)\.today\(|\bdatetime\.(?:now|utcnow)\(")
    allowed = {"platform/infra/clock.py"}
    found = [
        name
        for name in _tracked()
        if name.endswith(".py")
        and not name.startswith("tests/")
        and name not in allowed
        and pattern.search((ROOT / name).read_text(encoding="utf-8"))
    ]
    assert found == []
