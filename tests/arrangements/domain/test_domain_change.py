"""Old and new side by side, and the plan as it would be with a lower amount: adds up, and never above the old share."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affordability.gate import Verdict
from arrangements.domain.change import Figures, Outcome, RunningLine, ToCome, compare, foresee
from arrangements.domain.claim import ClaimLine
from arrangements.domain.split import distribute, shares

GREEN = Figures(
    income=1_900_00,
    verdict=Verdict.GREEN,
    floor_low=1_406_42,
    floor_high=1_406_42,
    capacity_low=493_58,
    capacity_high=493_58,
    sure=493_58,
)


def figures(verdict: Verdict, low: int, high: int) -> Figures:
    return Figures(
        income=1_700_00,
        verdict=verdict,
        floor_low=1_700_00 - high,
        floor_high=1_700_00 - low,
        capacity_low=low,
        capacity_high=high,
        sure=low,
    )


# --- the outcome ----------------------------------------------------------------------------------------------------


def test_an_amount_that_still_fits_needs_nobody() -> None:
    found = compare(GREEN, figures(Verdict.GREEN, 300_00, 300_00), 45_00)
    assert found.outcome is Outcome.FITS
    assert not found.outcome.needs_a_person
    assert found.lower_amount is None


def test_more_capacity_is_told_and_changes_nothing() -> None:
    found = compare(GREEN, figures(Verdict.GREEN, 800_00, 800_00), 45_00)
    assert (found.outcome, found.capacity_rose, found.lower_amount) == (Outcome.FITS, True, None)


def test_too_much_would_fall_to_what_is_sure() -> None:
    found = compare(GREEN, figures(Verdict.RED, 30_00, 40_00), 45_00)
    assert (found.outcome, found.lower_amount) == (Outcome.TOO_MUCH, 30_00)
    assert found.outcome.needs_a_person


def test_amber_is_not_sure_and_would_fall_to_what_is() -> None:
    found = compare(GREEN, figures(Verdict.AMBER, 30_00, 60_00), 45_00)
    assert (found.outcome, found.lower_amount) == (Outcome.UNSURE, 30_00)


def test_an_official_figure_of_before_the_change_makes_a_green_unsure_and_a_red_stays_red() -> None:
    green = compare(GREEN, figures(Verdict.GREEN, 300_00, 300_00), 45_00, out_of_date=True)
    assert (green.outcome, green.lower_amount) == (Outcome.UNSURE, None)
    red = compare(GREEN, figures(Verdict.RED, 0, 0), 45_00, out_of_date=True)
    assert (red.outcome, red.lower_amount) == (Outcome.TOO_MUCH, 0)


def test_what_could_not_be_computed_is_never_taken_for_a_zero() -> None:
    found = compare(GREEN, Figures(income=1_700_00), 45_00)
    assert (found.outcome, found.lower_amount, found.capacity_rose) == (Outcome.UNKNOWN, None, False)
    unknown_income = compare(GREEN, Figures(verdict=Verdict.AMBER), 45_00)
    assert (unknown_income.outcome, unknown_income.lower_amount) == (Outcome.UNSURE, None)


@pytest.mark.parametrize("monthly", [-1, 45.0, True])
def test_an_amount_that_is_no_number_of_cents_is_refused(monthly: Any) -> None:
    with pytest.raises(ValueError, match="monthly"):
        compare(GREEN, GREEN, monthly)


# --- the prognosis --------------------------------------------------------------------------------------------------


def test_the_worked_example_of_a_fall_from_25_to_10_after_a_year() -> None:
    """domain.md 9.15: Z 1.800, H 900, E 450 concurrent, T 450 preferent, 25 × 36 = 900: 400, 200, 100 and 200.

    After twelve months 300 has come in. With 10 a month 24 × 15 = 360 less comes in: 540 in all, 60 % of every share.
    """
    agreed = shares(900_00, [ClaimLine(1_800_00), ClaimLine(900_00), ClaimLine(450_00), ClaimLine(450_00, True)])
    assert agreed == [400_00, 200_00, 100_00, 200_00]
    paid = distribute(300_00, agreed, [0, 0, 0, 0])
    starts = [1_800_00, 900_00, 450_00, 450_00]
    lines = [
        RunningLine(name, share, done, start - share, 0)
        for name, share, done, start in zip("ZHET", agreed, paid, starts, strict=True)
    ]
    found = foresee(10_00, lines, [ToCome(25_00)] * 24)
    assert [line.share_then for line in found.lines] == [240_00, 120_00, 60_00, 120_00]
    assert [line.waived_then for line in found.lines] == [1_560_00, 780_00, 390_00, 330_00]
    assert (found.to_pay_now, found.to_pay_then, found.waived_then) == (600_00, 240_00, 3_060_00)


def test_what_law_does_not_let_go_remains_and_is_not_waived() -> None:
    lines = [RunningLine("a", 100_00, 0, 50_00, 0), RunningLine("b", 100_00, 0, 0, 50_00, dischargeable=False)]
    found = foresee(1_00, lines, [ToCome(2_00)] * 100)
    assert [(line.waived_then, line.remains_then) for line in found.lines] == [(100_00, 0), (0, 100_00)]


def test_what_was_paid_ahead_of_a_month_is_never_given_back() -> None:
    found = foresee(10_00, [RunningLine("a", 90_00, 20_00, 0, 0)], [ToCome(45_00, 20_00), ToCome(45_00)])
    assert found.to_pay_then == 10_00  # nothing more this month, ten the next


def test_nothing_to_miss_stops_what_is_to_come_and_leaves_what_was_due() -> None:
    found = foresee(0, [RunningLine("a", 90_00, 0, 10_00, 0)], [ToCome(45_00)])
    assert (found.to_pay_then, found.waived_then) == (45_00, 55_00)


@st.composite
def plans(draw: st.DrawFn) -> tuple[list[RunningLine], list[ToCome]]:
    """A plan some months on its way: everything by the same split."""
    claims = draw(st.lists(st.tuples(st.integers(1, 500_000), st.booleans(), st.booleans()), min_size=1, max_size=8))
    total = sum(outstanding for outstanding, _, _ in claims)
    monthly, months = draw(st.integers(1, 60_000)), draw(st.integers(1, 48))
    pot = min(monthly * months, total)
    amounts = [min(monthly, pot - monthly * number) for number in range(months) if monthly * number < pot]
    agreed = shares(pot, [ClaimLine(outstanding, first) for outstanding, first, _ in claims])
    done = draw(st.integers(0, len(amounts)))
    ahead = draw(st.integers(0, amounts[done] if done < len(amounts) else 0))
    paid = distribute(sum(amounts[:done]) + ahead, agreed, [0] * len(agreed))
    lines = [
        RunningLine(
            key=str(number),
            share=share,
            paid=so_far,
            waived=outstanding - share if free else 0,
            remains=0 if free else outstanding - share,
            dischargeable=free,
        )
        for number, ((outstanding, _, free), share, so_far) in enumerate(zip(claims, agreed, paid, strict=True))
    ]
    coming = [ToCome(amount, ahead if number == 0 else 0) for number, amount in enumerate(amounts[done:])]
    return lines, coming


@given(plans(), st.integers(0, 70_000))
def test_the_prognosis_adds_up_to_the_cent_and_nobody_gets_more_than_its_share_or_less_than_it_has(
    plan: tuple[list[RunningLine], list[ToCome]], monthly: int
) -> None:
    lines, coming = plan
    found = foresee(monthly, lines, coming)
    still = sum(max(one.paid, min(one.amount, monthly)) - one.paid for one in coming)
    assert found.to_pay_then == still
    for before, then in zip(lines, found.lines, strict=True):
        assert before.paid <= then.share_then <= before.share
        assert then.share_then + then.waived_then + then.remains_then == before.share + before.waived + before.remains
        assert then.to_pay_then == then.share_then - before.paid
        assert then.remains_then == before.remains or not before.dischargeable


@given(plans(), st.integers(0, 70_000))
def test_shares_fall_pro_rata_within_a_cent(plan: tuple[list[RunningLine], list[ToCome]], monthly: int) -> None:
    lines, coming = plan
    found = foresee(monthly, lines, coming)
    before, then = sum(line.share for line in lines), sum(line.share_then for line in found.lines)
    assert all(
        abs(line.share_then * before - old.share * then) < before for old, line in zip(lines, found.lines, strict=True)
    )


@given(plans(), st.integers(0, 1_000))
def test_an_amount_that_is_not_lower_leaves_the_plan_untouched(
    plan: tuple[list[RunningLine], list[ToCome]], more: int
) -> None:
    lines, coming = plan
    found = foresee(max((one.amount for one in coming), default=0) + more, lines, coming)
    assert [line.share_then for line in found.lines] == [line.share for line in lines]
    assert [line.waived_then for line in found.lines] == [line.waived for line in lines]
