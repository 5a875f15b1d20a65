"""Running arrangements and payments for tests, made by the operations themselves. Set-up only: no rule is checked here."""

from datetime import date

from accounts.models import Citizen
from arrangements.models import Arrangement, Installment, Payment
from arrangements.operations.activate_arrangement import activate_arrangement
from arrangements.operations.refresh_payment import refresh_payment
from arrangements.operations.start_payment import start_payment
from arrangements.payments import demobank
from infra import clock
from infra.scope import act_as, as_worker
from tests.factories.people import citizen_scope
from tests.factories.plans import Case, agreed, make_case

START = date(2026, 11, 23)
RETURN_URL = "http://testserver/terug/{payment}/"


def at(day: date) -> None:
    """It is `day`."""
    with as_worker("test"):
        clock.set_today(day)


def running_case(
    *amounts: int,
    declared: int = 45_00,
    months: int = 36,
    preferent: set[int] | None = None,
    kept: set[int] | None = None,
) -> tuple[Case, Arrangement]:
    """One claim (cents) at each of as many creditors, agreed, signed on 23 November 2026 and active.

    `preferent`, `kept` (may not be waived): positions, from 0.
    """
    at(START)
    case = make_case(*amounts, preferent=preferent, not_dischargeable=kept)
    agreed(case, declared=declared, months=months)
    return case, activate(case.sign())


def activate(arrangement: Arrangement) -> Arrangement:
    with as_worker("test"):
        return activate_arrangement(arrangement_id=arrangement.pk)


def next_open(arrangement: Arrangement) -> Installment:
    """The oldest instalment that is not paid."""
    with as_worker("test"):
        row = (
            Installment.objects.filter(arrangement=arrangement)
            .exclude(state__in=["paid", "moved"])
            .order_by("due_date", "number")
            .first()
        )
    assert row is not None
    return row


def open_link(citizen: Citizen, installment: Installment) -> Payment:
    with act_as(citizen_scope(citizen)):
        return start_payment(installment=installment, return_url=RETURN_URL)


def pay_next(arrangement: Arrangement, *, amount_cents: int | None = None) -> Payment:
    """Pay the oldest open instalment at the demo bank, all of it or `amount_cents`, and let the janitor find it."""
    with as_worker("test"):
        citizen = Citizen.objects.get(pk=arrangement.citizen_id)
    payment = open_link(citizen, next_open(arrangement))
    demobank.pay(payment.provider_id, amount_cents=amount_cents, notify=False)
    with as_worker("test"):
        return refresh_payment(payment_id=payment.pk)


def pay_all(arrangement: Arrangement) -> None:
    """Every instalment, on its own day."""
    with as_worker("test"):
        count = Installment.objects.filter(arrangement=arrangement).exclude(state__in=["paid", "moved"]).count()
    for _ in range(count):
        at(next_open(arrangement).due_date)
        pay_next(arrangement)
