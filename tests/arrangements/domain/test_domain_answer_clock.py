"""The days a creditor has, and has again after its question was answered."""

from datetime import date, timedelta

import pytest

from arrangements.domain.answer_clock import AnswerClock, clock_after_reply, clock_from
from kernel.working_days import add_working_days, working_days_between

MONDAY = date(2026, 11, 23)


def test_the_clock_starts_on_the_day_somebody_is_asked() -> None:
    assert clock_from(MONDAY, 10) == AnswerClock(MONDAY, date(2026, 12, 7))


@pytest.mark.parametrize("replied_after", range(40))
def test_after_a_reply_there_are_at_least_five_working_days_and_never_fewer_than_before(replied_after: int) -> None:
    before = clock_from(MONDAY, 10)
    replied_on = MONDAY + timedelta(days=replied_after)
    after = clock_after_reply(before, replied_on, answer_days=10, at_least=5)
    assert after.answer_by == max(before.answer_by, add_working_days(replied_on, 5))
    assert after.answer_by >= before.answer_by
    # Reminder, task and no answer keep their distance from the last day.
    assert working_days_between(after.asked_on, after.answer_by) == 10


def test_a_quick_reply_changes_nothing() -> None:
    before = clock_from(MONDAY, 10)
    assert clock_after_reply(before, date(2026, 11, 25), answer_days=10, at_least=5) is before
