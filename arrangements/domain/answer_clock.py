"""The days a creditor has to answer: from the day it was asked, and again after its question was answered."""

from dataclasses import dataclass
from datetime import date, timedelta

from kernel.working_days import add_working_days, is_working_day, working_days_between

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AnswerClock:
    """`asked_on`: the day from which working days count (reminder, task, no answer). `answer_by`: the last day."""

    asked_on: date
    answer_by: date


def clock_from(asked_on: date, answer_days: int) -> AnswerClock:
    """The clock that starts on `asked_on` and gives `answer_days` working days."""
    return AnswerClock(asked_on, add_working_days(asked_on, answer_days))


def clock_after_reply(clock: AnswerClock, replied_on: date, *, answer_days: int, at_least: int) -> AnswerClock:
    """The clock after the creditor's question was answered: at least `at_least` working days more, never fewer than before.

    Everything that counts from `asked_on` moves along with it. `answer_days` as in `clock_from`.
    """
    answer_by = add_working_days(replied_on, at_least)
    if answer_by <= clock.answer_by:
        return clock
    asked_on = answer_by
    while working_days_between(asked_on, answer_by) < answer_days or not is_working_day(asked_on):
        asked_on -= _ONE_DAY
    return AnswerClock(asked_on, answer_by)
