"""What `./dev` calls: `python -m infra.servers demo|manage|exec …`."""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from infra.servers import ProcessDied, Processes, Profile, ServerFailed, ServersBusy, running_servers
from infra.servers.embedded import drop_database, ensure_database
from infra.servers.files import CHECKOUT, control_directory

_DEVELOPMENT: Final = Profile("dev")
_THROWAWAY: Final = Profile("throwaway", throwaway=True, fast=True)
_PORT: Final = 8000


class CommandFailed(Exception):
    """A command run on the way ended with an error; it has said itself which."""

    def __init__(self, command: str, code: int) -> None:
        super().__init__(f"{command} ended with {code}")
        self.code = code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the words; gives the exit code."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    signal.signal(signal.SIGHUP, _as_interrupt)
    parser = argparse.ArgumentParser(prog="./dev")
    words = parser.add_subparsers(dest="word", required=True)
    demo = words.add_parser("demo", help="start everything and print where it is")
    demo.add_argument("--check", action="store_true", help="walk the whole main job on a fresh database, then stop")
    demo.add_argument("--fresh", action="store_true", help="throw the demo's data away first")
    demo.add_argument(
        "--port", type=int, default=None, help=f"port of the site (default {_PORT}, or the next free one)"
    )
    demo.add_argument("--quiet", action="store_true", help="do not show what the processes print")
    demo.add_argument("--verbose", action="store_true", help="show it, with --check as well")
    for word, text in (
        ("manage", "manage.py with the servers of the demo"),
        ("exec", "any command with fresh throw-away servers"),
    ):
        words.add_parser(word, help=text).add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)
    try:
        if given.word in ("manage", "exec"):
            command = given.command[1:] if given.command[:1] == ["--"] else given.command
            return _manage(command) if given.word == "manage" else _exec(command)
        if given.check:
            return _demo_check(given.port or 0, quiet=not given.verbose)
        return _demo(given.port, fresh=given.fresh, quiet=given.quiet)
    except CommandFailed as failure:
        print(f"stopped: {failure}", file=sys.stderr)
        return failure.code or 1
    except (ServerFailed, ServersBusy, ProcessDied, OSError) as failure:
        print(f"stopped: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM and a closed terminal stop everything the way Ctrl-C does."""
    raise KeyboardInterrupt


def _run(environment: Mapping[str, str], *command: str, role: str | None = None) -> int:
    """Run to the end in the foreground; gives the exit code."""
    extra = {"EENPLAN_DB_ROLE": role} if role else {}
    process = subprocess.Popen(command, cwd=CHECKOUT, env={**os.environ, **environment, **extra})
    try:
        return process.wait()
    except KeyboardInterrupt:
        # The terminal has told the child too; a kill of us alone has not.
        process.terminate()
        process.wait(10)
        raise


def _must(environment: Mapping[str, str], *arguments: str, role: str | None = None) -> None:
    """manage.py, which has to succeed. CommandFailed otherwise."""
    code = _run(environment, sys.executable, "manage.py", *arguments, role=role)
    if code:
        raise CommandFailed(f"manage.py {' '.join(arguments)}", code)


def _demo_environment(environment: Mapping[str, str]) -> dict[str, str]:
    settings = os.environ.get("DJANGO_SETTINGS_MODULE", "config.settings.demo")
    return {**environment, "DJANGO_SETTINGS_MODULE": settings}


def _manage(command: Sequence[str]) -> int:
    with running_servers(_DEVELOPMENT, attach=True) as environment:
        return _run(_demo_environment(environment), sys.executable, "manage.py", *command)


def _exec(command: Sequence[str]) -> int:
    with running_servers(_THROWAWAY) as environment:
        return _run(environment, *command)


def _say_servers(environment: Mapping[str, str]) -> None:
    """One line that says what this run runs on; a green run is worth what it ran on."""
    import psycopg
    import redis

    names = {**os.environ, **environment}
    with psycopg.connect(names["DATABASE_URL"], connect_timeout=10) as database:
        postgres = (database.info.parameter_status("server_version") or "?").split()[0]
    with redis.Redis.from_url(names["REDIS_URL"]) as client:
        info = client.info("server")
    broker = f"Valkey {info['valkey_version']}" if "valkey_version" in info else f"Redis {info['redis_version']}"
    where = "embedded" if environment else "as DATABASE_URL and REDIS_URL say"
    print(f"PostgreSQL {postgres} and {broker} ({where}), Python {sys.version.split()[0]}", flush=True)


@contextmanager
def _site(
    environment: Mapping[str, str], control: Path, port: int | None, *, quiet: bool
) -> Iterator[tuple[str, Processes]]:
    """Migrated, loaded, and all three processes up; gives the address."""
    _say_servers(environment)
    _must(environment, "migrate", "--no-input", "--verbosity", "0", role="owner")
    # The letters and pay links of the cast name the address the site will have; a free port is looked for from _PORT on.
    _must({**environment, "SITE_BASE_URL": f"http://127.0.0.1:{port or _PORT}"}, "load_demo", role="worker")
    with Processes(environment, quiet=quiet) as processes:
        address = _start_web(processes, port)
        processes.start_worker(environment={"SITE_BASE_URL": address})
        processes.start_beat(control / "beat-schedule")
        yield address, processes


def _start_web(processes: Processes, port: int | None) -> str:
    if port is not None:
        try:
            return processes.start_web(port)
        except OSError as taken:
            raise ServersBusy(f"port {port} is taken ({taken.strerror}); choose another with --port") from taken
    for candidate in range(_PORT, _PORT + 10):
        try:
            return processes.start_web(candidate)
        except OSError:
            continue
    raise ServersBusy(f"ports {_PORT} to {_PORT + 9} are all taken; choose one with --port")


def _demo(port: int | None, *, fresh: bool, quiet: bool) -> int:
    with running_servers(_DEVELOPMENT) as servers:
        environment = _demo_environment(servers)
        if fresh:
            sockets = servers.get("EENPLAN_SOCKETS")
            if not sockets or "DATABASE_URL" not in servers:
                raise ServersBusy("--fresh drops the embedded database only; DATABASE_URL names another")
            drop_database(sockets)
            ensure_database(sockets)
        with _site(environment, control_directory(), port, quiet=quiet) as (address, processes):
            print(f"\nEén Plan runs on {address}\n", flush=True)
            _must({**environment, "SITE_BASE_URL": address}, "demo_links")
            print("\nCtrl-C stops everything.", flush=True)
            processes.run()
    return 0


def _demo_check(port: int, *, quiet: bool) -> int:
    # An own pair of servers, whatever the environment says: the check starts from nothing and leaves nothing.
    for name in [name for name in os.environ if name.startswith(("DATABASE_", "REDIS_URL", "CACHE_URL"))]:
        del os.environ[name]
    with running_servers(_THROWAWAY) as servers:
        environment = _demo_environment(servers)
        control = Path(servers["EENPLAN_SOCKETS"])
        with _site(environment, control, port, quiet=quiet) as (address, processes):
            code = _run(
                {**environment, "SITE_BASE_URL": address},
                *(sys.executable, "manage.py", "demo_check", "--base-url", address),
            )
            processes.check()
            if code and quiet:
                for name in ("web", "worker"):
                    print(f"\nlast lines of {name}:\n{processes.log(name, 40)}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
