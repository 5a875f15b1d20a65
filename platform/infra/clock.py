"""The one place that knows what day it is.

A due date is a date, not a moment. The business date can differ from the wall clock: in the demo and in training it
stands in a table and is moved by hand (`BUSINESS_DATE_SOURCE = "table"`); everywhere else it is today in Amsterdam.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def now() -> datetime:
    """This moment, with a time zone (UTC inside)."""
    return timezone.now()


_held: ContextVar[date | None] = ContextVar("business_date", default=None)


@contextmanager
def one_day() -> Iterator[date]:
    """Everything inside happens on one business date, which is looked up once: for work on very many rows."""
    day = today()
    token = _held.set(day)
    try:
        yield day
    finally:
        _held.reset(token)


def today() -> date:
    """The business date."""
    held = _held.get()
    if held is not None:
        return held
    if settings.BUSINESS_DATE_SOURCE == "table":
        from infra.models import BusinessDate  # the app registry must be ready

        row = BusinessDate.objects.filter(pk=1).values_list("date", flat=True).first()
        if row is not None:
            return row
    return now().astimezone(AMSTERDAM).date()


def set_today(day: date) -> None:
    """Move the business date. Refused where the clock decides."""
    if settings.BUSINESS_DATE_SOURCE != "table":
        raise RuntimeError("the business date follows the clock here and cannot be moved")
    from infra.models import BusinessDate

    BusinessDate.objects.update_or_create(pk=1, defaults={"date": day})
