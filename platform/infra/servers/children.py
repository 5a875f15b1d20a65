"""Child processes that never outlive us, and strangers' leftovers that look like ours."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
# Loaded before any fork: loading a library between fork and exec may hang.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: Linux sends `number` to the child when the thread that started it ends, also by kill -9.

    Start such children from the main thread. Elsewhere None; pid files are the second line of defence.
    """
    if _LIBC is None:
        return None
    libc, value, parent = _LIBC, int(number), os.getpid()

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, value, 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and here
            os._exit(1)

    return ask


def command_line(pid: int) -> str:
    """The command line of a process; empty when there is none, or when it is a zombie nobody collects."""
    proc = Path("/proc")
    if (proc / "self").exists():
        try:
            # The state is the first word after the name, which may hold spaces and brackets itself.
            if (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] in "ZX":
                return ""
            return (proc / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (OSError, IndexError):
            return ""
    found = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)],  # noqa: S607  ps stands in different places
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip()


def stop_leftover(pid: int, mark: str, signals: tuple[signal.Signals, ...]) -> bool:
    """Stop process `pid` when its command line holds `mark`. True when it was ours and is gone.

    Each signal gets five seconds, SIGKILL comes last. A number that now belongs to somebody else is left alone.
    """
    if pid <= 1 or mark not in command_line(pid):
        return False
    for number in (*signals, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return True
        if wait_until(lambda: mark not in command_line(pid), 5):
            return True
    return False


def stop_child(child: subprocess.Popen[bytes], signals: tuple[signal.Signals, ...], seconds: float = 10) -> None:
    """Stop our own child: each signal gets its time, SIGKILL comes last."""
    for number in (*signals, signal.SIGKILL):
        if child.poll() is not None:
            return
        child.send_signal(number)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll every 10 ms; whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def tail(path: Path, lines: int = 30) -> str:
    """The end of a log, for a message."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"
