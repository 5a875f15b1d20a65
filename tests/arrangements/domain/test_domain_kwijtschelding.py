"""The waiver is due when its conditions are met, and for no other reason withheld."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrangements.domain.claim import PlanClaim
from arrangements.domain.kwijtschelding import (
    ClaimFact,
    Facts,
    Falsehood,
    Ground,
    InstallmentFact,
    NotFulfilled,
    kwijtschelding_due,
)
from arrangements.domain.proposal import compute_plan

DONE = date(2029, 12, 3)
FACTS = Facts(
    installments=[InstallmentFact(2_500, 2_500)] * 36,
    claims=[ClaimFact("a", 150_000, 75_000), ClaimFact("fine", 30_000, 15_000, dischargeable=False)],
    fulfilled_on=DONE,
)


def grounds(facts: Any) -> tuple[Ground, ...]:
    with pytest.raises(NotFulfilled) as caught:
        kwijtschelding_due(facts)
    assert str(caught.value)
    return caught.value.grounds


def test_what_was_not_paid_is_waived_and_what_law_keeps_remains() -> None:
    assert kwijtschelding_due(FACTS) == [("a", 75_000, 0), ("fine", 0, 15_000)]


def test_one_cent_short_is_not_fulfilled() -> None:
    assert grounds(replace(FACTS, installments=[*FACTS.installments[1:], InstallmentFact(2_500, 2_499)])) == (
        Ground.NOT_ALL_PAID,
    )
    assert grounds(replace(FACTS, fulfilled_on=None)) == (Ground.NOT_ALL_PAID,)
    assert grounds(replace(FACTS, installments=[])) == (Ground.NO_INSTALLMENTS,)


def test_a_moved_installment_is_paid_through_the_one_in_its_place() -> None:
    moved = [InstallmentFact(2_500, 0, moved=True), *FACTS.installments]
    assert kwijtschelding_due(replace(FACTS, installments=moved)) == kwijtschelding_due(FACTS)
    assert grounds(replace(FACTS, installments=[InstallmentFact(2_500, 0, moved=True)])) == (Ground.NO_INSTALLMENTS,)


def test_a_terminated_arrangement_waives_nothing() -> None:
    assert grounds(replace(FACTS, terminated=True)) == (Ground.TERMINATED,)
    assert grounds(replace(FACTS, terminated=True, fulfilled_on=None)) == (Ground.TERMINATED, Ground.NOT_ALL_PAID)


def test_only_a_falsehood_established_independently_and_in_time_counts() -> None:
    in_time, too_late = date(2029, 12, 2), DONE
    assert grounds(replace(FACTS, falsehoods=[Falsehood(in_time, established_independently=True)])) == (
        Ground.FALSEHOOD,
    )
    for falsehood in (Falsehood(too_late, True), Falsehood(in_time, False)):
        assert kwijtschelding_due(replace(FACTS, falsehoods=[falsehood]))


def test_facts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="more than was outstanding"):
        ClaimFact("a", 10, 11)
    with pytest.raises(ValueError, match="paid"):
        InstallmentFact(10, -1)


@given(
    st.integers(1, 100_000),
    st.lists(st.tuples(st.integers(0, 500_000), st.booleans(), st.booleans()), min_size=1, max_size=8).filter(
        lambda claims: any(claim[0] for claim in claims)
    ),
)
def test_the_waiver_is_what_the_proposal_promised(monthly: Any, claims: Any) -> None:
    plan = compute_plan(monthly, 36, [PlanClaim(str(number), *claim) for number, claim in enumerate(claims)])
    facts = Facts(
        installments=[InstallmentFact(amount, amount) for amount in plan.installments],
        claims=[ClaimFact(line.key, line.outstanding, line.share, line.dischargeable) for line in plan.lines],
        fulfilled_on=DONE,
    )
    assert kwijtschelding_due(facts) == [(line.key, line.waived, line.remains) for line in plan.lines]
