"""The fault menu: what goes wrong at the made-up bank, for the next thing it can happen to, or for a named one."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from arrangements.models import DemoBankFault, DemoBankPayment
from arrangements.payments.demobank.account import move_of_transfer
from arrangements.payments.demobank.gate import require_demo
from infra import clock

Kind = DemoBankFault.Kind
#: These happen some days after what they hit.
LATER = (Kind.LATE_SUCCESS, Kind.FAILS_AFTER_SUCCESS, Kind.STORNO, Kind.BOUNCED_CREDITOR)
_AFTER_PAYMENT = (Kind.FAILS_AFTER_SUCCESS, Kind.STORNO)


class NothingToHit(Exception):
    """There is no payment and no transfer of that name."""


@transaction.atomic
def set_fault(kind: str, *, target: str = "", after_days: int = 0) -> DemoBankFault:
    """Choose a fault. `target`: a payment's id at the bank, or a transfer's end-to-end id; empty: the next one.

    One that is about something that already happened (a storno of what was paid, a bounce of what was sent) is due
    `after_days` from today. NothingToHit for a target nobody knows; ValueError for another kind.
    """
    require_demo()
    fault = DemoBankFault(kind=Kind(kind), target=target.strip(), after_days=after_days, set_on=clock.today())
    if fault.target and fault.kind in _AFTER_PAYMENT:
        payment = DemoBankPayment.objects.filter(pk=fault.target).first()
        if payment is None or payment.reversed_on is not None:
            raise NothingToHit(fault.target)
        if payment.state == DemoBankPayment.State.PAID:
            hits(fault, payment.pk)
    elif fault.target and fault.kind == Kind.BOUNCED_CREDITOR and move_of_transfer(fault.target) is not None:
        hits(fault, fault.target)
    fault.save()
    return fault


def take(kinds: Iterable[str], *targets: str) -> dict[str, DemoBankFault]:
    """The faults of these kinds that wait for one of `targets` or for anything, at most one of each kind; held by the caller.

    Part of the caller's transaction. What is taken must be used: `hits`, or `happened`.
    """
    found: dict[str, DemoBankFault] = {}
    waiting = DemoBankFault.objects.select_for_update(skip_locked=True).filter(
        Q(target="") | Q(target__in=targets), kind__in=list(kinds), hit="", happened_on=None
    )
    for fault in waiting.order_by("id"):
        if fault.kind not in found or (fault.target and not found[fault.kind].target):
            found[fault.kind] = fault
    return found


def hits(fault: DemoBankFault, what: str, *, at_least: int = 0) -> None:
    """The fault has found what it happens to: it is due in so many days, at least `at_least`. Not saved for a new row."""
    fault.hit = what
    fault.due_on = clock.today() + timedelta(days=max(fault.after_days, at_least))
    if fault.pk:
        fault.save(update_fields=["hit", "due_on"])


def happened(fault: DemoBankFault, what: str = "") -> None:
    """It went wrong now."""
    fault.hit = what[:60] or fault.hit
    fault.happened_on = clock.today()
    fault.save(update_fields=["hit", "happened_on"])


def due(today: date) -> list[int]:
    """The faults that must happen by `today`, oldest first: numbers."""
    waiting = DemoBankFault.objects.exclude(hit="").filter(happened_on=None, due_on__lte=today)
    return list(waiting.order_by("due_on", "id").values_list("pk", flat=True))


def next_due(after: date) -> date | None:
    """The first day after `after` on which a fault happens."""
    waiting = DemoBankFault.objects.exclude(hit="").filter(happened_on=None, due_on__gt=after)
    return waiting.order_by("due_on").values_list("due_on", flat=True).first()
