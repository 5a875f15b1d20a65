"""What the daily check said."""

from datetime import date

from arrangements.models import Reconciliation


def last_is_green(*, before: date) -> bool:
    """Whether money may be paid on at `before`: the newest check of a day before it is green, or there was none yet.

    A red line stops the remittance of the next day; receipts go on (payments.md 5.6).
    """
    row = Reconciliation.objects.filter(day__lt=before).order_by("-day", "-pk").first()
    return row is None or row.is_green


def last_of(day: date) -> Reconciliation | None:
    """The newest check of that day."""
    return Reconciliation.objects.filter(day=day).order_by("-pk").first()


def newest() -> Reconciliation | None:
    """The check of the newest day that was checked."""
    return Reconciliation.objects.order_by("-day", "-pk").first()


def newest_per_day(*, most: int) -> list[Reconciliation]:
    """The newest check of each of the last `most` days that were checked, the newest day first."""
    ids = Reconciliation.objects.order_by("-day", "-pk").distinct("day").values_list("pk", flat=True)[:most]
    return list(Reconciliation.objects.filter(pk__in=list(ids)))
