"""The database of this test process: a copy of the migrated template, thrown away and copied again."""

import os
from typing import Final

import redis
from django.conf import settings
from django.core.cache import caches
from django.db import connections

from config import env
from infra.db import roles
from infra.servers.embedded import connect_superuser

#: Databases per Valkey are 64; each process takes two numbers (broker, cache), counted from 2.
_FIRST_NUMBER: Final = 2


def process_name() -> str:
    """gw0, gw1, … under xdist; main without it."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def database_name() -> str:
    """The name of this process's database."""
    return f"t_{process_name()}"


def process_number() -> int:
    """0 for a run without xdist, else 1 and up."""
    name = process_name()
    return 0 if name == "main" else int(name.removeprefix("gw")) + 1


def point_django_here() -> None:
    """Make this process, and the processes it starts, use its own database and its own two Valkey numbers."""
    sockets = os.environ["EENPLAN_SOCKETS"]
    name = database_name()
    for role, variable in env.DATABASE_VARIABLES.items():
        login = roles.TEST if role == "app" else f"eenplan_{role}"
        os.environ[variable] = f"postgres://{login}@/{name}?host={sockets}"
    number = _FIRST_NUMBER + 2 * process_number()
    os.environ["REDIS_URL"] = f"unix://{sockets}/valkey.sock?db={number}"
    # pytest-django and Django each keep a view of the settings; the name changes in both.
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name
    settings.REDIS_URL = os.environ["REDIS_URL"]
    broker_url = env.broker_url(settings.REDIS_URL)
    settings.CELERY_BROKER_URL = broker_url
    settings.CACHES["default"]["LOCATION"] = env.cache_url(settings.REDIS_URL)
    caches["default"].close()
    caches.close_all()
    del caches["default"]
    from config.celery import app

    app.conf.update(broker_url=broker_url)


def reset_database() -> None:
    """Drop, copy, and forget what the cache and the queue still hold."""
    connections.close_all()
    sockets, name = os.environ["EENPLAN_SOCKETS"], database_name()
    # As superuser: the owner may not end the sessions of another role, and a worker keeps one open.
    with connect_superuser(sockets) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(
            f'CREATE DATABASE "{name}" OWNER {roles.OWNER} TEMPLATE "{os.environ["EENPLAN_TEST_TEMPLATE"]}" '
            "STRATEGY file_copy"
        )
    flush_valkey()


def drop_own_database() -> None:
    """At the end of the run."""
    connections.close_all()
    with connect_superuser(os.environ["EENPLAN_SOCKETS"]) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{database_name()}" WITH (FORCE)')


def broker() -> redis.Redis:
    """The queue database of this process."""
    return redis.Redis.from_url(os.environ["REDIS_URL"])


def flush_valkey() -> None:
    """Empty this process's queue and cache: allauth counts login attempts there, and they outlive the database."""
    url = os.environ["REDIS_URL"]
    with redis.Redis.from_url(env.cache_url(url)) as client:
        client.flushdb()
    with redis.Redis.from_url(url) as client:
        # The bindings stay: a worker that lives on, and senders that declared them once, would lose messages without.
        for key in client.scan_iter(count=1000):
            if not key.startswith(b"_kombu.binding"):
                client.delete(key)


def queue_is_quiet() -> bool:
    """Nothing waiting and nothing being done, as far as the queue knows. Never the only proof that work was done."""
    with broker() as client:
        return not client.llen("celery") and not client.hlen("unacked")
