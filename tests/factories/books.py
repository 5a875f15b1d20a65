"""Books with something in them, for tests. Set-up only: no rule is checked here."""

from datetime import date

from arrangements.models import Arrangement, Reconciliation
from infra.scope import as_worker
from tests.factories.bank_day import settle
from tests.factories.money import at, pay_next, running_case
from tests.factories.payouts import book_all, build, hand_in

END = date(2026, 12, 9)


def lively() -> Arrangement:
    """A plan that was paid twice, settled, and paid on; checked at the end of 9 December 2026."""
    _case, arrangement = running_case(1_000_00, 2_000_00, 500_00)
    pay_next(arrangement)
    at(date(2026, 12, 7))
    with as_worker("test"):
        settle(today=date(2026, 12, 7))
    run = hand_in(build(on=date(2026, 12, 7)))
    book_all(run, date(2026, 12, 8))
    pay_next(arrangement, amount_cents=33_33)
    at(date(2026, 12, 10))
    return arrangement


def red(row: Reconciliation) -> set[int]:
    """The numbers of the lines that are red."""
    return {check["number"] for check in row.checks if not check["is_green"]}
