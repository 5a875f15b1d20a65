"""localstripe: somebody else's fake Stripe, as a process of its own in a virtual environment of its own under var/.

It is under the GPL: never imported here, never shipped; we only talk to it over HTTP. It listens on all interfaces and keeps
its state in one file in the temporary directory, so it gets a directory and a port of its own, and one runs at a time.
`./dev test` installs it from tests/peers/localstripe.txt (versions and hashes); run as a module this does just that.
"""

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
import venv
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINS = ROOT / "tests" / "peers" / "localstripe.txt"
BUILD_PINS = PINS.with_name("localstripe-build.txt")
HOME = ROOT / "var" / "peers" / "localstripe"
KEY = "sk_test_localstripe"
_OPTIONS = ("--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes")
_SECONDS_TO_START = 60


class CannotRun(Exception):
    """It could not be installed or started; the message says what it printed."""


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    path = Path(tempfile.gettempdir()) / f"eenplan-localstripe-{os.getuid()}.lock"
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare() -> Path:
    """The program, installed when it is not there in the pinned versions. Raises CannotRun."""
    program, stamp = HOME / "bin" / "localstripe", HOME / "pins"
    wanted = sha256(PINS.read_bytes() + BUILD_PINS.read_bytes() + sys.version.encode() + str(HOME).encode()).hexdigest()
    with _one_at_a_time():
        if stamp.exists() and stamp.read_text() == wanted:
            return program
        shutil.rmtree(HOME, ignore_errors=True)
        venv.create(HOME, with_pip=True)
        # The newest is there as source only: what builds it comes by hash as well, and nothing is fetched beside it.
        _pip("--only-binary", ":all:", "-r", str(BUILD_PINS))
        _pip("--only-binary", ":all:", "--no-binary", "localstripe", "--no-build-isolation", "-r", str(PINS))
        stamp.write_text(wanted)
    return program


def _pip(*arguments: str) -> None:
    done = subprocess.run(
        [HOME / "bin" / "python", "-m", "pip", "install", *_OPTIONS, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CannotRun(f"localstripe could not be installed:\n{done.stderr[-2000:]}")


@contextlib.contextmanager
def running(directory: Path) -> Iterator[str]:
    """Its address, while it runs on a fresh state. Raises CannotRun."""
    program = prepare()
    with _one_at_a_time(), (directory / "localstripe.log").open("wb") as log:
        port = _free_port()
        process = subprocess.Popen(
            [program, "--port", str(port), "--from-scratch"],
            # Its state file goes where the temporary directory is.
            env={"PATH": os.environ.get("PATH", ""), "TMPDIR": str(directory)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(process, port, directory / "localstripe.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def send_webhooks_to(address: str, url: str, secret: str) -> None:
    """Have it post its events, signed with this secret."""
    body = urllib.parse.urlencode({"url": url, "secret": secret}).encode()
    with urllib.request.urlopen(f"{address}/_config/webhooks/tests", data=body, timeout=10) as answer:  # noqa: S310  our own address
        answer.read()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise CannotRun(f"localstripe does not answer:\n{log.read_text(errors='replace')[-2000:]}")


if __name__ == "__main__":
    try:
        prepare()
    except CannotRun as error:
        # The tests that need it fail with the same message; all others can run.
        print(f"tests: {error}", file=sys.stderr)  # noqa: T201  a program that talks to a terminal
