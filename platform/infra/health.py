"""Whether this process can do its work: for a load balancer, and for the supervisor that waits for the first page."""

from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse


# Outside the transaction of a request: without a database that could not even begin.
@transaction.non_atomic_requests
def health(_request: HttpRequest) -> JsonResponse:
    """200 with the parts that answered; 503 naming those that did not. Says nothing about data."""
    parts = {"database": _database_answers(), "cache": _cache_answers()}
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except Exception:  # noqa: BLE001  whatever is wrong, the answer is "not healthy"
        return False


def _cache_answers() -> bool:
    try:
        cache.set("health", 1, timeout=5)
        return bool(cache.get("health") == 1)
    except Exception:  # noqa: BLE001  whatever is wrong, the answer is "not healthy"
        return False
