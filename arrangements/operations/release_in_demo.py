"""In the demo two people of the desk release every run by themselves, so that months can pass without anybody pressing."""

from datetime import date
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from accounts.models import User
from arrangements.models import MoneyRun, PayoutFile, RunApproval
from arrangements.operations.approve_run import NEEDED, CannotApprove, approve_run
from arrangements.operations.submit_run import mark_submitted
from arrangements.payments import demobank
from arrangements.payments.registry import channel
from infra.scope import Scope, act_as, as_worker

PEOPLE: Final = ("run-een@loket.example", "run-twee@loket.example")
"""They cannot log in: no password, and no mail arrives there."""


def release_as_configured(today: date) -> int:
    """Let the two made-up people approve every run that is ready, as they would on the page. How many runs. Worker only.

    A run that a person at the desk has touched is left to people. Where nobody takes files in, they hand them in themselves.
    Refused outside demo, training and tests.
    """
    if not demobank.allowed():
        raise ImproperlyConfigured("runs are released by people")
    with transaction.atomic():
        ready = list(MoneyRun.objects.filter(state=MoneyRun.State.BUILT, run_date__lte=today).order_by("pk"))
        mine = set(RunApproval.objects.filter(user__email__in=PEOPLE).values_list("run_id", flat=True))
        touched = set(RunApproval.objects.exclude(user__email__in=PEOPLE).values_list("run_id", flat=True))
    count = 0
    for run in ready:
        if run.pk in touched - mine:
            continue
        for person in _people():
            count += _approve(run, person)
    return count // NEEDED


def hand_in_as_configured() -> int:
    """Without a channel: files of released runs are handed in by the made-up people. How many. Worker only."""
    if channel() is not None:
        return 0
    with transaction.atomic():
        waiting = PayoutFile.objects.filter(state=PayoutFile.State.MADE, run__state=MoneyRun.State.RELEASED)
        files = list(waiting.order_by("pk").values_list("pk", flat=True))
    for file_id in files:
        mark_submitted(file_id=file_id)
    return len(files)


def _people() -> list[User]:
    with as_worker("twee mensen van het loket in de demo"), transaction.atomic():
        return [
            User.objects.get_or_create(email=email, defaults={"is_staff": True, "password": "!"})[0] for email in PEOPLE
        ]


def _approve(run: MoneyRun, person: User) -> int:
    with act_as(Scope(user_id=person.pk, desk=True, reason="tijdmachine")), transaction.atomic():
        try:
            approve_run(run=run, user=person, total_cents=run.total_cents, names_checked=True)
        except CannotApprove:
            return 0
    return 1
