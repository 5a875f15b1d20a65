"""A statement that is missing shows in the numbers or in the balances."""

from datetime import date

from arrangements.domain.statement_gaps import Numbered, gaps


def one(number: int | None, opening: int, closing: int, year: int = 2026) -> Numbered:
    return Numbered(number, opening, closing, date(year, 6, 1))


def test_statements_that_follow_each_other_have_no_gap() -> None:
    assert gaps([one(1, 0, 5), one(2, 5, 9), one(3, 9, 0)]) == [False, False, False]
    assert gaps([one(None, 0, 5), one(None, 5, 9)]) == [False, False]
    assert gaps([]) == []


def test_a_skipped_number_is_a_gap_also_when_the_balances_fit() -> None:
    assert gaps([one(1, 0, 5), one(3, 5, 9)]) == [False, True]


def test_a_balance_that_does_not_go_on_is_a_gap_also_when_the_numbers_fit() -> None:
    assert gaps([one(1, 0, 5), one(2, 6, 9)]) == [False, True]


def test_in_a_new_year_the_numbers_may_start_again() -> None:
    assert gaps([one(250, 0, 5), one(1, 5, 9, year=2027)]) == [False, False]
    assert gaps([one(250, 0, 5), one(1, 6, 9, year=2027)]) == [False, True]
