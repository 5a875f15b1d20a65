"""What is late in a running plan, per instalment. Scope: the citizen's, the coach's who works for them, or the worker's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from arrangements.domain.ladder import LadderStep, LateOne
from arrangements.domain.lifecycle import ArrangementState, InstallmentState
from arrangements.domain.policy_values import policy_on
from arrangements.models import Arrangement, Installment
from arrangements.models.arrangement import PayWay

UNPAID = (InstallmentState.OPEN, InstallmentState.PARTLY_PAID, InstallmentState.MISSED)


@dataclass(frozen=True, slots=True)
class Overdue:
    """One late instalment. `step`: how far the help is, in Dutch; '' when nothing was done yet. In cents."""

    number: int
    due_date: date
    days: int
    open_cents: int
    partly: bool
    step: str


def late_rows(arrangement_id: int, today: date) -> Iterable[Installment]:
    """Every instalment whose day has passed and that is not paid, the oldest first; none while the plan stands still.

    Of a plan that is paid by withholding: not before the transfer of the municipality is late.
    """
    rows = (
        Installment.objects.select_related("arrangement")
        .filter(
            arrangement_id=arrangement_id,
            state__in=UNPAID,
            due_date__lt=today,
            arrangement__state=ArrangementState.ACTIVE,
        )
        .order_by("due_date", "number")
    )
    return [row for row in rows if days_late(row, today) > 0]


def extra_days(arrangement: Arrangement, today: date) -> int:
    """The days a municipality has on top of those everybody has: its transfer comes after its run (payments.md 4)."""
    return policy_on(today).withheld_extra_days if arrangement.pay_way == PayWay.WITHHELD else 0


def days_late(row: Installment, today: date) -> int:
    """Calendar days since it should have come; 0 or less when it is not late. Asks for `row.arrangement`."""
    return (today - (row.due_date + timedelta(days=extra_days(row.arrangement, today)))).days


def as_late(row: Installment, today: date) -> LateOne:
    """What the ladder needs to know of it."""
    return LateOne(row.pk, days_late(row, today), InstallmentState(row.state), row.ladder_step)


def late_ones(arrangement_id: int, today: date) -> list[LateOne]:
    """For the ladder."""
    return [as_late(row, today) for row in late_rows(arrangement_id, today)]


def overdue(arrangement_id: int, today: date) -> list[Overdue]:
    """For a page."""
    return [
        Overdue(
            number=row.number,
            due_date=row.due_date,
            days=days_late(row, today),
            open_cents=row.open_cents,
            partly=row.paid_cents > 0,
            step=LadderStep(row.ladder_step).label if row.ladder_step else "",
        )
        for row in late_rows(arrangement_id, today)
    ]
