"""A database, a broker and workers of one's own, to be killed and brought back."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import redis

from infra.db import roles
from infra.servers import Processes, Profile, ServerFailed, embedded, files
from infra.servers.embedded import Servers, ensure_database

#: With every guarantee of durability: a killed server has to keep what it acknowledged.
_PROFILE = Profile("drill", throwaway=True)
_DATABASE = "drill"


class Machine:
    """Servers and workers. Everything is stopped and thrown away at the end of `Machine.running()`."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._account = files.account()
        self._data = embedded._data_directory(_PROFILE, servers.control, self._account)
        self.environment = {
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "DATABASE_URL": f"postgres://eenplan_test@/{_DATABASE}?host={servers.socket_directory}",
            "DATABASE_WORKER_URL": servers.url("eenplan_worker", _DATABASE),
            "DATABASE_OWNER_URL": servers.url("eenplan_owner", _DATABASE),
            "DATABASE_READ_URL": servers.url("eenplan_read", _DATABASE),
            "REDIS_URL": servers.redis_url(2),
            "EENPLAN_SOCKETS": str(servers.socket_directory),
            "EENPLAN_TEST_ASSUME_ROLE": "1",
            "SWEEP_SECONDS": "1",
        }
        self._workers: Processes | None = None
        self.worker_pid = 0

    @classmethod
    @contextlib.contextmanager
    def running(cls, schedule: Path) -> Iterator["Machine"]:
        """Fresh servers with a migrated, empty database, and a worker with beat."""
        with embedded._held(_PROFILE, attach=False, settings={}) as servers:
            machine = cls(servers)
            ensure_database(servers.socket_directory, _DATABASE, tests=True)
            with servers.superuser() as connection:
                connection.execute(f'GRANT CONNECT ON DATABASE "{_DATABASE}" TO {roles.TEST}')
            machine._migrate()
            machine._schedule = schedule
            try:
                yield machine
            finally:
                machine.stop_worker()

    def _migrate(self) -> None:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"],
            cwd=files.CHECKOUT,
            env={**os.environ, **self.environment, "EENPLAN_TEST_ASSUME_ROLE": "0", "EENPLAN_DB_ROLE": "owner"},
            check=True,
        )

    _schedule: Path

    # --- workers ---------------------------------------------------------------------------------------------------

    def start_worker(self) -> None:
        """A worker of two processes, with beat inside: the sweeper comes every second."""
        self._workers = Processes(
            {**self.environment, "EENPLAN_TEST_ASSUME_ROLE": "0", "EENPLAN_DB_ROLE": "worker"}, quiet=True
        )
        command = [sys.executable, "-m", "celery", "-A", "config.worker", "worker", "--pool", "prefork"]
        command += ["--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
        command += ["--beat", "--schedule", str(self._schedule), "--pidfile", ""]
        self.worker_pid = self._workers.start("worker", command).pid

    def kill_worker(self) -> None:
        """SIGKILL for the worker and all its children at once, then a new one, as a supervisor does."""
        with contextlib.suppress(psutil.NoSuchProcess):
            family = [psutil.Process(self.worker_pid), *psutil.Process(self.worker_pid).children(recursive=True)]
            for one in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.send_signal(signal.SIGKILL)
        if self._workers is not None:
            self._workers.stop()
        self.start_worker()

    def stop_worker(self) -> None:
        if self._workers is not None:
            self._workers.stop()
            self._workers = None

    # --- servers ---------------------------------------------------------------------------------------------------

    def kill_postgres(self) -> float:
        """SIGKILL for the postmaster; started again at once, as a supervisor does. How many seconds until it answered."""
        child = self._servers.postgres
        assert child is not None
        begin = time.monotonic()
        child.kill()
        child.wait()
        while True:
            # As long as processes of the old one hold the data, the first tries are refused.
            try:
                embedded._start_postgres(
                    self._servers, self._data, files.binaries(self._account), self._account, fast=False, settings={}
                )
            except ServerFailed:
                if time.monotonic() - begin > 30:
                    raise
                time.sleep(0.1)
            else:
                return time.monotonic() - begin

    def flush_valkey(self) -> None:
        """The whole queue is gone."""
        with redis.Redis.from_url(self.environment["REDIS_URL"]) as client:
            client.flushall()

    def restart_valkey(self, seconds: float) -> None:
        """The broker is away for so many seconds, and comes back empty."""
        child = self._servers.valkey
        assert child is not None
        child.kill()
        child.wait()
        time.sleep(seconds)
        embedded._start_valkey(self._servers, files.binaries(self._account), self._account)
