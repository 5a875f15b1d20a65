"""The time machine: moves the business date and does all the work of the days it passes. Demo and training only."""

import logging
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models import Min

from accounts.models import Citizen, Mandate
from affordability.norms import next_half_year
from arrangements.domain.ladder import steps
from arrangements.domain.lifecycle import (
    ArrangementState,
    InstallmentState,
    PaymentState,
    VariationState,
)
from arrangements.domain.policy_values import PolicyValues, policy_on
from arrangements.models import (
    Arrangement,
    ClaimTransfer,
    DemoPayer,
    Installment,
    Payment,
    PayoutBatch,
    Variation,
    YearlyReview,
)
from arrangements.models.arrangement import PayWay, WindfallRule
from arrangements.operations.ask_windfall import windfall_day
from arrangements.operations.creditor_tasks import unconfirmed
from arrangements.operations.invite_creditor import next_chase, open_invitations
from arrangements.operations.lapse_proposal import making_days
from arrangements.operations.pay_out import payout_date
from arrangements.operations.receive_payment import RUNNING
from arrangements.operations.refresh_payment import refresh_payment
from arrangements.operations.release_in_demo import hand_in_as_configured, release_as_configured
from arrangements.operations.run_day import promise_day
from arrangements.operations.start_payment import BeingPaid, CannotPay, start_payment
from arrangements.operations.warn_norms import WARN_DAYS
from arrangements.operations.watch_answers import answer_days
from arrangements.payments import demobank
from arrangements.queries.norm_records import half_year_state
from arrangements.queries.remittance import finished_money_waits
from creditors.models import IbanChange, UploadedClaim
from infra import clock, jobs
from infra.models import Job
from infra.scope import Scope, act_as
from kernel.periods import add_months, months_between
from kernel.working_days import add_working_days

log = logging.getLogger(__name__)

MOST_MONTHS: Final = 60
LATE_DAYS: Final = 10
HALF_LATE_DAYS: Final = 20
_LOCK: Final = 0x41447661
_ONE_DAY: Final = timedelta(days=1)
# The date does not move on before these are done.
_MUST_BE_DONE: Final = frozenset(
    {
        "activate_arrangement",
        "apply_correction",
        "apply_policies",
        "follow_beslag",
        "follow_termination",
        "ask_variation",
        "book_withheld_lines",
        "carry_out_decision",
        "divide_waiting",
        "import_statement",
        "monthly_run",
        "refund_by_provider",
        "submit_refunds",
        "apply_transfer",
        "grant_kwijtschelding",
        "offer_to_join",
        "go_on_without",
        "join_later",
        "link_named_creditor",
        "pay_out",
        "recalculate_proposals",
        "release_run",
        "submit_run",
        "follow_versions",
        "release_claim",
        "rerun_gate",
        "resume_after_beslag",
        "run_day",
        "settle_proposal",
        "settle_variation",
        "settle_withdrawal",
    }
)
_UNPAID: Final = (InstallmentState.OPEN, InstallmentState.PARTLY_PAID, InstallmentState.MISSED)


class DayNotFinished(Exception):
    """Work of a day failed again and again; the date stays where it is. The message names the jobs."""


class AlreadyMoving(Exception):
    """Another worker is moving the date."""


def start_advance(*, months: int = 0, days: int = 0) -> UUID:
    """Promise to move the date; pressing twice in a minute is one promise. Part of the caller's transaction.

    A second promise for the same day does no harm, since the target is a date; and after a failure one can try again.

    Raises ImproperlyConfigured where the clock decides, ValueError for nothing or for more than five years.
    """
    until = target_date(clock.today(), months=months, days=days)
    return jobs.enqueue(
        "advance",
        key=f"advance:{clock.today().isoformat()}:{until.isoformat()}:{clock.now():%Y%m%d%H%M}",
        arguments={"from": clock.today().isoformat(), "until": until.isoformat()},
    )


def target_date(today: date, *, months: int, days: int) -> date:
    """The date to move to. Raises as `start_advance`."""
    if settings.BUSINESS_DATE_SOURCE != "table":
        raise ImproperlyConfigured("the business date follows the clock here and cannot be moved")
    if months < 0 or days < 0 or not 0 < months * 31 + days <= MOST_MONTHS * 31:
        raise ValueError(f"move between a day and {MOST_MONTHS} months")
    return add_months(today, months) + timedelta(days=days)


