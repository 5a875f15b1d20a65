"""Paying on: a run builds what every creditor gets. Once a month for all, sooner for money of arrangements that ended."""

from datetime import date, timedelta
from typing import Final

from django.db import transaction

from accounts.models import User
from arrangements.models import MoneyRun
from arrangements.operations.approve_run import CannotApprove
from arrangements.operations.build_payouts import build_payouts
from arrangements.operations.close_run import close_run
from arrangements.queries.remittance import books_allow, creditors_to_pay, finished_money_waits
from creditors.models import Creditor
from infra import audit, clock, jobs
from kernel.working_days import is_working_day

PAYOUT_DAY: Final = 5
"""Of the month; the first working day on or after it."""
CREDITORS_PER_CHUNK: Final = 200


class BooksAreRed(Exception):
    """The daily check of the books is red, or missing: nothing is paid on until it is green (payments.md 5.6)."""


def payout_date(day: date) -> date:
    """The day of the monthly run in the month of `day`: the first working day on or after the fifth."""
    found = day.replace(day=PAYOUT_DAY)
    while not is_working_day(found):
        found += timedelta(days=1)
    return found


@jobs.job("pay_out", chunked=True)
def pay_out_job(work: jobs.Work) -> dict[str, int]:
    """See `pay_out`. Goes on where it stopped: every chunk of creditors is a transaction of its own."""
    run = pay_out(
        kind=MoneyRun.Kind(work.arguments["kind"]),
        run_date=date.fromisoformat(work.arguments["run_date"]),
        creditor_id=work.arguments.get("creditor"),
        asked_by=work.arguments.get("user"),
    )
    return {"run": run.pk, "batches": run.batch_count, "total_cents": run.total_cents}


def period_of(kind: MoneyRun.Kind, run_date: date, creditor_id: int | None = None) -> str:
    """What a run is once for: a month, a day of ended arrangements, or a day and a creditor ("alle" for all)."""
    if kind == MoneyRun.Kind.MONTHLY:
        return f"{run_date:%Y-%m}"
    if kind == MoneyRun.Kind.FINISHED:
        return f"klaar {run_date.isoformat()}"
    return f"{run_date:%Y%m%d} {creditor_id or 'alle'}"


def pay_out(
    *, kind: MoneyRun.Kind, run_date: date, creditor_id: int | None = None, asked_by: int | None = None
) -> MoneyRun:
    """Build the run of this kind and period, once; half done it goes on. Worker only, outside a transaction.

    Afterwards it waits for two people (`approve_run`). `creditor_id`, `asked_by`: for a run that somebody asked for.
    Raises BooksAreRed; what was built before stays built.
    """
    with transaction.atomic():
        if not books_allow(clock.today()):
            raise BooksAreRed
        run, made = MoneyRun.objects.get_or_create(
            period=period_of(kind, run_date, creditor_id),
            defaults={"kind": kind, "run_date": run_date, "creditor_id": creditor_id, "asked_by_id": asked_by},
        )
        if made:
            audit.record("run_started", object_type="money_run", object_id=run.pk, to_state=run.state)
        if run.state != MoneyRun.State.RUNNING:
            return run
        only_finished = kind == MoneyRun.Kind.FINISHED
        creditors = [creditor_id] if creditor_id else creditors_to_pay(only_finished=only_finished)
    for start in range(0, len(creditors), CREDITORS_PER_CHUNK):
        chunk = creditors[start : start + CREDITORS_PER_CHUNK]
        build_payouts(run=run, creditor_ids=chunk, only_finished=only_finished)
    return close_run(run_id=run.pk)


@transaction.atomic
def ask_run(*, user: User, creditor: Creditor | None) -> None:
    """Somebody of the desk wants a run between the monthly ones, for one creditor or (None) for all. Once a day per creditor.

    The worker builds it; two people release it. Raises CannotApprove: not of the desk, the run of today was made before, or
    the books are red. Scope: the desk.
    """
    today = clock.today()
    period = period_of(MoneyRun.Kind.ON_DEMAND, today, creditor.pk if creditor else None)
    if not user.is_staff:
        raise CannotApprove("Alleen een medewerker van het loket mag dit doen.")
    if MoneyRun.objects.filter(period=period).exists():
        raise CannotApprove("Vandaag is er al zo'n run gemaakt. Morgen kan het weer.")
    if not books_allow(today):
        raise CannotApprove("De dagelijkse controle is rood. Eerst moeten de boeken kloppen.")
    audit.record("run_asked", object_type="money_run", object_id=period, details={"user": user.pk})
    jobs.enqueue(
        "pay_out",
        key=f"pay_out:{period}:{today.isoformat()}",
        arguments={
            "kind": MoneyRun.Kind.ON_DEMAND.value,
            "run_date": today.isoformat(),
            "creditor": creditor.pk if creditor else None,
            "user": user.pk,
        },
    )


def payouts_due(*, today: date) -> int:
    """Promise the runs that are due: the monthly one, and one for money of ended arrangements. How many. Worker only.

    While the books are red nothing is promised; the day after they are green it is.
    """
    monthly = payout_date(today)
    wanted = []
    with transaction.atomic():
        if not books_allow(today):
            return 0
        month = period_of(MoneyRun.Kind.MONTHLY, monthly)
        waits = not MoneyRun.objects.filter(period=month).exclude(state=MoneyRun.State.RUNNING).exists()
        if today >= monthly and waits:
            wanted.append((MoneyRun.Kind.MONTHLY, monthly))
        elif finished_money_waits():
            wanted.append((MoneyRun.Kind.FINISHED, today))
        for kind, day in wanted:
            if kind == MoneyRun.Kind.MONTHLY:
                # In chunks, with what is due and what waits to be divided first: `monthly_run`.
                key = f"monthly_run:{month}:{today.isoformat()}"
                jobs.enqueue("monthly_run", key=key, arguments={"date": day.isoformat()})
                continue
            jobs.enqueue(
                "pay_out",
                key=f"pay_out:{period_of(kind, day)}:{today.isoformat()}",
                arguments={"kind": kind.value, "run_date": day.isoformat()},
            )
    return len(wanted)
