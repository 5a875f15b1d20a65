"""Creditors confirm with a date that they stopped collecting; an insurer signs off at the CAK."""

from datetime import date

import pytest

from arrangements.models import Arrangement, CaseTask, CreditorTask
from arrangements.operations.advance import next_day_with_work
from arrangements.operations.creditor_tasks import DateNotPossible, ask_creditors_to_stop, confirm_creditor_task
from creditors.models import Creditor
from infra.models import Message
from infra.scope import act_as, as_worker
from kernel.working_days import add_working_days
from tests.factories.beslag import day
from tests.factories.money import START, activate, at
from tests.factories.people import creditor_scope
from tests.factories.plans import Case, agreed, make_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> tuple[Case, Arrangement]:
    """Two creditors, the second a health insurer; signed on Monday 23 November 2026."""
    at(START)
    case = make_case(3_000_00, 6_000_00)
    with as_worker("test"):
        Creditor.objects.filter(pk=case.creditors[1].pk).update(is_health_insurer=True)
    agreed(case)
    return case, activate(case.sign())


def task(case: Case, number: int, kind: str = "stop_collecting") -> CreditorTask:
    with act_as(creditor_scope(case.creditors[number], case.members[number])):
        return CreditorTask.objects.get(kind=kind)


def confirm(case: Case, number: int, done_on: date | None, kind: str = "stop_collecting") -> CreditorTask:
    outcome = CreditorTask.Outcome.NOT_NEEDED if done_on is None else CreditorTask.Outcome.DONE
    with act_as(creditor_scope(case.creditors[number], case.members[number])):
        return confirm_creditor_task(
            task=CreditorTask.objects.get(kind=kind), user=case.members[number].user, outcome=outcome, done_on=done_on
        )


def test_at_the_start_everybody_is_asked_to_stop_and_an_insurer_to_sign_off(plan: tuple[Case, Arrangement]) -> None:
    case, arrangement = plan
    assert task(case, 0).due_on == task(case, 1).due_on == add_working_days(START, 5)
    # 1 December comes before there was time to confirm: five working days later than 23 November is 30 November.
    assert task(case, 1, "cak_sign_off").due_on == date(2026, 12, 1)
    with as_worker("test"):
        ask_creditors_to_stop(arrangement=arrangement, creditors=case.creditors)
        assert CreditorTask.objects.count() == 3


def test_a_task_is_confirmed_once_with_a_day_that_can_be(plan: tuple[Case, Arrangement]) -> None:
    case, _arrangement = plan
    at(date(2026, 11, 26))
    for impossible in (date(2026, 11, 27), date(2026, 11, 22)):
        with pytest.raises(DateNotPossible):
            confirm(case, 0, impossible)
    with act_as(creditor_scope(case.creditors[0], case.members[0])), pytest.raises(DateNotPossible):
        confirm_creditor_task(
            task=task(case, 0), user=case.members[0].user, outcome=CreditorTask.Outcome.DONE, done_on=None
        )
    found = confirm(case, 0, date(2026, 11, 24))
    assert (found.outcome, found.done_on, found.confirmed_on) == ("done", date(2026, 11, 24), date(2026, 11, 26))
    assert confirm(case, 0, date(2026, 11, 25)).done_on == date(2026, 11, 24)


def test_the_surcharge_may_end_on_the_first_of_the_next_month_and_not_later(plan: tuple[Case, Arrangement]) -> None:
    case, _arrangement = plan
    with pytest.raises(DateNotPossible, match="1 december 2026"):
        confirm(case, 1, date(2027, 1, 1), "cak_sign_off")
    assert confirm(case, 1, date(2026, 12, 1), "cak_sign_off").done_on == date(2026, 12, 1)


def test_not_needed_asks_no_day(plan: tuple[Case, Arrangement]) -> None:
    case, _arrangement = plan
    assert confirm(case, 1, None, "cak_sign_off").outcome == "not_needed"


def test_nobody_confirms_for_another_creditor(plan: tuple[Case, Arrangement]) -> None:
    case, _arrangement = plan
    foreign = task(case, 1)
    with act_as(creditor_scope(case.creditors[0], case.members[0])), pytest.raises(CreditorTask.DoesNotExist):
        confirm_creditor_task(task=foreign, user=case.members[0].user, outcome=CreditorTask.Outcome.NOT_NEEDED)


def test_who_does_not_confirm_is_reminded_once_and_the_director_calls(plan: tuple[Case, Arrangement]) -> None:
    case, _arrangement = plan
    confirm(case, 0, START)
    due = task(case, 1).due_on
    day(due)
    with as_worker("test"):
        assert Message.objects.filter(kind="creditor_task_reminder").count() == 0
    with as_worker("test"):
        assert next_day_with_work(due) <= date(2026, 12, 1)
    for today in (date(2026, 12, 1), date(2026, 12, 2), date(2026, 12, 3)):
        day(today)
    with as_worker("test"):
        told = list(Message.objects.filter(kind="creditor_task_reminder").values_list("creditor_id", flat=True))
        assert told == [case.creditors[1].pk] * 2
        assert set(CaseTask.objects.filter(done_on=None).values_list("kind", flat=True)) == {"stop_collecting", "cak"}
    confirm(case, 1, date(2026, 12, 3))
    day(date(2026, 12, 4))
    with as_worker("test"):
        open_ones = CaseTask.objects.filter(done_on=None, key__startswith="creditor_task:")
        assert list(open_ones.values_list("kind", flat=True)) == ["cak"]
