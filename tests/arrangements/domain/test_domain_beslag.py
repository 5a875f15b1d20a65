"""What a beslag brings against what the plan gives, and where the instalments go that fell due meanwhile."""

from datetime import date

import pytest

from arrangements.domain.beslag import Due, Under, after_beslag, compare_beslag, share_if_joins
from arrangements.domain.claim import ClaimLine


def test_alone_a_party_gets_all_that_is_above_the_floor_and_together_its_part() -> None:
    # 493,58 a month; owed 1.000, others 3.000: a quarter. The plan gives 400: alone in 1 month, together in 4.
    found = compare_beslag(claim=1_000_00, in_plan=400_00, months=30, capacity=(493_58, 493_58), others=3_000_00)
    assert found.alone == Under(493_58, 493_58, 1, 1)
    assert found.together == Under(123_39, 123_39, 4, 4)
    assert found.per_month == 13_33


def test_with_two_bounds_there_are_two_answers() -> None:
    found = compare_beslag(claim=10_000_00, in_plan=400_00, months=30, capacity=(0, 100_00), others=0)
    assert found.alone == Under(0, 100_00, None, 4)
    assert found.alone is not None
    assert not found.alone.exact


def test_who_can_miss_nothing_has_nothing_to_seize() -> None:
    found = compare_beslag(claim=1_000_00, in_plan=400_00, months=30, capacity=(0, 0), others=5_00)
    assert found.alone == Under(0, 0, None, None)


def test_what_is_not_known_is_not_guessed() -> None:
    found = compare_beslag(claim=1_000_00, in_plan=400_00, months=30, capacity=None, others=3_000_00)
    assert (found.alone, found.together) == (None, None)
    assert found.in_plan == 400_00
    found = compare_beslag(claim=None, in_plan=None, months=30, capacity=(100_00, 100_00), others=3_000_00, joins=True)
    assert found.alone == Under(100_00, 100_00, None, None)
    assert found.together is None
    assert found.per_month is None


def test_nobody_gets_more_per_month_than_it_is_owed() -> None:
    found = compare_beslag(claim=50_00, in_plan=20_00, months=3, capacity=(100_00, 100_00), others=0)
    assert found.alone == Under(50_00, 50_00, 1, 1)


def test_bounds_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValueError, match="lower bound"):
        compare_beslag(claim=1, in_plan=1, months=1, capacity=(2, 1), others=0)


def test_who_joins_gets_its_part_by_the_rule_of_all() -> None:
    # 3.600 for 2.000 preferent (double), 6.000, and 4.000 that joins: domain.md 9.16a.
    assert share_if_joins(3_600_00, [ClaimLine(2_000_00, preferent=True), ClaimLine(6_000_00)], 4_000_00) == 1_028_57


FEB, MARCH, APRIL, MAY = (date(2027, month, 5) for month in (2, 3, 4, 5))


def test_what_fell_in_the_standstill_comes_behind_the_last_one() -> None:
    unpaid = [Due(2, FEB, 45_00), Due(3, MARCH, 25_00), Due(4, APRIL, 45_00), Due(5, MAY, 45_00)]
    moved = after_beslag(unpaid, last_due=MAY, suspended_on=date(2027, 1, 20), lifted_on=date(2027, 3, 10))
    assert [(one.number, one.due, one.amount) for one in moved] == [
        (2, date(2027, 6, 5), 45_00),
        (3, date(2027, 7, 5), 25_00),
    ]


def test_what_was_late_before_stays_late_and_the_first_and_last_day_count() -> None:
    unpaid = [Due(1, date(2027, 1, 5), 45_00), Due(2, FEB, 45_00), Due(3, MARCH, 45_00), Due(4, APRIL, 45_00)]
    moved = after_beslag(unpaid, last_due=APRIL, suspended_on=FEB, lifted_on=MARCH)
    assert [one.number for one in moved] == [2, 3]


def test_a_plan_whose_whole_rest_fell_in_the_standstill_starts_on_the_next_pay_day() -> None:
    moved = after_beslag(
        [Due(2, FEB, 45_00), Due(3, MARCH, 45_00)], last_due=MARCH, suspended_on=FEB, lifted_on=date(2027, 6, 5)
    )
    assert [(one.number, one.due) for one in moved] == [(2, date(2027, 7, 5)), (3, date(2027, 8, 5))]


def test_lifted_on_the_same_day_moves_nothing_that_was_not_due() -> None:
    assert after_beslag([Due(2, MARCH, 1)], last_due=MARCH, suspended_on=FEB, lifted_on=FEB) == []
    with pytest.raises(ValueError, match="before it began"):
        after_beslag([], last_due=MARCH, suspended_on=MARCH, lifted_on=FEB)
