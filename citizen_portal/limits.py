"""Slowing down guessing. Counted in the cache that all processes share; without a cache nobody gets in this way."""

import hashlib
import logging

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

WINDOW_SECONDS = 15 * 60


def too_often(what: str, who: str, *, times: int) -> bool:
    """Count one try of `who` at `what`; True when there were already `times` of them in this quarter of an hour.

    A cache that does not answer counts as too often: a door whose tries cannot be counted stays shut.
    """
    key = f"tries:{what}:{hashlib.sha256(who.encode()).hexdigest()}"
    try:
        cache.add(key, 0, WINDOW_SECONDS)
        return bool(cache.incr(key) > times)
    except ValueError:  # it ran out between the two calls: a new window
        cache.set(key, 1, WINDOW_SECONDS)
        return False
    except RedisError:
        log.exception("tries at %s cannot be counted: refused", what)
        return True


def address_of(request: HttpRequest) -> str:
    """The address a request came from: as the outermost of our own proxies saw it, and never as the visitor says it."""
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    told = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
    if proxies and len(told) >= proxies:
        return told[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))
