"""Runs that pay creditors on: what is waiting, and whether the books allow it."""

from datetime import date, timedelta

from django.db.models import F

from arrangements.domain.lifecycle import ArrangementState
from arrangements.models import ArrangementLine, Reconciliation
from arrangements.payments import demobank

FINISHED = (ArrangementState.FULFILLED, ArrangementState.WAIVED, ArrangementState.TERMINATED)


def books_allow(day: date) -> bool:
    """Whether money may go out on `day`: the newest daily check up to and including that day is green (payments.md 5.6).

    In production there must be one, of `day` or the day before; with made-up money nobody has to have checked. Scope: the
    desk's or the worker's.
    """
    newest = Reconciliation.objects.filter(day__lte=day).order_by("-day", "-pk").first()
    if demobank.allowed():
        return newest is None or newest.is_green
    return newest is not None and newest.is_green and newest.day >= day - timedelta(days=1)


def payable(*, creditor_id: int | None = None, only_finished: bool = False) -> dict[tuple[int, int, int], int]:
    """What is waiting to be paid on, in cents, by (creditor, claim, arrangement). Worker only.

    From the lines, which `check_books` proves to be account 2100 of the ledger: a sum over all months would get slower every
    month.
    """
    rows = ArrangementLine.objects.filter(paid_cents__gt=F("remitted_cents"))
    if creditor_id is not None:
        rows = rows.filter(creditor_id=creditor_id)
    if only_finished:
        rows = rows.filter(arrangement__state__in=FINISHED)
    found = rows.order_by("creditor_id", "claim_id").values_list(
        "creditor_id", "claim_id", "arrangement_id", F("paid_cents") - F("remitted_cents")
    )
    return {(creditor, claim, arrangement): waiting for creditor, claim, arrangement, waiting in found}


def creditors_to_pay(*, only_finished: bool = False) -> list[int]:
    """The creditors money is waiting for, by number. Worker only."""
    rows = ArrangementLine.objects.filter(paid_cents__gt=F("remitted_cents"))
    if only_finished:
        rows = rows.filter(arrangement__state__in=FINISHED)
    return list(rows.order_by("creditor_id").values_list("creditor_id", flat=True).distinct())


def finished_money_waits() -> bool:
    """Whether money of ended arrangements waits that can be paid: not for a creditor without a good account. Worker only."""
    rows = ArrangementLine.objects.filter(paid_cents__gt=F("remitted_cents"), arrangement__state__in=FINISHED)
    return rows.filter(creditor__iban_blocked_on=None).exclude(creditor__iban="").exists()
