"""Payments that a bank took back, for tests; made by the operations."""

from datetime import date

from arrangements.models import MoneyRun, Payment, Receipt, Storno
from arrangements.operations.book_storno import book_storno
from arrangements.payments.provider import Reversal
from infra import jobs
from infra.scope import as_worker
from tests.factories.money import activate, at, pay_next
from tests.factories.payouts import build
from tests.factories.people import make_citizen
from tests.factories.plans import Case, agreed, make_case

START, PAID_ON = date(2026, 11, 23), date(2026, 12, 7)


def take_back(payment: Payment, *, dispute: str = "dp_1", amount: int | None = None, fee: int = 0) -> Storno | None:
    """The bank of the payer takes this payment back: all of it, or `amount` cents."""
    with as_worker("test"):
        cents = Receipt.objects.get(payment=payment).amount_cents if amount is None else amount
        return book_storno(payment_id=payment.pk, reversal=Reversal(dispute, cents, fee))


def remit(day: date = PAID_ON) -> None:
    """Everything that is payable is paid on."""
    build(on=day)


def owes_us() -> Case:
    """A running plan; 45,00 was paid, paid on, and then taken back: the citizen owes it to us."""
    at(START)
    case = make_case(1_000_00, 2_000_00, citizen=make_citizen(family_name="Terug"))
    agreed(case)
    arrangement = activate(case.sign())
    payment = pay_next(arrangement)
    for creditor in case.creditors:
        # Only these: others in the same world may be at another date.
        build(MoneyRun.Kind.ON_DEMAND, on=PAID_ON, creditor_id=creditor.pk)
    take_back(payment)
    jobs.run_all()
    at(START)
    return case
