"""When we ask a provider again about a payment that is not finished (payments.md 5.2): 5 minutes, an hour, then daily."""

from datetime import datetime, timedelta
from typing import Final

FIRST: Final = (timedelta(minutes=5), timedelta(hours=1))
DAILY: Final = timedelta(days=1)
#: A link nobody used for so long is closed; who still wants to pay gets a new one.
LINK_LIFE: Final = timedelta(days=14)


def next_ask(created_at: datetime, asked_at: datetime | None) -> datetime:
    """When to ask: the first moment of 5 minutes, 1 hour, 1 day, 2 days … after `created_at` that is later than `asked_at`.

    Late is asked at once and counts for all moments that passed: nothing is asked twice to catch up.
    """
    moments = [created_at + wait for wait in FIRST]
    if asked_at is None:
        return moments[0]
    for moment in moments:
        if moment > asked_at:
            return moment
    days = max((asked_at - created_at) // DAILY, 0) + 1
    return created_at + days * DAILY


def link_is_over(created_at: datetime, now: datetime) -> bool:
    """Whether a link that was made then has waited long enough."""
    return now - created_at >= LINK_LIFE
