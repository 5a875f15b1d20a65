"""Everything that falls due on a business date."""

from collections.abc import Callable
from datetime import date
from typing import Final

from django.db import transaction

from arrangements.operations.apply_transfers import transfers_due
from arrangements.operations.ask_windfall import ask_windfall
from arrangements.operations.bank_day import follow_bank
from arrangements.operations.change_iban import apply_iban_changes
from arrangements.operations.climb_ladder import climb_ladder
from arrangements.operations.creditor_tasks import watch_creditor_tasks
from arrangements.operations.end_pauses import end_pauses
from arrangements.operations.invite_creditor import chase_invitations
from arrangements.operations.keep_promises import keep_promises
from arrangements.operations.lapse_proposal import watch_making
from arrangements.operations.pay_out import payouts_due
from arrangements.operations.reconcile import reconcile_yesterday
from arrangements.operations.release_cases import release_cases
from arrangements.operations.reminders import (
    after_mandates,
    remind_payments,
)
from arrangements.operations.review_yearly import review_yearly
from arrangements.operations.settle_variation import watch_variations
from arrangements.operations.submit_refunds import refunds_due
from arrangements.operations.submit_run import watch_runs
from arrangements.operations.tasks_for_director import follow_director
from arrangements.operations.tell_late_claims import tell_late_claims
from arrangements.operations.use_new_norms import rerun_for_new_norms, tell_waiting
from arrangements.operations.warn_norms import warn_norms
from arrangements.operations.watch_answers import watch_answers
from arrangements.operations.watch_events import fetch_missed_events
from arrangements.operations.watch_suspense import watch_suspense
from creditors.operations.forget_claims import forget_expired_claims
from infra import clock, jobs


def _events(*, today: date) -> int:
    del today  # the provider knows what it told
    return fetch_missed_events()


def _forgotten(*, today: date) -> int:
    return forget_expired_claims(on=today)


#: In this order: the books of yesterday are checked before anything new is booked; money that arrived is on the account
#: before the bank pays from it. Norms come last: running plans do not wait for them.
STEPS: Final[tuple[tuple[str, Callable[..., int]], ...]] = (
    ("reconciled", reconcile_yesterday),
    ("promises", keep_promises),
    ("transfers", transfers_due),
    ("answers", watch_answers),
    ("making", watch_making),
    ("pauses", end_pauses),
    ("windfalls", ask_windfall),
    ("variations", watch_variations),
    ("late_claims", tell_late_claims),
    ("invitations", chase_invitations),
    ("reminders", remind_payments),
    ("missed", climb_ladder),
    ("creditor_tasks", watch_creditor_tasks),
    ("reviews", review_yearly),
    ("events", _events),
    ("bank", follow_bank),
    ("suspense", watch_suspense),
    ("account_numbers", apply_iban_changes),
    ("runs", watch_runs),
    ("payouts", payouts_due),
    ("refunds", refunds_due),
    ("forgotten_claims", _forgotten),
    ("mandates_over", after_mandates),
    ("cases_released", release_cases),
    ("tasks_moved", follow_director),
    ("norms_missing", warn_norms),
    ("norms_back", tell_waiting),
    ("norms_reruns", rerun_for_new_norms),
)


@transaction.atomic
def promise_day(day: date) -> None:
    """Promise the work of `day`, once. Worker only."""
    jobs.enqueue("run_day", key=f"run_day:{day.isoformat()}", arguments={"date": day.isoformat()})


@jobs.job("run_day", chunked=True)
def run_day_job(_work: jobs.Work) -> dict[str, int]:
    """See `run_day`. Killed half-way it starts again: every step does what is left to do."""
    return run_day(today=clock.today())


def run_day(*, today: date) -> dict[str, int]:
    """Do what is due up to and including `today`, each step in its own transaction. Safe to repeat. Worker only.

    Says how much each step did. Payouts are promised as jobs of their own.
    """
    return {name: step(today=today) for name, step in STEPS}
