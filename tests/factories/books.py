"""Books with something in them, for tests. Set-up only: no rule is checked here."""

from datetime import date

from django.db.models import F, Sum

from arrangements.models import Arrangement, LedgerPosting, Reconciliation
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


def balances() -> dict[int, int]:
    """The cash ledger: debit less credit by account, without the accounts that stand at zero."""
    with as_worker("test"):
        rows = (
            LedgerPosting.objects.filter(entry__ledger="cash")
            .values("account")
            .annotate(sum=Sum(F("debit_cents") - F("credit_cents")))
        )
        return {row["account"]: int(row["sum"]) for row in rows if row["sum"]}
