"""Web, worker and beat as children: prefixed output, all or nothing."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from infra.servers.children import die_with_parent, stop_child, wait_until
from infra.servers.files import CHECKOUT

_STOP: Final = (signal.SIGTERM, signal.SIGINT)


class ProcessDied(Exception):
    """A child ended by itself, or did not get ready; the message ends with its last lines."""


class _Child:
    """One process, its last lines, and a thread that prints them as they come."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], *, quiet: bool) -> None:
        self.name = name
        self.process = process
        self.lines: deque[str] = deque(maxlen=400)
        self._quiet = quiet
        self._seen = threading.Event()
        self._wanted: re.Pattern[str] | None = None
        self._thread = threading.Thread(target=self._read, name=f"log of {name}", daemon=True)

    def watch_for(self, pattern: str | None) -> None:
        """Start reading; `pattern` is the line that says the process is ready."""
        self._wanted = re.compile(pattern) if pattern else None
        if self._wanted is None:
            self._seen.set()
        self._thread.start()

    def _read(self) -> None:
        if self.process.stdout is None:
            return
        with self.process.stdout as stream:
            for raw in stream:
                line = raw.decode(errors="replace").rstrip()
                self.lines.append(line)
                if self._wanted and self._wanted.search(line):
                    self._seen.set()
                if not self._quiet:
                    print(f"{self.name:>7} | {line}", flush=True)

    @property
    def ready(self) -> bool:
        return self._seen.is_set()

    def died(self, what: str) -> ProcessDied:
        self._thread.join(2)
        last = "\n".join(list(self.lines)[-40:]) or "(it printed nothing)"
        return ProcessDied(f"{self.name} {what}. Its last lines:\n{last}")


class Processes:
    """Children that live and die together. Use as a context manager, from the main thread.

    Stops in the order web, beat, worker: first nobody gives new work, then the work at hand is finished.
    """

    _ORDER: Final = ("web", "beat", "worker")

    def __init__(self, environment: Mapping[str, str], *, quiet: bool = False) -> None:
        self._environment = {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            # In a container everybody is root; accepting JSON only, the worker is not in the danger this is about.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
            **environment,
        }
        self._quiet = quiet
        self._children: list[_Child] = []
        self._listener: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(
        self,
        name: str,
        command: list[str],
        *,
        ready: str | None = None,
        seconds: float = 60,
        environment: Mapping[str, str] | None = None,
        pass_fds: tuple[int, ...] = (),
    ) -> subprocess.Popen[bytes]:
        """Start one child and wait for the line that matches `ready`. ProcessDied when it does not come."""
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env={**self._environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
            pass_fds=pass_fds,
        )
        child = _Child(name, process, quiet=self._quiet)
        self._children.append(child)
        child.watch_for(ready)
        if not wait_until(lambda: child.ready or process.poll() is not None, seconds):
            raise child.died(f"was not ready within {seconds:.0f} seconds")
        # Its last line may still be in the pipe when the process is already gone: not ready counts, not gone.
        if process.poll() is not None:
            raise child.died(f"ended with {process.returncode} while starting")
        return process

    def start_web(self, port: int) -> str:
        """Gunicorn on 127.0.0.1, two processes of four threads; gives the address. OSError when the port is taken.

        Port 0 takes a free one. The socket is opened here and handed over, so nobody can take the port in between.
        """
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            listener.close()
            raise
        listener.listen(128)
        self._listener = listener
        command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"fd://{listener.fileno()}"]
        command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--graceful-timeout", "10"]
        # It would stand in the home directory, shared by all.
        command += ["--no-control-socket"]
        # Workers beat in memory; on disk a slow machine can make them look dead.
        command += ["--worker-tmp-dir", "/dev/shm"] if Path("/dev/shm").is_dir() else []  # noqa: S108  gunicorn's own file
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.start(
            "web",
            command,
            ready="Booting worker",
            environment={"SITE_BASE_URL": address, "EENPLAN_DB_ROLE": "app"},
            pass_fds=(listener.fileno(),),
        )
        # Its workers import the application after the fork; only a page proves that they could.
        port = int(listener.getsockname()[1])
        if not wait_until(lambda: self._answers(port), 60):
            raise self._children[-1].died("gave no page within 60 seconds")
        return address

    def _answers(self, port: int) -> bool:
        self.check()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/gezond/")
            return connection.getresponse().status in (200, 503)
        except OSError:
            return False
        finally:
            connection.close()

    def start_worker(self, *, concurrency: int = 2, environment: Mapping[str, str] | None = None) -> int:
        """Celery's worker on the connection of the worker role; gives its process id."""
        command = [sys.executable, "-m", "celery", "--quiet", "-A", "config.worker", "worker", "--pool", "prefork"]
        command += ["--concurrency", str(concurrency), "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        return self.start("worker", command, ready=r"\bready\.", environment=environment).pid

    def start_beat(self, schedule: Path) -> int:
        """Celery's beat; `schedule` is the file it keeps its own times in."""
        command = [
            sys.executable,
            "-m",
            "celery",
            "--quiet",
            "-A",
            "config.worker",
            "beat",
            "--schedule",
            str(schedule),
        ]
        command += ["--pidfile", "", "--loglevel", "INFO"]
        return self.start("beat", command, ready=r"beat: Starting").pid

    def log(self, name: str, lines: int = 60) -> str:
        """The last lines of a child."""
        return "\n".join(line for child in self._children if child.name == name for line in list(child.lines)[-lines:])

    def check(self) -> None:
        """ProcessDied when one of them ended."""
        for child in self._children:
            if child.process.poll() is not None:
                raise child.died(f"ended with {child.process.returncode}")

    def run(self) -> None:
        """Stay until a child ends (ProcessDied) or the caller is interrupted (KeyboardInterrupt)."""
        while True:
            self.check()
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop all that still run."""
        order = {name: position for position, name in enumerate(self._ORDER)}
        for child in sorted(self._children, key=lambda child: order.get(child.name, 0)):
            stop_child(child.process, _STOP)
        for child in self._children:
            child._thread.join(2)  # noqa: SLF001  its own class, two pages up
        self._children.clear()
        if self._listener is not None:
            self._listener.close()
            self._listener = None
