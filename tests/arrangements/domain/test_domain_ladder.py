"""One step at a time, once, together for everything that is late; a payment stops it."""

from datetime import date

import pytest

from arrangements.domain.ladder import Climb, LadderStep, LateOne, climb, ladder_done, step_of, steps
from arrangements.domain.lifecycle import InstallmentState
from arrangements.domain.policy_values import policy_on

POLICY = policy_on(date(2026, 11, 23))
MISSED, PARTLY = InstallmentState.MISSED, InstallmentState.PARTLY_PAID
MESSAGE, CALL, COACH, VARY = LadderStep


def late(days: int, done: str = "", *, key: int = 1, state: InstallmentState = MISSED) -> LateOne:
    return LateOne(key, days, state, done)


@pytest.mark.parametrize(
    ("days", "done", "expected"),
    [
        (1, "", None),
        (2, "", None),
        (3, "", MESSAGE),
        (6, "message", None),
        (7, "message", CALL),
        (13, "call", None),
        (14, "call", COACH),
        (29, "coach", None),
        (30, "coach", VARY),
        (400, "vary", None),
        (40, "", VARY),
    ],
)
def test_a_step_comes_on_its_day_and_once(days: int, done: str, expected: LadderStep | None) -> None:
    assert step_of(late(days, done), POLICY) == expected


def test_the_steps_come_in_their_order() -> None:
    found = steps(POLICY)
    assert [step for _, step in found] == [MESSAGE, CALL, COACH, VARY]
    assert sorted(found) == list(found)


def test_a_part_that_was_paid_stops_the_ladder_after_the_message() -> None:
    assert step_of(late(3, state=PARTLY), POLICY) == MESSAGE
    for days in (7, 14, 30, 300):
        assert step_of(late(days, "message", state=PARTLY), POLICY) is None
        assert step_of(late(days, "vary", state=PARTLY), POLICY) is None


def test_several_late_ones_are_one_message() -> None:
    found = climb([late(35, key=1), late(5, key=2)], POLICY)
    assert found == Climb(VARY, (1, 2), ((1, VARY), (2, MESSAGE)))


def test_a_newer_one_joins_an_older_that_stands_higher_without_a_task_of_its_own() -> None:
    assert climb([late(38, "vary", key=1), late(7, "message", key=2)], POLICY) == Climb(None, (), ((2, CALL),))
    # The first friendly message is for every instalment.
    assert climb([late(34, "vary", key=1), late(3, key=2)], POLICY) == Climb(MESSAGE, (2,), ((2, MESSAGE),))


def test_nothing_due_is_nothing_done() -> None:
    assert climb([], POLICY) == Climb(None, (), ())
    assert climb([late(8, "call")], POLICY) == Climb(None, (), ())


def test_all_help_was_offered_only_when_nothing_was_paid_and_the_last_step_was_taken() -> None:
    assert ladder_done([late(31, "vary")])
    assert not ladder_done([late(31, "coach")])
    assert not ladder_done([late(31, "vary", state=PARTLY)])
    assert not ladder_done([])


def test_what_is_not_late_has_no_place_on_the_ladder() -> None:
    with pytest.raises(ValueError, match="days_late"):
        late(0)
