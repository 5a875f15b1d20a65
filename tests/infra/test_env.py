"""What the environment says becomes what Django and Celery need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env

ROOT = Path(__file__).resolve().parents[2]
_FOUR = {variable: f"postgres://{role}@db.example/x" for role, variable in env.DATABASE_VARIABLES.items()}


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.endswith("_URL") or name.startswith("EENPLAN_"):
            monkeypatch.delenv(name)


@pytest.mark.parametrize("role", ["app", "owner", "worker", "read"])
def test_each_role_has_its_own_address(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _FOUR.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("EENPLAN_DB_ROLE", role)
    settings = env.database(all_required=True)
    assert settings["USER"] == role
    assert "assume_role" not in settings["OPTIONS"]
    assert not settings.get("ASSUME_ROLE")


def test_an_unknown_role_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EENPLAN_DB_ROLE", "superuser")
    with pytest.raises(ImproperlyConfigured, match="superuser"):
        env.database()


@pytest.mark.parametrize(("role", "switches"), [("app", True), ("worker", True), ("owner", False), ("read", False)])
def test_one_address_for_all_means_assumed_roles_and_no_pool(
    role: str, switches: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me@db.example/x")
    monkeypatch.setenv("EENPLAN_DB_ROLE", role)
    settings = env.database(pool=True)
    assert settings["OPTIONS"] == {"assume_role": f"eenplan_{role}"}
    assert settings["ASSUME_ROLE"] is switches


def test_production_names_every_missing_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me@db.example/x")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_OWNER_URL, DATABASE_WORKER_URL, DATABASE_READ_URL"):
        env.database(all_required=True)


def test_the_web_gets_a_pool_and_the_worker_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _FOUR.items():
        monkeypatch.setenv(name, value)
    assert "pool" in env.database(pool=True)["OPTIONS"]
    monkeypatch.setenv("EENPLAN_DB_ROLE", "worker")
    assert "pool" not in env.database(pool=True)["OPTIONS"]


@pytest.mark.parametrize(
    ("redis", "broker", "cache"),
    [
        ("unix:///run/r.sock?db=4", "redis+socket:///run/r.sock?virtual_host=4", "unix:///run/r.sock?db=5"),
        ("unix:///run/r.sock", "redis+socket:///run/r.sock?virtual_host=0", "unix:///run/r.sock?db=1"),
        ("redis://host:6379/2", "redis://host:6379/2", "redis://host:6379/3"),
        ("rediss://:word@host:6379", "rediss://:word@host:6379", "rediss://:word@host:6379/1"),
    ],
)
def test_one_redis_address_gives_broker_and_cache(redis: str, broker: str, cache: str) -> None:
    assert env.broker_url(redis) == broker
    assert env.cache_url(redis) == cache


@pytest.mark.parametrize("module", ["dev", "demo", "test"])
def test_settings_import_without_any_variable(module: str) -> None:
    code = f"from config.settings import {module} as s; assert s.SECRET_KEY and s.MATCH_KEY_SECRET"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={"PATH": os.environ["PATH"]}, check=True)


def test_production_starts_with_nothing_left_to_guess() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings.production"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "production needs" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "role"),
    [
        (["migrate"], "owner"),
        (["load_demo"], "worker"),
        (["advance", "--months", "3"], "worker"),
        (["shell"], "app"),
        ([], "app"),
    ],
)
def test_a_command_runs_in_the_role_it_needs(arguments: list[str], role: str) -> None:
    assert env.role_for_command(arguments) == role
