"""Where the made-up bank may exist, and what keeps its own books in order."""

from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

NAME: Final = "demobank"
_LOCK: Final = 0x64656D6F
#: What is written in the order of its number, so that whoever reads on from a number misses nothing.
EVENTS: Final = 1
ACCOUNT: Final = 2


def allowed() -> bool:
    """Made-up money belongs where the date is made up too; production has neither."""
    return bool(settings.DEMO or settings.BUSINESS_DATE_SOURCE == "table")


def require_demo() -> None:
    """ImproperlyConfigured where the made-up bank has no place."""
    if not allowed():
        raise ImproperlyConfigured("the demo bank is for demo and tests only")


def one_at_a_time(book: int) -> None:
    """Until the transaction ends nobody else writes in this book (EVENTS, ACCOUNT)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, book])
