"""A real Celery worker for tests: prefork, on the worker role, on this process's database and queue."""

import os
import signal
import sys
from pathlib import Path

from infra.servers import Processes
from infra.servers.children import wait_until
from tests.support.databases import queue_is_quiet


class Worker:
    """One worker process, with beat inside unless told otherwise. Start it from the main thread."""

    def __init__(self, schedule: Path, *, concurrency: int = 1, beat: bool = True) -> None:
        # Without the test login: the worker connects as the worker role, as it does in production.
        self._processes = Processes({"EENPLAN_TEST_ASSUME_ROLE": "0", "EENPLAN_DB_ROLE": "worker"}, quiet=True)
        self._schedule = schedule
        self._concurrency = concurrency
        self._beat = beat
        #: Set before the start: a queue that no other worker of this process listens to.
        self.queue = ""
        self.pid = 0

    def start(self) -> "Worker":
        """Start and wait until it takes work. ProcessDied with its log otherwise."""
        command = [sys.executable, "-m", "celery", "-A", "config.worker", "worker", "--pool", "prefork"]
        command += ["--concurrency", str(self._concurrency), "--loglevel", "INFO"]
        command += ["--without-gossip", "--without-mingle", "--hostname", f"test-{os.getpid()}@localhost"]
        if self.queue:
            command += ["--queues", self.queue]
        if self._beat:
            command += ["--beat", "--schedule", str(self._schedule), "--pidfile", ""]
        self.pid = self._processes.start("worker", command, ready=r"\bready\.").pid
        return self

    def log(self) -> str:
        """What it printed last."""
        return self._processes.log("worker")

    def children(self) -> list[int]:
        """Process ids of the pool's children (and of beat)."""
        import psutil

        return [child.pid for child in psutil.Process(self.pid).children(recursive=True)]

    def kill(self) -> None:
        """SIGKILL for the whole worker, children first gone to nobody: as when a machine loses power."""
        family = [self.pid, *self.children()]
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._processes.stop()

    def quiet(self, seconds: float = 10) -> bool:
        """Wait until the queue is empty and nothing is being done."""
        return wait_until(queue_is_quiet, seconds)

    def stop(self) -> None:
        """A warm stop: finish the work at hand."""
        self._processes.stop()
