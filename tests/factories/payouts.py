"""Runs that pay on, for tests, by the operations themselves. Set-up only: no rule is checked here."""

from datetime import date

from accounts.models import User
from arrangements.models import MoneyRun, PayoutBatch, PayoutFile
from arrangements.operations.approve_run import approve_run, release_run
from arrangements.operations.book_payout import book_payout
from arrangements.operations.pay_out import pay_out
from arrangements.operations.submit_run import mark_submitted
from infra.scope import Scope, act_as, as_worker
from tests.factories.money import at

PAYOUT_DAY = date(2026, 12, 7)


def build(
    kind: MoneyRun.Kind = MoneyRun.Kind.MONTHLY, *, on: date = PAYOUT_DAY, creditor_id: int | None = None
) -> MoneyRun:
    """A run that is built, on its day."""
    at(on)
    with as_worker("test"):
        return pay_out(kind=kind, run_date=on, creditor_id=creditor_id)


def desk_people(count: int = 2) -> list[User]:
    """People of the desk who may release."""
    made = []
    for number in range(count):
        user, _new = User.objects.get_or_create(email=f"vrijgever{number}@eenplan.example", defaults={"is_staff": True})
        made.append(user)
    return made


def approve(run: MoneyRun, user: User) -> None:
    """One of the two looks at the run and says yes."""
    with act_as(Scope(user_id=user.pk, desk=True, reason="test")):
        approve_run(run=run, user=user, total_cents=run.total_cents, names_checked=True)


def release(run: MoneyRun) -> MoneyRun:
    """Two people say yes, and the worker lets it go."""
    for user in desk_people():
        approve(run, user)
    with as_worker("test"):
        assert release_run(run_id=run.pk)
        run.refresh_from_db()
    return run


def hand_in(run: MoneyRun) -> MoneyRun:
    """Released, and handed in at the bank by hand."""
    release(run)
    with as_worker("test"):
        for file_id in PayoutFile.objects.filter(run=run).values_list("pk", flat=True):
            mark_submitted(file_id=file_id)
        run.refresh_from_db()
    return run


def book_all(run: MoneyRun, on: date) -> None:
    """The bank books everything that was handed in."""
    at(on)
    with as_worker("test"):
        for batch in PayoutBatch.objects.filter(run=run, state="submitted"):
            book_payout(batch_id=batch.pk, booked_on=on, amount_cents=batch.total_cents)
