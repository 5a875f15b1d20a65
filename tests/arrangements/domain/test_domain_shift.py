"""Instalments that get another day, to the cent and to the day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrangements.domain.lifecycle import InstallmentState
from arrangements.domain.shift import (
    Rule,
    Shift,
    ShiftRefused,
    Term,
    after,
    asked,
    break_months_used,
    break_possible_from,
    check_movable,
    end_of,
    highest,
    latest_day,
    move_one,
    pay_extra,
    skip,
)
from kernel.periods import add_months

FIRST = date(2026, 12, 1)
ON = date(2026, 11, 25)
S = InstallmentState


def plan(count: int = 4, amount: int = 45_00) -> list[Term]:
    return [Term(n, add_months(FIRST, n - 1), amount, key=n) for n in range(1, count + 1)]


def moved(terms: list[Term], number: int, day: date, *, on: date = ON, by_citizen: bool = True) -> Shift:
    return move_one(terms, number, day, on=on, move_days=14, by_citizen=by_citizen)


def skipped(
    terms: list[Term], count: int, rule: Rule = Rule.LATER, *, capacity: int | None = None, on: date = ON
) -> Shift:
    return skip(terms, count, from_day=on, rule=rule, pay_day=1, monthly=45_00, sure_capacity=capacity)


# --- one a little later --------------------------------------------------------------------------------------------


def test_one_instalment_goes_fourteen_days_later_and_the_end_stays() -> None:
    shift = moved(plan(), 1, date(2026, 12, 15))
    assert [(one.number, one.due_date, one.amount) for one in shift.replacing] == [(1, date(2026, 12, 15), 45_00)]
    assert (shift.old_end, shift.new_end) == (date(2027, 3, 1), date(2027, 3, 1))
    assert (shift.old_monthly, shift.new_monthly) == (45_00, 45_00)


def test_the_last_instalment_later_moves_the_end() -> None:
    assert moved(plan(), 4, date(2027, 3, 9)).new_end == date(2027, 3, 9)


@pytest.mark.parametrize("day", [date(2026, 12, 1), date(2026, 11, 30), date(2026, 12, 16)])
def test_not_the_same_day_not_earlier_and_not_a_day_too_far(day: date) -> None:
    with pytest.raises(ShiftRefused):
        moved(plan(), 1, day)


def test_a_late_one_cannot_go_to_a_day_that_is_over() -> None:
    terms = [replace(plan()[0], state=S.MISSED), *plan()[1:]]
    with pytest.raises(ShiftRefused, match="later dan vandaag"):
        moved(terms, 1, date(2026, 12, 8), on=date(2026, 12, 8))
    assert moved(terms, 1, date(2026, 12, 9), on=date(2026, 12, 8)).replacing[0].due_date == date(2026, 12, 9)


def test_a_late_one_whose_days_are_over_goes_to_somebody_who_calls() -> None:
    terms = [replace(plan()[0], state=S.MISSED), *plan()[1:]]
    with pytest.raises(ShiftRefused, match="niet meer later"):
        moved(terms, 1, date(2026, 12, 20), on=date(2026, 12, 15))


def test_the_citizen_moves_an_instalment_once_and_a_helper_again() -> None:
    terms = after(plan(), moved(plan(), 1, date(2026, 12, 8)))
    with pytest.raises(ShiftRefused, match="al een keer"):
        moved(list(terms), 1, date(2026, 12, 10))
    again = moved(list(terms), 1, date(2026, 12, 10), by_citizen=False)
    assert again.replacing[0].moved_before, "not even after a helper moved it does it start anew"


def test_a_partly_paid_one_is_replaced_for_what_is_open() -> None:
    terms = [replace(plan()[0], paid=10_00, state=S.PARTLY_PAID), *plan()[1:]]
    shift = moved(terms, 1, date(2026, 12, 5))
    assert shift.replacing[0].amount == 35_00
    assert asked(after(terms, shift)) == asked(terms)


def test_it_stays_before_the_next_instalment() -> None:
    terms = [Term(1, date(2026, 12, 1), 10_00, key=1), Term(2, date(2026, 12, 10), 10_00, key=2)]
    assert latest_day(terms, terms[0], 14) == date(2026, 12, 9)
    with pytest.raises(ShiftRefused):
        moved(terms, 1, date(2026, 12, 10))


@pytest.mark.parametrize("state", [S.PAID, S.MOVED])
def test_what_is_done_is_not_moved(state: S) -> None:
    term = replace(plan()[0], paid=45_00, state=state)
    with pytest.raises(ShiftRefused):
        check_movable([term], term, on=ON, move_days=14, by_citizen=False)


def test_a_number_that_is_not_there() -> None:
    with pytest.raises(ShiftRefused):
        moved(plan(), 9, date(2026, 12, 5))


# --- skipping ------------------------------------------------------------------------------------------------------


def test_later_puts_them_after_the_last_one() -> None:
    shift = skipped(plan(), 2)
    assert [term.number for term in shift.skipped] == [1, 2]
    assert [(one.number, one.due_date, one.amount) for one in shift.replacing] == [
        (5, date(2027, 4, 1), 45_00),
        (6, date(2027, 5, 1), 45_00),
    ]
    assert (shift.old_end, shift.new_end, shift.new_monthly) == (date(2027, 3, 1), date(2027, 5, 1), 45_00)
    assert shift.next_due == date(2027, 2, 1)


def test_higher_spreads_to_the_cent_odd_cents_first() -> None:
    shift = skipped(plan(4, 10_00), 1, Rule.HIGHER, capacity=100_00)
    assert [one.amount for one in shift.raised] == [13_34, 13_33, 13_33]
    assert (shift.replacing, shift.new_end, shift.fell_back) == ((), date(2027, 3, 1), False)


def test_higher_says_the_new_monthly_amount() -> None:
    shift = skipped(plan(), 1, Rule.HIGHER, capacity=60_00)
    assert (shift.new_monthly, shift.old_monthly) == (60_00, 45_00)


@pytest.mark.parametrize("capacity", [59_99, 0, None])
def test_above_what_is_surely_possible_the_end_moves_instead(capacity: int | None) -> None:
    shift = skipped(plan(), 1, Rule.HIGHER, capacity=capacity)
    assert shift.fell_back
    assert (shift.rule, shift.raised, shift.new_monthly) == (Rule.LATER, (), 45_00)
    assert shift.new_end == date(2027, 4, 1)


def test_higher_within_the_monthly_amount_needs_no_capacity() -> None:
    terms = [Term(1, FIRST, 5_00, key=1), Term(2, add_months(FIRST, 1), 20_00, key=2)]
    shift = skipped(terms, 1, Rule.HIGHER, capacity=None)
    assert (shift.rule, shift.new_monthly, shift.raised[0].amount) == (Rule.HIGHER, 45_00, 25_00)


def test_nothing_left_to_spread_over_comes_later() -> None:
    shift = skipped(plan(2), 2, Rule.HIGHER, capacity=500_00)
    assert (shift.fell_back, shift.rule, shift.new_end) == (True, Rule.LATER, date(2027, 3, 1))
    assert shift.next_due == date(2027, 2, 1)


def test_a_missed_one_stays_missed_and_an_open_one_before_the_day_too() -> None:
    terms = plan()
    terms[0] = replace(terms[0], state=S.MISSED)
    shift = skipped(terms, 1, on=date(2026, 12, 10))
    assert [term.number for term in shift.skipped] == [2]
    assert [term.number for term in skipped(plan(), 1, on=date(2026, 12, 2)).skipped] == [2]


def test_more_than_there_are_is_refused() -> None:
    with pytest.raises(ShiftRefused, match="nog 2 termijnen"):
        skipped(plan(2), 3)
    with pytest.raises(ShiftRefused, match="geen termijn"):
        skipped(plan(2), 1, on=date(2028, 1, 1))


def test_after_a_last_one_that_was_moved_comes_the_next_pay_day() -> None:
    terms = after(plan(), moved(plan(), 4, date(2027, 3, 9)))
    shift = skipped(list(terms), 1)
    assert shift.replacing[0].due_date == date(2027, 4, 1)


terms_made = st.lists(
    st.tuples(st.integers(1, 400_00), st.integers(0, 400_00), st.sampled_from([S.OPEN, S.MISSED, S.PAID])),
    min_size=1,
    max_size=40,
).map(
    lambda rows: [
        Term(
            number,
            add_months(FIRST, number - 1),
            amount,
            paid=amount if state is S.PAID else min(paid, amount - 1),
            state=S.PARTLY_PAID if state is S.OPEN and min(paid, amount - 1) else state,
            key=number,
        )
        for number, (amount, paid, state) in enumerate(rows, start=1)
    ]
)


@given(
    terms_made,
    st.integers(1, 6),
    st.sampled_from(Rule),
    st.integers(0, 40),
    st.one_of(st.none(), st.integers(0, 800_00)),
)
def test_what_is_asked_never_changes(
    terms: list[Term], count: int, rule: Rule, months: int, capacity: int | None
) -> None:
    monthly = highest(terms)
    try:
        shift = skip(
            terms,
            count,
            from_day=add_months(FIRST, months),
            rule=rule,
            pay_day=1,
            monthly=monthly,
            sure_capacity=capacity,
        )
    except ShiftRefused:
        return
    then = after(terms, shift)
    assert asked(then) == asked(terms)
    assert sum(one.open for one in then) == sum(one.open for one in terms)
    assert highest(then) <= shift.new_monthly
    assert shift.new_monthly == monthly or (capacity is not None and shift.new_monthly <= capacity)
    assert end_of(then) == shift.new_end
    numbers = [one.number for one in then if one.state is not S.MOVED]
    assert len(set(numbers)) == len(numbers)
    days = [one.due_date for one in then if one.state is not S.MOVED]
    assert len(set(days)) == len(days)


@given(terms_made, st.integers(1, 40), st.integers(1, 20))
def test_a_moved_one_asks_the_same(terms: list[Term], number: int, days: int) -> None:
    day = add_months(FIRST, number - 1) + timedelta(days=days)
    try:
        shift = moved(terms, number, day)
    except ShiftRefused:
        return
    then = after(terms, shift)
    assert asked(then) == asked(terms)
    assert end_of(then) == shift.new_end


# --- how often -----------------------------------------------------------------------------------------------------


def test_two_months_per_rolling_year() -> None:
    used = [date(2026, 12, 1), date(2027, 1, 1)]
    assert break_months_used(used, date(2027, 11, 30), 12) == 2
    assert break_months_used(used, date(2027, 12, 1), 12) == 1
    assert break_months_used(used, date(2028, 1, 1), 12) == 0


def test_the_day_on_which_it_is_possible_again() -> None:
    used = [date(2026, 12, 1), date(2027, 1, 1)]

    def possible(wanted: int, on: date) -> date | None:
        return break_possible_from(used, wanted, on, most=2, window_months=12)

    assert possible(1, date(2027, 3, 1)) == date(2027, 12, 1)
    assert possible(2, date(2027, 3, 1)) == date(2028, 1, 1)
    assert possible(1, date(2027, 12, 1)) == date(2027, 12, 1)
    assert possible(3, date(2030, 1, 1)) is None


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 2)), max_size=20))
def test_no_twelve_months_ever_hold_more_than_two(asks: list[tuple[int, int]]) -> None:
    used: list[date] = []
    for month, count in sorted(asks):
        on = add_months(FIRST, month)
        if break_possible_from(used, count, on, most=2, window_months=12) == on:
            free = [add_months(FIRST, month + extra) for extra in range(60)]
            used += [day for day in free if day not in used][:count]
    for start in used:
        assert sum(start <= day < add_months(start, 12) for day in used) <= 2


# --- paying more ---------------------------------------------------------------------------------------------------


def test_an_extra_amount_pays_the_last_ones() -> None:
    extra = pay_extra(plan(), 100_00)
    assert (extra.fewer, extra.new_end, extra.months_sooner) == (2, date(2027, 1, 1), 2)
    assert extra.last_amount == 35_00


def test_a_small_extra_amount_makes_the_last_one_lower() -> None:
    extra = pay_extra(plan(), 5_00)
    assert (extra.fewer, extra.new_end, extra.months_sooner, extra.last_amount) == (0, date(2027, 3, 1), 0, 40_00)


def test_everything_at_once_leaves_nothing() -> None:
    extra = pay_extra(plan(), 180_00)
    assert (extra.new_end, extra.last_amount, extra.fewer) == (None, 0, 4)


@pytest.mark.parametrize("amount", [0, 180_01])
def test_nothing_and_too_much_are_refused(amount: int) -> None:
    with pytest.raises(ShiftRefused):
        pay_extra(plan(), amount)
