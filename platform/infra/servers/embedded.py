"""PostgreSQL and Valkey as children of this process.

One process holds the lock of a profile and with it the servers. A second one that wants the same profile uses the
running servers (`attach`), or gets servers of its own that are thrown away (tests), or is told to wait.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg

from infra.db import roles
from infra.servers import files
from infra.servers.children import die_with_parent, stop_child, stop_leftover, tail, wait_until
from infra.servers.files import Account, Binaries, Profile, ServerFailed

DATABASE: Final = "eenplan"
_MAJOR: Final = "18"
_START_SECONDS: Final = 30
_POSTGRES_STOP: Final = (signal.SIGINT, signal.SIGQUIT)
_VALKEY_STOP: Final = (signal.SIGTERM,)


class ServersBusy(Exception):
    """Another process of this account holds the servers of this profile."""


@dataclass(slots=True)
class Servers:
    """The running pair. `socket_directory` holds both sockets; only root and the servers' account can enter it."""

    socket_directory: Path
    control: Path
    postgres: subprocess.Popen[bytes] | None = None
    valkey: subprocess.Popen[bytes] | None = None
    versions: dict[str, str] = field(default_factory=dict)

    def url(self, role: str, database: str = DATABASE) -> str:
        """A DATABASE_URL for one login."""
        return f"postgres://{role}@/{database}?host={self.socket_directory}"

    def redis_url(self, number: int = 0) -> str:
        """A REDIS_URL; each user takes two numbers, the second one for the cache."""
        return f"unix://{self.socket_directory}/valkey.sock?db={number}"

    def environment(self, database: str = DATABASE) -> dict[str, str]:
        """The variables that point a process at these servers."""
        return {
            "DATABASE_URL": self.url(roles.APP, database),
            "DATABASE_OWNER_URL": self.url(roles.OWNER, database),
            "DATABASE_WORKER_URL": self.url(roles.WORKER, database),
            "DATABASE_READ_URL": self.url(roles.READ, database),
            "REDIS_URL": self.redis_url(),
            "EENPLAN_SOCKETS": str(self.socket_directory),
        }

    def superuser(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """An autocommit connection of the bootstrap superuser."""
        return connect_superuser(self.socket_directory, database)

    def describe(self) -> str:
        """One line that says what this run runs on."""
        return " and ".join(f"{name} {version}" for name, version in self.versions.items())


def connect_superuser(socket_directory: Path | str, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
    """An autocommit connection of the bootstrap superuser of an embedded server."""
    return psycopg.connect(
        host=str(socket_directory), user="postgres", dbname=database, autocommit=True, connect_timeout=5
    )


def ensure_database(socket_directory: Path | str, name: str = DATABASE, *, tests: bool = False) -> None:
    """Make roles and the empty database with its default grants. Safe to repeat."""
    with connect_superuser(socket_directory) as connection:
        for statement in roles.cluster_sql(tests=tests):
            connection.execute(statement)
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(roles.create_database_sql(name))
    with connect_superuser(socket_directory, name) as connection:
        for statement in roles.database_sql(name):
            connection.execute(statement)


def drop_database(socket_directory: Path | str, name: str = DATABASE) -> None:
    """Drop it, connections and all. A superuser does it: the owner may not end sessions of other roles."""
    with connect_superuser(socket_directory) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def running_servers(
    profile: Profile, *, attach: bool = False, settings: Mapping[str, str] | None = None
) -> Iterator[dict[str, str]]:
    """The environment of running servers with roles and an (unmigrated) database; stopped at the end of the block.

    Variables already set win: when DATABASE_URL and REDIS_URL are both there, nothing is started. `attach` uses the
    servers another process is running, and leaves them running. `settings` are extra server settings for PostgreSQL.

    Raises ServersBusy when another process holds them and `attach` is off, ServerFailed with the server's log.
    """
    own = {name: value for name, value in os.environ.items() if name.endswith("_URL")}
    if "DATABASE_URL" in own and "REDIS_URL" in own:
        yield {}
        return
    with _held(profile, attach=attach, settings=settings or {}) as servers:
        environment = servers.environment()
        if "DATABASE_URL" in own:  # theirs, whole: not our owner beside their app
            environment = {name: value for name, value in environment.items() if not name.startswith("DATABASE")}
        yield {name: value for name, value in environment.items() if name not in own}


@contextlib.contextmanager
def _held(profile: Profile, *, attach: bool, settings: Mapping[str, str]) -> Iterator[Servers]:
    control = files.control_directory()
    _sweep_throwaways(control)
    if profile.throwaway:
        control = Path(tempfile.mkdtemp(prefix=f"throwaway-{os.getpid()}-", dir=control))
        with _locked(control):  # a new directory: nobody else can hold it
            try:
                with _started(profile, control, settings) as servers:
                    yield servers
            finally:
                shutil.rmtree(control, ignore_errors=True)
        return
    control = control / profile.name
    control.mkdir(mode=0o700, exist_ok=True)
    # A start takes under a second; a holder that is just going away gets the time to do so.
    deadline = time.monotonic() + (_START_SECONDS if attach else 2)
    while True:
        with _locked(control) as lock:
            if lock:
                with _started(profile, control, settings) as servers:
                    yield servers
                return
        state = _read_state(control) if attach else None
        if state is not None and state.get("ready"):
            yield Servers(Path(state["sockets"]), control)
            return
        if time.monotonic() > deadline:
            raise ServersBusy(f"process {(_read_state(control) or {}).get('pid', '?')} is using these servers")
        time.sleep(0.05)


@contextlib.contextmanager
def _locked(control: Path) -> Iterator[bool]:
    """Hold the lock of a directory, or not. The kernel lets go of it however this process ends."""
    with (control / "lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _read_state(control: Path) -> dict[str, Any] | None:
    try:
        state: dict[str, Any] = json.loads((control / "state.json").read_text())
    except (OSError, ValueError):
        return None
    return state


def _write_state(control: Path, **state: object) -> None:
    fresh = control / "state.json.new"
    fresh.write_text(json.dumps(state))
    fresh.replace(control / "state.json")


@contextlib.contextmanager
def _started(profile: Profile, control: Path, settings: Mapping[str, str]) -> Iterator[Servers]:
    """Clear what an earlier holder left, start both, stop both. The caller holds the lock."""
    clear_leftovers(control)
    who = files.account()
    found = files.binaries(who)
    sockets = Path(tempfile.mkdtemp(prefix="eenplan-", dir="/tmp"))
    who.own(sockets)
    data = _data_directory(profile, control, who)
    state: dict[str, object] = {"pid": os.getpid(), "sockets": str(sockets), "data": str(data)}
    _write_state(control, **state)
    servers = Servers(sockets, control)
    try:
        _initialise(data, found, who, control, fast=profile.fast)
        _start_postgres(servers, data, found, who, fast=profile.fast, settings=settings)
        _start_valkey(servers, found, who)
        state["valkey_pid"] = servers.valkey.pid if servers.valkey else 0
        _write_state(control, **state)
        ensure_database(sockets, tests=profile.fast)
        _write_state(control, ready=True, **state)
        yield servers
    finally:
        # A second Ctrl-C must not leave one of the two behind.
        for child, signals in ((servers.valkey, _VALKEY_STOP), (servers.postgres, _POSTGRES_STOP)):
            if child is not None:
                stop_child(child, signals)
        shutil.rmtree(sockets, ignore_errors=True)
        if profile.throwaway:
            shutil.rmtree(data, ignore_errors=True)
        (control / "state.json").unlink(missing_ok=True)


def _data_directory(profile: Profile, control: Path, who: Account) -> Path:
    base = files.data_base(who)
    return base / (control.name if profile.throwaway else profile.name)


def _initialise(data: Path, found: Binaries, who: Account, control: Path, *, fast: bool) -> None:
    version = data / "PG_VERSION"
    if version.exists():
        have = version.read_text().strip()
        if have != _MAJOR:
            raise ServerFailed(f"{data} was made by PostgreSQL {have}; this is {_MAJOR}. Remove it to start afresh")
        return
    # Under another name until it is whole, so that an interrupted start leaves nothing half made.
    fresh = data.with_name(f"{data.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    log = control / "initdb.log"
    with log.open("wb") as output:
        done = subprocess.run(
            [
                *(found.postgres / "initdb", "-D", fresh, "-U", "postgres", "-A", "trust", "-E", "UTF8"),
                *("--no-locale", "--locale-provider=builtin", "--locale=C.UTF-8"),
                *(("--no-sync",) if fast else ()),
            ],
            cwd="/",
            env=_server_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
            **who.popen,
        )
    if done.returncode != 0:
        raise ServerFailed(f"initdb ended with {done.returncode}:\n{tail(log)}")
    fresh.rename(data)


def _server_environment() -> dict[str, str]:
    """Nothing of ours reaches the servers: PGDATA, PGOPTIONS and the like would change them."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _spawn(command: list[str], who: Account, log: Path, death: signal.Signals) -> subprocess.Popen[bytes]:
    # A bare descriptor, closed at once: an open file object would be reported as unclosed at the end of a test run.
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        return subprocess.Popen(
            command,
            cwd="/",
            env=_server_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C in the terminal reaches us only; we stop the servers last.
            start_new_session=True,
            preexec_fn=die_with_parent(death),
            **who.popen,
        )
    finally:
        os.close(output)


def _start_postgres(
    servers: Servers, data: Path, found: Binaries, who: Account, *, fast: bool, settings: Mapping[str, str]
) -> None:
    options = {"unix_socket_permissions": "0700", "max_connections": "120", "timezone": "UTC", **settings}
    if fast:
        # autovacuum makes copies of the template three times slower and gets in the way of a drop.
        options = {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
        } | options
    command = [str(found.postgres / "postgres"), "-D", str(data), "-h", "", "-k", str(servers.socket_directory)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    log = servers.control / "postgres.log"
    servers.postgres = child = _spawn(command, who, log, signal.SIGINT)

    def answers() -> bool:
        if child.poll() is not None:
            raise ServerFailed(f"PostgreSQL ended with {child.returncode} while starting:\n{tail(log)}")
        try:
            with connect_superuser(servers.socket_directory) as connection:
                row = connection.execute("SHOW server_version").fetchone()
        except psycopg.OperationalError:
            return False
        servers.versions["PostgreSQL"] = str(row[0]).split()[0] if row else "?"
        return True

    if not wait_until(answers, _START_SECONDS):
        raise ServerFailed(f"PostgreSQL did not answer within {_START_SECONDS} seconds:\n{tail(log)}")


def _start_valkey(servers: Servers, found: Binaries, who: Account) -> None:
    import redis  # here, so that asking for an environment that is already set costs nothing

    path = servers.socket_directory / "valkey.sock"
    log = servers.control / "valkey.log"
    command = [str(found.valkey), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
    command += ["--databases", "64", "--save", "", "--appendonly", "no", "--dir", str(servers.socket_directory)]
    servers.valkey = child = _spawn(command, who, log, signal.SIGTERM)

    def answers() -> bool:
        if child.poll() is not None:
            raise ServerFailed(f"Valkey ended with {child.returncode} while starting:\n{tail(log)}")
        try:
            with redis.Redis(unix_socket_path=str(path)) as client:
                info = client.info("server")
        except redis.exceptions.ConnectionError:
            return False
        if "valkey_version" in info:
            servers.versions["Valkey"] = str(info["valkey_version"])
        else:
            servers.versions["Redis"] = str(info["redis_version"])
        return True

    if not wait_until(answers, _START_SECONDS):
        raise ServerFailed(f"Valkey did not answer within {_START_SECONDS} seconds:\n{tail(log)}")


def clear_leftovers(control: Path) -> None:
    """After a kill -9: stop servers that outlived their supervisor, remove its socket directory."""
    state = _read_state(control)
    if state is None:
        return
    data = Path(str(state.get("data", "")))
    sockets = Path(str(state.get("sockets", "")))
    try:
        postmaster = int((data / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        postmaster = 0
    stop_leftover(postmaster, str(data), _POSTGRES_STOP)
    # Valkey shows its socket as its title.
    stop_leftover(int(state.get("valkey_pid", 0)), str(sockets), _VALKEY_STOP)
    if sockets.name.startswith("eenplan-"):
        shutil.rmtree(sockets, ignore_errors=True)
    (control / "state.json").unlink(missing_ok=True)


def _sweep_throwaways(control: Path) -> None:
    """Remove throw-away servers whose owner was killed."""
    for directory in control.glob("throwaway-*"):
        with contextlib.suppress(FileNotFoundError), _locked(directory) as dead:
            # The directory exists a moment before its owner holds the lock.
            if not dead or time.time() - directory.stat().st_mtime < 10:
                continue
            data = Path(str((_read_state(directory) or {}).get("data", "")))
            clear_leftovers(directory)
            if data.name == directory.name:
                shutil.rmtree(data, ignore_errors=True)
            shutil.rmtree(directory, ignore_errors=True)