@jobs.job("advance", chunked=True)
def advance_job(work: jobs.Work) -> dict[str, Any]:
    """See `advance_to`. Killed half-way it goes on from the date it had reached."""
    start = date.fromisoformat(work.arguments["from"])
    until = date.fromisoformat(work.arguments["until"])

    def show(today: date) -> None:
        work.progress((today - start).days, (until - start).days, f"Het is nu {today:%d-%m-%Y}")

    days = advance_to(until=until, show=show)
    return {"until": until.isoformat(), "days_with_work": days}


def advance_to(*, until: date, show: Callable[[date], None] = lambda _day: None, every_day: bool = False) -> int:
    """Move the date to `until`, with all consequences of a day in before the next. How many days had work.

    Days on which nothing can fall due are skipped, unless `every_day`. Worker only, outside a transaction.
    Raises DayNotFinished, AlreadyMoving.
    """
    with _only_one():
        door_open = _door_is_open()
        count = 0
        today = clock.today()
        while True:
            do_day(today, door_open=door_open)
            show(today)
            count += 1
            if today >= until:
                return count
            today = min(today + _ONE_DAY if every_day else next_day_with_work(today), until)
            with transaction.atomic():
                clock.set_today(today)


class _only_one:  # noqa: N801  reads as a phrase
    """One mover of the date at a time; the lock vanishes with the process."""

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                raise AlreadyMoving

    def __exit__(self, *_details: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def do_day(today: date, *, door_open: bool) -> None:
    """All work of one day, with the payments of the made-up households, until nothing is left to do.

    Two made-up people of the desk release the runs of the day.
    """
    promise_day(today)
    drain()
    if pay_as_configured(today, door_open=door_open):
        drain()
    if release_as_configured(today):
        drain()
    if hand_in_as_configured():
        drain()


def drain() -> None:
    """Do every promised job now, except moving the date itself. Raises DayNotFinished."""
    deadline = time.monotonic() + 60
    while True:
        waiting = _waiting_jobs()
        if not waiting:
            return
        done = [jobs.run(job_id) for job_id, _kind, _attempts in waiting]
        if any(done):
            continue
        hopeless = sorted({kind for _id, kind, attempts in waiting if kind in _MUST_BE_DONE and attempts >= 3})
        if hopeless:
            raise DayNotFinished(", ".join(hopeless))
        if not any(kind in _MUST_BE_DONE for _id, kind, _attempts in waiting):
            return  # what is left may be late: mail, or another worker's own long job
        if time.monotonic() > deadline:
            raise DayNotFinished("another worker does not finish")
        time.sleep(0.05)


def _waiting_jobs() -> list[tuple[UUID, str, int]]:
    with transaction.atomic():
        rows = (
            Job.objects.filter(state__in=[Job.State.WAITING, Job.State.RUNNING])
            .exclude(kind="advance")
            .order_by("created_at")
            .values_list("id", "kind", "attempts", "not_before")
        )
        now = clock.now()
        # What must be done is tried again at once; everything else waits for its turn.
        return [(pk, kind, tries) for pk, kind, tries, moment in rows[:500] if moment <= now or kind in _MUST_BE_DONE]


def _door_is_open() -> bool:
    """Whether the site answers, so that the demo bank can post there."""
    try:
        with urllib.request.urlopen(f"{settings.SITE_BASE_URL}/gezond/", timeout=2) as answer:  # noqa: S310  our own
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def pay_as_configured(today: date, *, door_open: bool) -> int:
    """Let the made-up households pay what they pay by today. How many payments were made.

    Goes by what has been paid so far, so that repeating it pays nothing twice.
    """
    count = 0
    for payer, installment in _payers_with_open_installments(today):
        wanted = planned_by(payer, installment, today) - installment.paid_cents
        if wanted <= 0:
            continue
        if installment.arrangement.pay_way == PayWay.TRANSFER:
            count += _transfer(installment, wanted)
        else:
            count += _pay(installment, wanted, door_open=door_open)
    return count


def _payers_with_open_installments(until: date) -> list[tuple[DemoPayer, Installment]]:
    with transaction.atomic():
        payers = {payer.citizen_id: payer for payer in DemoPayer.objects.all()}
        rows = Installment.objects.select_related("arrangement").filter(
            state__in=_UNPAID, due_date__lte=until, arrangement__state__in=RUNNING
        )
        if not settings.DEMO:
            rows = rows.filter(citizen_id__in=list(payers))
        # A visitor of the demo who made a plan of their own pays as agreed.
        return [
            (payers.get(row.citizen_id) or DemoPayer(citizen_id=row.citizen_id), row)
            for row in rows.order_by("due_date", "arrangement_id", "number")
        ]


def planned_by(payer: DemoPayer, installment: Installment, today: date) -> int:
    """How much of this instalment this household has paid by `today`, in cents, if all goes as it does for them."""
    amount = installment.amount_cents
    return max((part for day, part in _plan(payer, installment) if day <= today), default=0) if amount else 0


def _plan(payer: DemoPayer, installment: Installment) -> list[tuple[date, int]]:
    """The days on which the household pays, each with what is paid of the instalment by then."""
    due, amount = installment.due_date, installment.amount_cents
    if payer.behavior == DemoPayer.Behavior.LATE:
        return [(due + timedelta(days=LATE_DAYS), amount)]
    if payer.behavior == DemoPayer.Behavior.HALF:
        return [(due, amount // 2), (due + timedelta(days=HALF_LATE_DAYS), amount)]
    skips = installment.number % payer.every_n == 0 and installment.number < installment.arrangement.months
    if payer.behavior == DemoPayer.Behavior.MISSES and skips:
        # Together with the next one.
        return [(add_months(installment.arrangement.first_due_date, installment.number), amount)]
    return [(due, amount)]


def _pay(installment: Installment, amount: int, *, door_open: bool) -> int:
    """Through the real door: our link, the bank's page, its signed message; the janitor when nobody answers there."""
    try:
        with act_as(Scope(citizen_id=installment.citizen_id, reason="tijdmachine")):
            payment = start_payment(
                installment=installment, return_url=f"{settings.SITE_BASE_URL}/betaling/{{payment}}/"
            )
    except BeingPaid as paid:
        refresh_payment(payment_id=paid.payment.pk)
        return 1
    except CannotPay:
        return 0
    demobank.pay(payment.provider_id, amount_cents=amount, notify=door_open)
    if door_open:
        drain()
    with transaction.atomic():
        waits = Payment.objects.filter(pk=payment.pk, state=PaymentState.PENDING).exists()
    if waits:
        refresh_payment(payment_id=payment.pk)
    return 1


@transaction.atomic
def _transfer(installment: Installment, amount: int) -> int:
    """From the household's own bank, with the number of the plan; it stands on the statement of that day.

    What was paid before goes into the name, so that nothing is sent twice while it is on its way.
    """
    citizen = Citizen.objects.get(pk=installment.citizen_id)
    key = f"household:{installment.pk}:{installment.paid_cents}:{amount}"
    if demobank.was_transferred(key):
        return 0
    demobank.transfer_in(
        iban=household_iban(installment.citizen_id),
        name=citizen.full_name,
        amount_cents=amount,
        structured=installment.arrangement.payment_reference,
        key=key,
    )
    return 1


def household_iban(citizen_id: int) -> str:
    """The made-up account of a made-up household: always the same, and valid."""
    account = f"{citizen_id:010d}"
    number = int("".join(str(int(sign, 36)) for sign in f"DEMO{account}NL00"))
    return f"NL{98 - number % 97:02d}DEMO{account}"


def next_day_with_work(today: date) -> date:
    """The first day after `today` on which something can fall due: at the latest the next payout day."""
    with transaction.atomic():
        return min(day for day in _candidates(today) if day > today)


def _candidates(today: date) -> Iterator[date]:
    this_month = payout_date(today)
    yield this_month if this_month > today else payout_date(add_months(today.replace(day=1), 1))
    tomorrow = today + _ONE_DAY
    bank_day = demobank.next_day(today)
    if bank_day is not None:
        yield bank_day
    if PayoutBatch.objects.filter(state=PayoutBatch.State.SUBMITTED).exists() or finished_money_waits():
        yield tomorrow
    yield from _installment_days(today)
    yield from answer_days(today)
    yield from making_days(today)
    yield from _norms_days(today)
    yield from _review_days(today)
    yield from _shift_days(today)
    yield from _variation_days(today)
    to_confirm = unconfirmed().aggregate(day=Min("due_on"))["day"]
    if to_confirm is not None:
        yield max(to_confirm + _ONE_DAY, tomorrow)
    yield from map(next_chase, open_invitations())
    transfers = ClaimTransfer.objects.filter(applied_on=None, to_creditor__isnull=False, from_date__gt=today)
    yield from transfers.values_list("from_date", flat=True).distinct()
    approved = IbanChange.objects.filter(state=IbanChange.State.APPROVED)
    yield from (max(day, tomorrow) for day in approved.values_list("effective_on", flat=True) if day is not None)
    dropped = UploadedClaim.objects.filter(matched_at=None, claim=None).aggregate(day=Min("expires_on"))["day"]
    if dropped is not None:
        yield max(dropped + _ONE_DAY, tomorrow)
    over = Mandate.objects.filter(ended_at=None, valid_until__gte=today).aggregate(day=Min("valid_until"))["day"]
    if over is not None:
        yield over + _ONE_DAY


def _installment_days(today: date) -> Iterator[date]:
    policy = policy_on(today)
    # The payout day is never further away than this, so nothing beyond it can come first.
    horizon = today + timedelta(days=45)
    rows = Installment.objects.filter(
        state__in=[InstallmentState.OPEN, InstallmentState.PARTLY_PAID],
        due_date__lte=horizon,
        arrangement__state__in=[ArrangementState.ACTIVE, ArrangementState.PAUSED],
    )
    for due in rows.values_list("due_date", flat=True).distinct():
        yield due - timedelta(days=policy.reminder_days_before_due)
    late = Installment.objects.filter(
        state__in=_UNPAID, due_date__lte=horizon, arrangement__state=ArrangementState.ACTIVE
    )
    for due in late.values_list("due_date", flat=True).distinct():
        for days, _step in steps(policy):
            yield due + timedelta(days=days)
    for payer, installment in _payers_with_open_installments(horizon):
        for day, _amount in _plan(payer, installment):
            yield day


def _review_days(today: date) -> Iterator[date]:
    """The next anniversary of every running arrangement, and the day after which a review that was asked is late."""
    policy = policy_on(today)
    running = Arrangement.objects.filter(state__in=RUNNING).values_list("signed_on", flat=True)
    for signed_on in running.distinct():
        years = months_between(signed_on, today) // policy.review_every_months
        for count in (years, years + 1):
            yield add_months(signed_on, max(count, 1) * policy.review_every_months)
    waiting = YearlyReview.objects.filter(done_on=None, task_made_on=None, arrangement__state__in=RUNNING)
    for asked_on in waiting.values_list("asked_on", flat=True).distinct():
        yield asked_on + timedelta(days=policy.review_task_after_days)


def _shift_days(today: date) -> Iterator[date]:
    """The first day after every pause, and the day on which holiday pay is thought of."""
    paused = Arrangement.objects.filter(state=ArrangementState.PAUSED).values_list("paused_until", flat=True)
    for until in paused.distinct():
        if until is not None:
            yield max(until, today) + _ONE_DAY
    if Arrangement.objects.filter(state=ArrangementState.ACTIVE, windfall_rule=WindfallRule.SHORTEN).exists():
        for year in (today.year, today.year + 1):
            yield windfall_day(year, today)


def _variation_days(today: date) -> Iterator[date]:
    policy = policy_on(today)
    asked = Variation.objects.filter(state=VariationState.PROPOSED).values_list("proposed_on", flat=True)
    for day in asked.distinct():
        yield from _ladder(day, policy)


def _ladder(asked_on: date, policy: PolicyValues) -> Iterator[date]:
    """When somebody who was asked and does not answer is reminded, called, and no longer waited for."""
    for days in (
        policy.remind_after_working_days,
        policy.task_after_working_days,
        policy.unanswered_after_working_days,
    ):
        yield add_working_days(asked_on, days)


def _norms_days(today: date) -> Iterator[date]:
    """The first day of the next half-year, and the days on which the desk is warned about norms that are not there."""
    starts = next_half_year(today)
    yield starts
    if not half_year_state(starts).usable:
        for days in WARN_DAYS:
            yield starts - timedelta(days=days)
