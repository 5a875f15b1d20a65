"""Term and proposal: totals add up, and nothing below the floor is ever proposed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affordability.gate import Verdict, assess
from affordability.household import Household, Situation
from arrangements.domain.claim import PlanClaim
from arrangements.domain.proposal import (
    BelowFloor,
    Route,
    compare_terms,
    compute_plan,
    content_hash,
    continue_without,
    join_again,
    per_creditor,
    propose,
)
from arrangements.domain.term import installments, months_needed

ON = date(2026, 11, 23)
MONTHLY = st.integers(1, 200_000)
MONTHS = st.integers(1, 72)


@st.composite
def plan_claims(draw: st.DrawFn) -> list[PlanClaim]:
    facts = draw(st.lists(st.tuples(st.integers(0, 2_000_000), st.booleans(), st.booleans()), min_size=1, max_size=12))
    return [PlanClaim(f"claim-{number}", *fact) for number, fact in enumerate(facts)]


@given(MONTHLY, MONTHS, st.integers(0, 10**8))
def test_installments_add_up_and_only_the_last_is_smaller(monthly: Any, months: Any, total: Any) -> None:
    due = installments(monthly, months, total)
    assert sum(due) == min(monthly * months, total)
    assert len(due) <= months
    assert all(amount == monthly for amount in due[:-1])
    assert all(0 < amount <= monthly for amount in due)
    assert len(due) == min(months, months_needed(monthly, total))


def test_the_edges_of_a_term() -> None:
    assert installments(4_500, 36, 0) == []
    assert installments(4_500, 3, 9_001) == [4_500, 4_500, 1]
    assert installments(4_500, 2, 9_001) == [4_500, 4_500]
    assert installments(10**12, 1, 1) == [1]
    assert months_needed(4_500, 0) == 0


@pytest.mark.parametrize(
    ("monthly", "months", "total"),
    [
        (0, 36, 100),
        (-1, 36, 100),
        (1, 0, 100),
        (1, -1, 100),
        (1, 36, -1),
        (1.0, 36, 1),
        (1, 36.0, 1),
        (1, 36, 1.0),
        (True, 36, 1),
    ],
)
def test_a_strange_term_is_refused(monthly: Any, months: Any, total: Any) -> None:
    with pytest.raises(ValueError, match=r"monthly|months|total"):
        installments(monthly, months, total)


@given(MONTHLY, MONTHS, plan_claims())
def test_every_total_of_a_plan_adds_up_to_the_cent(monthly: Any, months: Any, claims: Any) -> None:
    plan = compute_plan(monthly, months, claims)
    assert plan.pot == plan.total_share == min(monthly * months, plan.total_outstanding)
    assert plan.total_share + plan.total_waived + plan.total_remains == plan.total_outstanding
    for line, claim in zip(plan.lines, claims, strict=True):
        assert line.share + line.waived + line.remains == line.outstanding == claim.outstanding
        assert not (line.waived if not claim.dischargeable else line.remains)
        assert 0 <= line.basis_points <= 10_000
    assert plan.effective_months <= months


def test_two_claims_with_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="same key"):
        compute_plan(100, 36, [PlanClaim("a", 1), PlanClaim("a", 2)])


@given(MONTHLY, MONTHS, plan_claims(), st.data())
def test_going_on_without_a_refuser_keeps_every_other_share(
    monthly: Any, months: Any, claims: Any, data: st.DataObject
) -> None:
    plan = compute_plan(monthly, months, claims)
    gone = data.draw(st.sets(st.sampled_from([claim.key for claim in claims])))
    stay = tuple(line for line in plan.lines if line.key not in gone)
    if not sum(line.share for line in stay):
        with pytest.raises(ValueError, match="nobody"):
            continue_without(plan, gone)
        return
    rest = continue_without(plan, gone)
    assert rest.lines == stay
    assert rest.pot == rest.total_share
    assert rest.monthly <= plan.monthly
    assert rest.effective_months <= plan.effective_months
    assert all(amount <= rest.monthly for amount in rest.installments)


def test_the_monthly_amount_drops_by_the_part_of_the_refuser() -> None:
    plan = compute_plan(4_500, 36, [PlanClaim("a", 300_000), PlanClaim("b", 100_000), PlanClaim("c", 50_000)])
    rest = continue_without(plan, {"b"})
    assert (rest.monthly, rest.effective_months) == (3_500, 36)
    with pytest.raises(ValueError, match="not in the plan"):
        continue_without(plan, {"z"})


@given(MONTHLY, MONTHS, plan_claims(), st.data())
def test_who_was_left_out_comes_back_at_exactly_its_share_and_costs_no_more_than_before(
    monthly: Any, months: Any, claims: Any, data: Any
) -> None:
    plan = compute_plan(monthly, months, claims)
    gone = data.draw(st.sets(st.sampled_from([line.key for line in plan.lines]), min_size=1))
    stay = [line for line in plan.lines if line.key not in gone]
    if not sum(line.share for line in stay):
        return
    leaving = [line for line in plan.lines if line.key in gone]
    back = join_again(continue_without(plan, gone), leaving, months=plan.effective_months)
    assert back.lines == (*stay, *leaving)
    assert back.pot == back.total_share == plan.pot
    assert back.monthly <= plan.monthly
    assert back.effective_months <= plan.effective_months


def test_the_monthly_amount_rises_by_the_part_of_who_joins() -> None:
    plan = compute_plan(4_500, 36, [PlanClaim("a", 300_000), PlanClaim("b", 100_000), PlanClaim("c", 50_000)])
    rest = continue_without(plan, {"b", "c"})
    one = join_again(rest, [line for line in plan.lines if line.key == "c"], months=36)
    assert (rest.monthly, one.monthly) == (3_000, 3_500)
    whole = join_again(one, [line for line in plan.lines if line.key == "b"], months=36)
    assert (whole.monthly, whole.effective_months) == (4_500, 36)
    with pytest.raises(ValueError, match="already"):
        join_again(whole, [whole.lines[0]], months=36)
    with pytest.raises(ValueError, match="nobody"):
        join_again(rest, [], months=36)


def test_a_creditor_can_get_nothing_of_a_claim_of_nothing() -> None:
    plan = compute_plan(100, 36, [PlanClaim("a", 0), PlanClaim("b", 100)])
    assert [line.basis_points for line in plan.lines] == [10_000, 10_000]
    assert plan.installments == (100,)
    assert compute_plan(100, 36, []).basis_points == 10_000


@given(
    st.builds(
        Household,
        st.sampled_from(Situation),
        st.integers(0, 500_000),
        st.none() | st.integers(0, 9_000_000),
        uncertain=st.sampled_from([frozenset(), frozenset({"company_car"})]),
    ),
    st.integers(1, 150_000),
    st.integers(0, 150_000),
)
def test_never_a_proposal_under_the_floor(known: Household, declared: int, judged: int) -> None:
    """Not even when the verdict was given for another, lower amount."""
    assessment = assess(known, judged, ON)
    claims = [PlanClaim("a", 10**7)]
    if (
        assessment.verdict is Verdict.GREEN
        and not known.uncertain
        and known.net_income - declared >= assessment.floor_high
    ):
        assert propose(assessment, declared, 36, claims).monthly == declared
        return
    with pytest.raises(BelowFloor) as refusal:
        propose(assessment, declared, 36, claims)
    assert refusal.value.highest <= assessment.capacity_low


def test_a_proposal_of_nothing_is_no_proposal() -> None:
    assessment = assess(Household(Situation.ALLEENSTAAND, 190_000, 2_600_000), 0, ON)
    with pytest.raises(ValueError, match="monthly"):
        propose(assessment, 0, 36, [PlanClaim("a", 100)])
    with pytest.raises(ValueError, match="declared"):
        propose(assessment, declared=True, months=36, claims=[PlanClaim("a", 100)])


def test_the_three_terms_are_shown_side_by_side() -> None:
    claims = [PlanClaim("a", 300_000), PlanClaim("fine", 60_000, dischargeable=False)]
    ours, municipal, in_full = compare_terms(4_500, claims, months=36, municipal_months=18)
    assert [route.route for route in (ours, municipal, in_full)] == [Route.PLATFORM, Route.MUNICIPAL, Route.IN_FULL]
    assert (ours.months, ours.paid, ours.waived, ours.remains, ours.basis_points) == (
        36,
        162_000,
        165_000,
        33_000,
        4_500,
    )
    assert (municipal.months, municipal.paid) == (18, 81_000)
    assert (in_full.months, in_full.paid, in_full.waived, in_full.remains) == (80, 360_000, 0, 0)
    assert [
        outcome.months for outcome in compare_terms(4_500, [PlanClaim("a", 0)], months=36, municipal_months=18)
    ] == [0, 0, 0]


def test_each_route_says_what_every_creditor_gets() -> None:
    claims = [
        PlanClaim("a", 300_000),
        PlanClaim("fine", 60_000, dischargeable=False),
        PlanClaim("b", 100_000),
        PlanClaim("nothing", 0),
    ]
    creditor_of = {"a": "Zorg", "b": "Zorg", "fine": "Boetes", "nothing": "Leeg"}
    ours, municipal, in_full = compare_terms(4_600, claims, months=36, municipal_months=18)
    # 46 x 36 = 1.656 of 4.600 is 36 %: 1.440 of the 4.000 of Zorg, 216 of the fine of 600, whose rest remains.
    zorg, fines, empty = per_creditor(ours, creditor_of)
    assert (zorg.creditor, zorg.outstanding, zorg.months, zorg.paid, zorg.waived, zorg.remains, zorg.basis_points) == (
        "Zorg",
        400_000,
        36,
        144_000,
        256_000,
        0,
        3_600,
    )
    assert (fines.paid, fines.waived, fines.remains) == (21_600, 0, 38_400)
    assert (empty.months, empty.paid, empty.waived, empty.basis_points) == (0, 0, 0, 10_000)
    assert [one.paid for one in per_creditor(municipal, creditor_of)] == [72_000, 10_800, 0]
    assert [(one.months, one.waived, one.remains) for one in per_creditor(in_full, creditor_of)] == [
        (100, 0, 0),
        (100, 0, 0),
        (0, 0, 0),
    ]
    with pytest.raises(KeyError):
        per_creditor(ours, {"a": "Zorg"})


@given(MONTHLY, MONTHS, MONTHS, plan_claims(), st.integers(1, 4))
def test_the_creditors_of_every_route_add_up_to_the_route(
    monthly: Any, months: Any, municipal: Any, claims: list[PlanClaim], parties: int
) -> None:
    creditor_of = {claim.key: f"party {number % parties}" for number, claim in enumerate(claims)}
    for outcome in compare_terms(monthly, claims, months=months, municipal_months=municipal):
        found = per_creditor(outcome, creditor_of)
        for name in ("paid", "waived", "remains"):
            assert sum(getattr(one, name) for one in found) == getattr(outcome, name)
        assert all(one.paid + one.waived + one.remains == one.outstanding for one in found)
        assert all(one.months == outcome.months for one in found if one.paid)
        assert len(found) == len(set(creditor_of.values()))
        if outcome.route is Route.IN_FULL:
            assert not outcome.waived
            assert not outcome.remains


def test_the_hash_of_a_plan_is_stable_and_follows_every_figure() -> None:
    plan = compute_plan(4_500, 36, [PlanClaim("é", 300_000), PlanClaim("b", 100_000)])
    again = compute_plan(4_500, 36, [PlanClaim("é", 300_000), PlanClaim("b", 100_000)])
    assert content_hash(plan) == content_hash(again)
    assert content_hash(plan) == "5112adaa0b067fe86e8558ca295c11dd8910482a9ed0413723effb9ff2432ef7"
    other_line = replace(plan.lines[1], dischargeable=False)
    for changed in (
        replace(plan, monthly=4_501),
        replace(plan, months=35),
        replace(plan, lines=plan.lines[::-1]),
        replace(plan, lines=(plan.lines[0], other_line)),
    ):
        assert content_hash(changed) != content_hash(plan)
