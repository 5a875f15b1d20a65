"""The split: exact sums, never down, never more than owed, within one cent at every moment."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrangements.domain.claim import ClaimLine, PlanClaim
from arrangements.domain.split import distribute, shares

CENTS = st.integers(0, 10) | st.integers(0, 2_000) | st.integers(0, 5_000_000) | st.integers(0, 10**12)
CLAIMS = st.lists(st.builds(ClaimLine, CENTS, st.booleans()), max_size=20)
SHARES = st.lists(CENTS, min_size=1, max_size=20).filter(any)
SMALL_SHARES = st.lists(st.integers(0, 60), min_size=1, max_size=20).filter(any)


def exact_shares(pot: Any, claims: Any) -> list[Fraction]:
    """The rule of domain.md 3.1 in fractions, written the slow way."""
    preferent = sum(claim.outstanding for claim in claims if claim.preferent)
    others = sum(claim.outstanding for claim in claims if not claim.preferent)
    if pot >= preferent + others:
        return [Fraction(claim.outstanding) for claim in claims]
    rate = Fraction(pot, 2 * preferent + others)
    if 2 * rate <= 1:
        return [claim.outstanding * rate * (2 if claim.preferent else 1) for claim in claims]
    return [
        claim.outstanding * (Fraction(1) if claim.preferent else Fraction(pot - preferent, others)) for claim in claims
    ]


def assert_promise_kept(received: Any, split: Any, before: list[int], after: list[int]) -> None:
    total = sum(split)
    assert sum(after) == received
    for share, old, new in zip(split, before, after, strict=True):
        assert old <= new <= share
        assert abs(new * total - received * share) < total or not total


@given(st.data(), CLAIMS)
def test_shares_add_up_and_nobody_gets_more_than_its_claim(data: st.DataObject, claims: Any) -> None:
    total = sum(claim.outstanding for claim in claims)
    pot = data.draw(st.integers(0, total + 10))
    split = shares(pot, claims)
    assert sum(split) == min(pot, total)
    assert all(0 <= share <= claim.outstanding for share, claim in zip(split, claims, strict=True))
    assert all(abs(share - exact) < 1 for share, exact in zip(split, exact_shares(pot, claims), strict=True))


@given(st.data(), CLAIMS)
def test_shares_are_the_exact_fractions_rounded_by_largest_remainder_ties_to_the_earlier(
    data: st.DataObject, claims: Any
) -> None:
    pot = data.draw(st.integers(0, sum(claim.outstanding for claim in claims)))
    exact = exact_shares(pot, claims)
    expected = [int(part) for part in exact]
    order = sorted(range(len(claims)), key=lambda line: (-(exact[line] - int(exact[line])), line))
    for line in order[: pot - sum(expected)]:
        expected[line] += 1
    assert shares(pot, claims) == expected


@given(st.data(), CLAIMS)
def test_a_preferent_claim_gets_double_until_it_is_full_to_within_a_cent(data: st.DataObject, claims: Any) -> None:
    total = sum(claim.outstanding for claim in claims)
    pot = data.draw(st.integers(0, total))
    split = shares(pot, claims)
    for claim, share in zip(claims, split, strict=True):
        for other, other_share in zip(claims, split, strict=True):
            if claim.preferent and not other.preferent and other.outstanding:
                double = Fraction(2 * other_share * claim.outstanding, other.outstanding)
                # One cent for each of the two roundings, carried over to the size of the preferent claim.
                slack = 1 + Fraction(2 * claim.outstanding, other.outstanding)
                assert abs(share - double) < slack or claim.outstanding - share < 1


@given(st.data(), CLAIMS)
def test_the_order_of_the_lines_only_matters_for_odd_cents(data: st.DataObject, claims: Any) -> None:
    pot = data.draw(st.integers(0, sum(claim.outstanding for claim in claims)))
    order = data.draw(st.permutations(range(len(claims))))
    plain, shuffled = shares(pot, claims), shares(pot, [claims[line] for line in order])
    assert all(abs(plain[line] - shuffled[place]) <= 1 for place, line in enumerate(order))


@given(CLAIMS, CENTS)
def test_a_larger_pot_never_costs_anybody_more_than_the_odd_cent(claims: Any, pot: Any) -> None:
    now, more = shares(pot, claims), shares(pot + 1, claims)
    assert all(new >= old - 1 for old, new in zip(now, more, strict=True))


def test_the_edges_of_a_split() -> None:
    assert shares(0, []) == []
    assert shares(100, []) == []
    assert shares(0, [ClaimLine(5), ClaimLine(7, preferent=True)]) == [0, 0]
    assert shares(10**12, [ClaimLine(5), ClaimLine(7, preferent=True)]) == [5, 7]
    assert shares(1, [ClaimLine(1), ClaimLine(1), ClaimLine(1)]) == [1, 0, 0]
    assert shares(1, [ClaimLine(1), ClaimLine(1, preferent=True), ClaimLine(1)]) == [0, 1, 0]
    assert shares(7, [ClaimLine(10, preferent=True), ClaimLine(10, preferent=True)]) == [4, 3]
    assert shares(5, [ClaimLine(0), ClaimLine(0, preferent=True), ClaimLine(9)]) == [0, 0, 5]


def test_a_preferent_claim_that_is_full_leaves_the_rest_to_the_others() -> None:
    claims = [ClaimLine(10_000, preferent=True), ClaimLine(10_000)]
    assert shares(15_000, claims) == [10_000, 5_000]
    assert shares(14_999, claims) == [9_999, 5_000]
    assert shares(15_001, claims) == [10_000, 5_001]


@pytest.mark.parametrize("pot", [-1, 1.0, True, "1", None])
def test_a_strange_pot_is_refused(pot: Any) -> None:
    with pytest.raises(ValueError, match="pot"):
        shares(pot, [ClaimLine(10)])


@pytest.mark.parametrize("facts", [(-1,), (1.5,), (True,), (None,), (1, 1), (1, None), (1, "ja")])
def test_a_strange_claim_is_refused(facts: Any) -> None:
    with pytest.raises(ValueError, match=r"outstanding|preferent"):
        ClaimLine(*facts)
    with pytest.raises(ValueError, match=r"outstanding|preferent"):
        PlanClaim("key", *facts)


@settings(deadline=None)
@given(SMALL_SHARES)
def test_cent_by_cent_to_the_end_the_promise_is_kept_at_every_moment(split: Any) -> None:
    paid = [0] * len(split)
    for received in range(1, sum(split) + 1):
        now = distribute(received, split, paid)
        assert_promise_kept(received, split, paid, now)
        paid = now
    assert paid == split


@settings(deadline=None, max_examples=150)
@given(st.data(), SHARES)
def test_any_sequence_of_receipts_keeps_the_promise(data: st.DataObject, split: Any) -> None:
    total, received, paid = sum(split), 0, [0] * len(split)
    small = st.integers(0, min(12, total))
    for step in data.draw(st.lists(small | st.integers(0, total // 3 + 1), max_size=40)):
        received = min(received + step, total)
        now = distribute(received, split, paid)
        assert_promise_kept(received, split, paid, now)
        paid = now
    assert distribute(total, split, paid) == split


@given(st.data(), SHARES)
def test_receiving_nothing_changes_nothing(data: st.DataObject, split: Any) -> None:
    received = data.draw(st.integers(0, sum(split)))
    paid = distribute(received, split, [0] * len(split))
    assert distribute(received, split, paid) == paid


@settings(deadline=None)
@given(st.data(), CLAIMS.filter(lambda claims: any(claim.outstanding for claim in claims)))
def test_a_split_is_paid_out_in_months_to_the_cent(data: st.DataObject, claims: Any) -> None:
    pot = data.draw(st.integers(1, sum(claim.outstanding for claim in claims)))
    split, paid = shares(pot, claims), [0] * len(claims)
    for month in range(1, 37):
        now = distribute(pot * month // 36, split, paid)
        assert_promise_kept(pot * month // 36, split, paid, now)
        paid = now
    assert paid == split


def test_plain_largest_remainder_would_take_a_cent_back_but_this_does_not() -> None:
    """A known hard case: three lines whose odd cent moves around."""
    split, paid = [5, 3, 1], [0, 0, 0]
    seen = []
    for received in range(1, 10):
        paid = distribute(received, split, paid)
        seen.append(paid)
    assert seen[-1] == split
    assert all(new >= old for before, after in pairwise(seen) for old, new in zip(before, after, strict=True))


def test_the_edges_of_a_distribution() -> None:
    assert distribute(0, [], []) == []
    assert distribute(0, [0, 0], [0, 0]) == [0, 0]
    assert distribute(0, [5, 5], [0, 0]) == [0, 0]
    assert distribute(1, [1], [0]) == [1]
    assert distribute(10, [10, 0], [0, 0]) == [10, 0]
    assert distribute(1, [1, 1, 1], [0, 0, 0]) == [1, 0, 0]
    assert distribute(2 * 10**12, [10**12, 10**12, 1], [0, 0, 0]) == [10**12, 10**12 - 0, 0]


@pytest.mark.parametrize(
    ("received", "split", "paid"),
    [
        (11, [5, 5], [0, 0]),
        (1, [], []),
        (1, [0], [0]),
        (-1, [5, 5], [0, 0]),
        (5, [5, 5], [0]),
        (5, [5], [0, 0]),
        (5, [5, -5], [0, 0]),
        (5, [5, 5], [-1, 1]),
        (1, [5, 5], [1, 1]),
        (5, [5, 5], [2, 0]),
        (9, [5, 5], [6, 2]),
        (0, [0, 0], [0, 1]),
        (5, [10, 10, 10], [2, 0, 0]),
        (5, [10, 0], [0, 1]),
        (5.0, [5, 5], [0, 0]),
        (True, [5, 5], [0, 0]),
        (5, [5.0, 5], [0, 0]),
        (5, [5, 5], [0, 0.0]),
        (5, [True, 5], [0, 0]),
        (None, [5, 5], [0, 0]),
    ],
)
def test_what_no_series_of_receipts_leads_to_is_refused(received: Any, split: Any, paid: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        distribute(received, split, paid)


@given(st.data(), SHARES)
def test_a_strange_paid_out_is_refused_or_answered_within_the_promise(data: st.DataObject, split: Any) -> None:
    received = data.draw(st.integers(0, sum(split)))
    base = distribute(received, split, [0] * len(split))
    paid = [max(0, old + data.draw(st.integers(-1, 1))) for old in base]
    later = data.draw(st.integers(received, sum(split)))
    try:
        now = distribute(later, split, paid)
    except ValueError:
        return
    assert_promise_kept(later, split, paid, now)
