"""What the environment says: databases, broker, cache, secrets. The only reader of environment variables for settings.

One process has one database connection and one role. `EENPLAN_DB_ROLE` (app, owner, worker or read) chooses the URL:

    app     DATABASE_URL            web
    owner   DATABASE_OWNER_URL      migrations
    worker  DATABASE_WORKER_URL     Celery worker and beat, loading of data
    read    DATABASE_READ_URL       support and figures

In development DATABASE_URL alone is enough when its login is a member of the four roles: then the role is assumed
after connecting. Anyone who can run SQL can undo that, so production refuses to start without all four.
"""

import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit, urlunsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT: Final = Path(__file__).resolve().parents[2]
VAR: Final = ROOT / "var"

DATABASE_VARIABLES: Final[Mapping[str, str]] = {
    "app": "DATABASE_URL",
    "owner": "DATABASE_OWNER_URL",
    "worker": "DATABASE_WORKER_URL",
    "read": "DATABASE_READ_URL",
}

# Which role a management command needs; everything else runs as the app does.
_COMMAND_ROLES: Final[Mapping[str, str]] = {
    "makemigrations": "owner",
    "migrate": "owner",
    "showmigrations": "owner",
    "sqlmigrate": "owner",
    "advance": "worker",
    "check_books": "worker",
    "export_ledger": "worker",
    "reconcile": "worker",
    "check_norms": "worker",
    "load_demo": "worker",
    "dbshell": "read",
}

# Addresses that no server listens on. Settings must import without any environment (type checks, `--help`); a process
# that then wants data fails at the first query, with this name in the message.
_NO_DATABASE: Final = "postgres://nobody@/not_configured?host=/nonexistent/set-DATABASE_URL-or-use-dev-manage"
_NO_REDIS: Final = "unix:///nonexistent/set-REDIS_URL-or-use-dev-manage"

_KEY: Final = re.compile(r"[0-9a-f]{64}")
# Secret and restricted keys of Stripe; the rest is random.
_STRIPE_KEY: Final = re.compile(r"(?:sk|rk)_(test|live)_[A-Za-z0-9_]+", re.ASCII)

# Browsers hold a form to this list also when the answer to it sends them on.
STRIPE_PAGES: Final = ["https://checkout.stripe.com"]


def role_for_command(arguments: Sequence[str]) -> str:
    """The database role for `manage.py <arguments>`."""
    return _COMMAND_ROLES.get(arguments[0], "app") if arguments else "app"


def current_role() -> str:
    """The role this process was started for. ImproperlyConfigured for an unknown one."""
    role = os.environ.get("EENPLAN_DB_ROLE", "app")
    if role not in DATABASE_VARIABLES:
        raise ImproperlyConfigured(f"EENPLAN_DB_ROLE must be one of {', '.join(DATABASE_VARIABLES)}, not {role!r}")
    return role


def database(*, pool: bool = False, all_required: bool = False) -> dict[str, Any]:
    """Django's settings of the one connection of this process.

    `pool` asks for psycopg's pool; the worker never gets one (Celery closes it around each task), nor does a
    connection that assumes its role (the two do not work together). `all_required` is production: four addresses,
    no assumed roles.
    """
    role = current_role()
    if all_required:
        missing = [name for name in DATABASE_VARIABLES.values() if not os.environ.get(name)]
        if missing:
            raise ImproperlyConfigured(f"production needs {', '.join(missing)}")
    url = os.environ.get(DATABASE_VARIABLES[role])
    assumed = not url and role != "app" and bool(os.environ.get("DATABASE_URL"))
    # DATABASE_URL on its own is one login for everything; so the app assumes its role as well.
    if os.environ.get("DATABASE_URL") and not any(
        os.environ.get(name) for key, name in DATABASE_VARIABLES.items() if key != "app"
    ):
        assumed = True
    # TEST_ASSUME_ROLE is set by the test rig only: its login may become the app and the worker by turns.
    if os.environ.get("EENPLAN_TEST_ASSUME_ROLE") == "1" and role == "app" and not all_required:
        assumed = True
    settings: dict[str, Any] = environ.Env.db_url_config(url or os.environ.get("DATABASE_URL") or _NO_DATABASE)
    settings["ENGINE"] = "infra.db"
    settings["CONN_HEALTH_CHECKS"] = True
    settings["ATOMIC_REQUESTS"] = True
    settings["EENPLAN_ROLE"] = role
    options = settings.setdefault("OPTIONS", {})
    if assumed and not all_required:
        options["assume_role"] = f"eenplan_{role}"
        settings["ASSUME_ROLE"] = role in ("app", "worker")
    if pool and not assumed and role == "app":
        options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
    else:
        settings["CONN_MAX_AGE"] = 600
    return settings


