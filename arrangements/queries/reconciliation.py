"""What the daily check said."""

from datetime import date

from arrangements.models import Reconciliation


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
