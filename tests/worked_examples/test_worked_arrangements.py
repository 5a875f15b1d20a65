"""The worked examples of domain.md 9 that are computed here."""

from datetime import date, timedelta
from typing import Any

import pytest

from arrangements.domain.charges import wik_costs
from arrangements.domain.claim import ClaimLine, PlanClaim
from arrangements.domain.proposal import compute_plan
from arrangements.domain.split import distribute, shares
from kernel.identifiers import is_iban
from kernel.periods import due_dates
from kernel.working_days import add_working_days


@pytest.mark.parametrize(
    ("debt", "months", "paid", "waived"),
    [
        (45_000, 18, 45_000, 0),
        (60_000, 24, 60_000, 0),
        (90_000, 36, 90_000, 0),
        (91_000, 36, 90_000, 1_000),
        (180_000, 36, 90_000, 90_000),
    ],
)
def test_9_13_rub_pays_25_euro_for_at_most_36_months(debt: int, months: Any, paid: Any, waived: int) -> None:
    plan = compute_plan(2_500, 36, [PlanClaim("insurer", debt)])
    assert (plan.effective_months, plan.pot, plan.total_waived) == (months, paid, waived)


def test_9_15_a_preferent_claim_gets_twice_the_percentage() -> None:
    claims = [ClaimLine(180_000), ClaimLine(90_000), ClaimLine(45_000), ClaimLine(45_000, preferent=True)]
    assert shares(25_00 * 36, claims) == [40_000, 20_000, 10_000, 20_000]


def test_9_16a_the_odd_cents_go_to_the_largest_remainders() -> None:
    claims = [ClaimLine(200_000, preferent=True), ClaimLine(600_000), ClaimLine(400_000)]
    assert shares(360_000, claims) == [102_857, 154_286, 102_857]


def test_9_16c_three_equal_claims_take_turns_for_the_odd_cent() -> None:
    split = shares(2_500 * 36, [ClaimLine(100_000)] * 3)
    assert split == [30_000] * 3
    paid, steps = [0, 0, 0], []
    for month in range(1, 37):
        now = distribute(2_500 * month, split, paid)
        steps.append([new - old for new, old in zip(now, paid, strict=True)])
        paid = now
    assert steps[:3] == [[834, 833, 833], [833, 834, 833], [833, 833, 834]]
    assert steps[33:] == steps[:3]
    assert paid == [30_000] * 3


def test_9_17_ibans() -> None:
    assert is_iban("NL91ABNA0417164300")
    assert not is_iban("NL91ABNA0417164301")
    assert is_iban("NL20INGB0001234567")


@pytest.mark.parametrize(
    ("principal", "costs"),
    [
        (100, 40),
        (500, 75),
        (2_500, 375),
        (3_000, 425),
        (5_000, 625),
        (10_000, 875),
        (200_000, 2_775),
        (1_000_000, 6_775),
        (50_000_000, 6_775),
    ],
)
def test_9_21_wik_costs(principal: int, costs: int) -> None:
    assert wik_costs(principal * 100) == costs * 100


def test_9_21_wik_costs_with_vat() -> None:
    assert wik_costs(50_000, vat_basis_points=2_100) == 9_075


def test_9_21_wik_costs_turn_at_266_67() -> None:
    assert wik_costs(26_667) == 4_000
    assert wik_costs(26_700) == 4_005
    assert wik_costs(93_333) == 14_000
    assert wik_costs(0) == 0
    with pytest.raises(ValueError, match="principal"):
        wik_costs(-1)


def test_9_25_deadlines_of_a_balance_request() -> None:
    assert add_working_days(date(2026, 11, 2), 5) == date(2026, 11, 9)
    assert add_working_days(date(2026, 11, 2), 10) == date(2026, 11, 16)
    assert date(2026, 11, 2) + timedelta(days=120) == date(2027, 3, 2)
    assert add_working_days(date(2026, 12, 18), 10) == date(2027, 1, 5)


def test_9_27_installments_18_and_36() -> None:
    dates = due_dates(date(2027, 1, 1), 36)
    assert dates[17] == date(2028, 6, 1)
    assert dates[35] == date(2029, 12, 1)