def redis_url(*, required: bool = False) -> str:
    """REDIS_URL: `redis://`, `rediss://` or `unix:///socket?db=N`."""
    url = os.environ.get("REDIS_URL")
    if not url and required:
        raise ImproperlyConfigured("production needs REDIS_URL")
    return url or _NO_REDIS


def redis_database(url: str) -> int:
    """The database number in a Redis address; 0 when it names none."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return int(parse_qs(parts.query).get("db", ["0"])[0])
    return int(parts.path.strip("/") or 0)


def with_redis_database(url: str, number: int) -> str:
    """The same server, another database number."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return urlunsplit(parts._replace(path=f"/{number}"))


def broker_url(url: str) -> str:
    """The same address as Celery writes it. Celery and Django spell a Unix socket differently."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"redis+socket://{parts.path}?virtual_host={redis_database(url)}"
    return url


def cache_url(url: str) -> str:
    """CACHE_URL, or else the database number after the broker's on the same server."""
    return os.environ.get("CACHE_URL") or with_redis_database(url, redis_database(url) + 1)


def required(name: str) -> str:
    """A variable production cannot do without. ImproperlyConfigured when absent."""
    value = os.environ.get(name)
    if not value:
        raise ImproperlyConfigured(f"production needs {name}")
    return value


def local_secret(name: str) -> str:
    """A random secret of this checkout, made at first use and kept outside version control. Development only."""
    given = os.environ.get(name)
    if given:
        return given
    VAR.mkdir(mode=0o700, exist_ok=True)
    path = VAR / f"secrets-{os.getuid()}" / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        # Written beside it and linked into place: of two processes that start together the first one's value counts.
        fresh = path.with_name(f".{name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(secrets.token_urlsafe(48)))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return str(json.loads(path.read_text()))


def key(name: str) -> str:
    """A key of 32 bytes production cannot do without, as 64 hex digits. ImproperlyConfigured for anything else."""
    value = required(name)
    if not _KEY.fullmatch(value):
        raise ImproperlyConfigured(f"{name} must be 64 hex digits")
    return value


def local_key(name: str) -> str:
    """A key of 32 bytes of this checkout, like `local_secret`. Development only."""
    value = local_secret(name)
    return value if _KEY.fullmatch(value) else sha256(value.encode()).hexdigest()


def keys(name: str) -> list[str]:
    """Keys of 32 bytes, 64 hex digits each, separated by commas; empty when not set. ImproperlyConfigured otherwise."""
    found = [one.strip() for one in text(name, "").split(",") if one.strip()]
    if not all(map(_KEY.fullmatch, found)):
        raise ImproperlyConfigured(f"{name} must be keys of 64 hex digits, separated by commas")
    return found


def boolean(name: str, *, default: bool) -> bool:
    """An on/off variable: 1, true, yes, on."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() in {"1", "true", "yes", "on"}


def integer(name: str, default: int) -> int:
    """A whole number."""
    value = os.environ.get(name)
    return default if not value else int(value)


def text(name: str, default: str) -> str:
    """A piece of text; an empty variable counts as absent."""
    return os.environ.get(name) or default


def words(name: str, default: str) -> list[str]:
    """Words separated by commas."""
    return [one.strip() for one in text(name, default).split(",") if one.strip()]


def stripe_key(*, allow_live: bool) -> str:
    """STRIPE_SECRET_KEY; empty when not set. ImproperlyConfigured for something else, and for a key that moves real money
    where nobody said that it may.
    """
    value = text("STRIPE_SECRET_KEY", "")
    if not value:
        return ""
    found = _STRIPE_KEY.fullmatch(value)
    if found is None:
        raise ImproperlyConfigured("STRIPE_SECRET_KEY is not a secret key of Stripe")
    if found.group(1) == "live" and not allow_live:
        raise ImproperlyConfigured("STRIPE_SECRET_KEY moves real money: only in production, with STRIPE_ALLOW_LIVE=1")
    return value


def json_list(name: str) -> list[dict[str, Any]]:
    """A JSON list of objects; empty when not set. ImproperlyConfigured for anything else."""
    try:
        found = json.loads(os.environ.get(name, "[]"))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not JSON") from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ImproperlyConfigured(f"{name} must be a JSON list of objects")
    return found


def refuse(name: str) -> None:
    """Stop the start when a switch is on that production does not have."""
    if boolean(name, default=False):
        raise ImproperlyConfigured(f"production refuses {name}")
