"""A day at the made-up bank."""

from datetime import date, timedelta
from typing import Final

from django.db import transaction

from arrangements.models import DemoBankBalanceLine, DemoBankFault, DemoBankMove, DemoBankOrder, DemoBankPayment
from arrangements.payments.demobank import faults, orders, payments, settlements, statements
from arrangements.payments.demobank.gate import require_demo
from kernel.working_days import is_working_day

#: A link that nobody used dies after so many days.
LINK_DAYS: Final = 14
Kind = DemoBankFault.Kind


def close_day(today: date) -> int:
    """Do what is due at the bank by `today`: faults, links that are over; on a bank day also payout, orders and statement.

    How many things happened. Safe to repeat; each thing in its own transaction.
    """
    require_demo()
    count = sum(_happen(number, today) for number in faults.due(today))
    over = DemoBankPayment.objects.filter(
        state=DemoBankPayment.State.OPEN, opened_on__lt=today - timedelta(days=LINK_DAYS)
    )
    for payment_id in list(over.values_list("pk", flat=True)):
        payments.expire(payment_id)
        count += 1
    if is_working_day(today):
        count += settlements.settle(today) is not None
        count += orders.execute(today)
        count += statements.close(today) is not None
    return count


def next_day(today: date) -> date | None:
    """The first day after `today` on which something happens here by itself; None when nothing waits."""
    found = [day for day in (faults.next_due(today),) if day is not None]
    if (
        DemoBankBalanceLine.objects.filter(settlement="").exists()
        or DemoBankOrder.objects.filter(executed_on=None).exists()
        or DemoBankMove.objects.filter(statement=None).exists()
    ):
        day = today + timedelta(days=1)
        while not is_working_day(day):
            day += timedelta(days=1)
        found.append(day)
    return min(found, default=None)


@transaction.atomic
def _happen(number: int, today: date) -> int:
    fault = DemoBankFault.objects.select_for_update().get(pk=number)
    if fault.happened_on is not None:
        return 0
    fault.happened_on = today
    fault.save(update_fields=["happened_on"])
    if fault.kind == Kind.BOUNCED_CREDITOR:
        orders.bounce(fault.hit)
        return 1
    try:
        if fault.kind == Kind.LATE_SUCCESS:
            payments.succeed(fault.hit)
        else:
            payments.reverse_payment(fault.hit, failed=fault.kind == Kind.FAILS_AFTER_SUCCESS)
    except payments.AlreadyDecided:
        return 0  # something else happened to it meanwhile: nothing to spoil any more
    return 1
