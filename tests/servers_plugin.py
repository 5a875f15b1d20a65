"""Starts PostgreSQL and Valkey before Django reads its settings, and builds the template database.

Loaded by `-p tests.servers_plugin`: pytest-django imports the settings before any conftest, so a conftest would be too
late. The processes of pytest-xdist inherit the environment and return at once.

The template is made by the owner running the real migrations, in a process of its own, and kept between runs under a
name that hashes everything it depends on. Each process tests on a copy of it, as the app.
"""

import atexit
import contextlib
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.servers import Profile, ServersBusy, running_servers
from infra.servers.embedded import connect_superuser, drop_database, ensure_database

ROOT = Path(__file__).resolve().parents[1]
_TEMPLATE_PREFIX = "tpl_"


class TemplateFailed(Exception):
    """The migrations did not run to the end; the message holds what they printed."""


def _fingerprint() -> str:
    """Everything the template is made from: migrations, data they read, roles, versions."""
    digest = hashlib.sha256()
    paths = [ROOT / "requirements.lock", ROOT / "platform" / "infra" / "db" / "roles.py"]
    paths += [ROOT / "platform" / "infra" / "db" / "rls.py", ROOT / "platform" / "config" / "settings" / "base.py"]
    for source in ("platform", "arrangements", "creditors", "citizen_portal"):
        # Migrations, and whatever lies beside them (SQL files).
        paths += sorted(path for path in (ROOT / source).rglob("migrations/**/*") if path.suffix in (".py", ".sql"))
    for path in paths:
        if path.is_file():
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _build_template(sockets: str, environment: dict[str, str]) -> str:
    """The name of a migrated template; made when it does not exist yet."""
    name = f"{_TEMPLATE_PREFIX}{_fingerprint()}"
    with connect_superuser(sockets) as connection:
        existing = [str(row[0]) for row in connection.execute("SELECT datname FROM pg_database").fetchall()]
    if name in existing:
        return name
    for stale in existing:
        # Templates of earlier code, and databases a killed run left behind; this process holds the servers' lock.
        if stale.startswith((_TEMPLATE_PREFIX, "t_")):
            drop_database(sockets, stale)
    # Under another name until every migration ran, so that a failed one is not taken for the template next time.
    unfinished = f"{name}_new"
    ensure_database(sockets, unfinished, tests=True)
    owner = f"postgres://eenplan_owner@/{unfinished}?host={sockets}"
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"],
        cwd=ROOT,
        env={**environment, "DATABASE_OWNER_URL": owner, "EENPLAN_DB_ROLE": "owner"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise TemplateFailed(f"the migrations failed:\n{done.stdout}")
    with connect_superuser(sockets) as connection:
        connection.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    return name


@contextlib.contextmanager
def _servers() -> Iterator[dict[str, str]]:
    """The servers kept for tests, or a pair of our own while another run on this checkout uses those."""
    with contextlib.ExitStack() as stack:
        try:
            environment = stack.enter_context(running_servers(Profile("test", fast=True)))
        except ServersBusy:
            environment = stack.enter_context(running_servers(Profile("test", throwaway=True, fast=True)))
        yield environment


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    if os.environ.get("EENPLAN_TEST_TEMPLATE"):
        return  # a process of xdist: all is running
    # A developer's own DATABASE_URL names data that tests must not touch; a server for tests is asked for by name.
    for name in [name for name in os.environ if name.startswith("DATABASE_") or name in ("REDIS_URL", "CACHE_URL")]:
        del os.environ[name]
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    stack = contextlib.ExitStack()
    # Not at unconfigure: fixtures of the last test may still talk to the servers then.
    atexit.register(stack.close)
    environment = stack.enter_context(_servers())
    sockets = environment["EENPLAN_SOCKETS"]
    try:
        template = _build_template(sockets, {**os.environ, **environment})
    except TemplateFailed as failure:
        # Tests of pure code can still run; the first one that wants the database shows the whole message.
        template, os.environ["EENPLAN_TEST_TEMPLATE_ERROR"] = "none", str(failure)
    os.environ.update(environment)
    os.environ["EENPLAN_TEST_TEMPLATE"] = template
    # In-process tests act as the app, and as the worker where they say so; the login itself has no rights at all.
    os.environ["EENPLAN_TEST_ASSUME_ROLE"] = "1"
    os.environ["DATABASE_URL"] = f"postgres://eenplan_test@/not_copied_yet?host={sockets}"


def pytest_report_header() -> list[str]:
    sockets = os.environ.get("EENPLAN_SOCKETS")
    if not sockets:
        return []
    import redis

    with connect_superuser(sockets) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    with redis.Redis(unix_socket_path=f"{sockets}/valkey.sock") as client:
        info = client.info("server")
    broker = f"Valkey {info['valkey_version']}" if "valkey_version" in info else f"Redis {info['redis_version']}"
    return [f"servers: PostgreSQL {str(row[0]).split()[0] if row else '?'} and {broker}, embedded"]
