"""Slowing down guessing. Counted in the cache that all processes share; without a cache nobody gets in this way."""

import hashlib

from django.core.cache import cache

WINDOW_SECONDS = 15 * 60


def too_often(what: str, who: str, *, times: int) -> bool:
    """Count one try of `who` at `what`; True when there were already `times` of them in this quarter of an hour."""
    key = f"tries:{what}:{hashlib.sha256(who.encode()).hexdigest()}"
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        return bool(cache.incr(key) > times)
    except ValueError:  # it ran out between the two calls: a new window
        cache.set(key, 1, WINDOW_SECONDS)
        return False
