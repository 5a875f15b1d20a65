"""Changing the shares of a running plan: what somebody got stays, the rest follows the rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrangements.domain.claim import ClaimLine
from arrangements.domain.plan_change import (
    Installment,
    Line,
    PlanImpossible,
    add_claim,
    correct_claim,
    falls,
    fit_to,
    join_on_top,
    plan_hash,
    pot_of,
    resplit,
    transfer_claim,
    withdraw_claim,
)
from arrangements.domain.split import distribute, shares


def line(key: str, outstanding: int, share: int, settled: int = 0, **more: object) -> Line:
    bare = Line(key, outstanding, outstanding, 0, 0, settled, **more)  # type: ignore[arg-type]
    return bare.with_share(share)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Line, ...]:
    """A plan as it can be: shares by the rule, a part of it received and divided, some claims disputed."""
    count = draw(st.integers(1, 7))
    amounts = draw(st.lists(st.integers(1, 300_000), min_size=count, max_size=count))
    preferent = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    dischargeable = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    pot = draw(st.integers(1, sum(amounts)))
    parts = shares(pot, [ClaimLine(outstanding=a, preferent=p) for a, p in zip(amounts, preferent, strict=True)])
    settled = distribute(draw(st.integers(0, pot)), parts, [0] * count)
    found = []
    for number in range(count):
        disputed = draw(st.integers(0, 3)) == 0
        found.append(
            line(
                str(number),
                amounts[number],
                parts[number],
                settled[number],
                preferent=preferent[number],
                dischargeable=dischargeable[number],
                parked=draw(st.integers(0, settled[number])) if disputed else 0,
            )
        )
    return tuple(found)


def received(lines: tuple[Line, ...]) -> int:
    return sum(one.settled for one in lines)


def nothing_is_taken_back(before: tuple[Line, ...], after: tuple[Line, ...]) -> None:
    had = {one.key: one for one in before}
    for one in after:
        assert one.share + one.waived + one.remains == one.outstanding
        assert one.dischargeable or not one.waived
        if one.key in had:
            assert one.paid >= had[one.key].paid


def test_a_claim_that_comes_later_is_paid_from_the_same_pot_and_nobody_gives_back() -> None:
    # 1.000 and 3.000 on a pot of 2.000: half each. Of 1.000 that came in they had 250 and 750. Then 4.000 comes in.
    before = (line("a", 100_000, 50_000, 25_000), line("b", 300_000, 150_000, 75_000))
    after = add_claim(before, line("c", 400_000, 0), 200_000)
    assert [one.share for one in after] == [25_000, 75_000, 100_000]
    assert falls(before, after) == ("a", "b")
    # When they had more than the new part already, they keep it and the newcomer gets what is left.
    before = (line("a", 100_000, 50_000, 40_000), line("b", 300_000, 150_000, 120_000))
    after = add_claim(before, line("c", 400_000, 0), 200_000)
    assert [one.share for one in after] == [40_000, 120_000, 40_000]


def test_a_claim_that_is_withdrawn_frees_its_share_for_the_others() -> None:
    before = (
        line("a", 100_000, 50_000, 10_000),
        line("b", 100_000, 50_000, 10_000),
        line("c", 200_000, 100_000, 20_000),
    )
    after = withdraw_claim(before, "c")
    assert [one.share for one in after] == [90_000, 90_000, 20_000]
    assert after[2].closed
    assert after[2].outstanding == 20_000
    assert falls(before, after) == ("c",)


def test_what_was_set_aside_and_nobody_can_take_goes_back_to_the_citizen() -> None:
    before = (line("a", 10_000, 10_000, 10_000), line("b", 10_000, 10_000, 10_000, parked=10_000))
    after = withdraw_claim(before, "b")
    assert after[1].returned == 10_000
    assert after[1].paid == 0
    assert pot_of(after) == 20_000


def test_a_smaller_claim_gets_a_smaller_share_and_the_others_get_what_comes_free() -> None:
    before = (line("a", 100_000, 50_000), line("b", 100_000, 50_000))
    after = correct_claim(before, "b", 50_000)
    assert [one.share for one in after] == [66_667, 33_333]
    assert falls(before, after) == ("b",)


def test_a_bigger_claim_takes_from_the_others_so_they_are_asked() -> None:
    before = (line("a", 100_000, 50_000), line("b", 100_000, 50_000))
    after = correct_claim(before, "b", 300_000)
    assert [one.share for one in after] == [25_000, 75_000]
    assert falls(before, after) == ("a",)


def test_a_claim_is_not_corrected_below_what_was_paid_on() -> None:
    with pytest.raises(PlanImpossible, match="al meer betaald"):
        correct_claim((line("a", 100_000, 50_000, 30_000),), "a", 20_000)


def test_a_claim_that_is_sold_takes_its_share_and_its_waiver_along() -> None:
    before = (line("a", 100_000, 40_000, 10_000), line("b", 50_000, 20_000, 5_000))
    old, new, other = transfer_claim(before, "a", "new")
    assert (old.outstanding, old.share, old.waived, old.closed) == (10_000, 10_000, 0, True)
    assert (new.outstanding, new.share, new.waived, new.settled) == (90_000, 30_000, 60_000, 0)
    assert other == before[1]
    part_old, part_new, _ = transfer_claim(before, "a", "new", 30_000)
    assert (part_new.outstanding, part_new.share) == (30_000, 10_000)
    assert (part_old.outstanding, part_old.share, part_old.closed) == (70_000, 30_000, False)


def test_more_than_is_open_cannot_be_sold() -> None:
    with pytest.raises(PlanImpossible, match="minder open"):
        transfer_claim((line("a", 100_000, 40_000, 10_000),), "a", "new", 90_001)


def test_somebody_who_joins_on_top_changes_nobody_elses_share() -> None:
    before = (line("a", 100_000, 50_000, 10_000),)
    after = join_on_top(before, line("b", 80_000, 0), 40_000)
    assert after[0] == before[0]
    assert (after[1].share, after[1].waived) == (40_000, 40_000)


def test_less_to_pay_makes_the_last_instalments_fall_away_and_more_is_spread() -> None:
    due = [Installment("1", 5_000, 5_000, is_to_come=False), Installment("2", 5_000, 1_000), Installment("3", 5_000, 0)]
    assert fit_to(due, 11_000, 6_000) == {"1": 5_000, "2": 5_000, "3": 1_000}
    assert fit_to(due, 15_003, 6_000) == {"1": 5_000, "2": 5_002, "3": 5_001}
    with pytest.raises(PlanImpossible):
        fit_to(due, 5_999, 6_000)


@given(plans(), st.data())
def test_after_every_change_the_pot_is_divided_to_the_cent_and_nothing_is_taken_back(
    before: tuple[Line, ...], data: st.DataObject
) -> None:
    pot, came_in = pot_of(before), received(before)
    key = data.draw(st.sampled_from([one.key for one in before]))
    own = next(one for one in before if one.key == key)
    kind = data.draw(st.sampled_from(["add", "withdraw", "correct", "transfer"]))
    if kind == "add":
        after = add_claim(before, line("new", data.draw(st.integers(1, 300_000)), 0), pot)
        assert pot_of(after) == pot
        assert received(after) == came_in
    elif kind == "withdraw":
        after = withdraw_claim(before, key)
        assert set(falls(before, after)) <= {key}
        assert came_in <= pot_of(after) <= pot or pot_of(after) == came_in
        assert received(after) == came_in - (own.parked - after[before.index(own)].returned)
    elif kind == "correct":
        wanted = data.draw(st.integers(own.paid, 400_000))
        after = correct_claim(before, key, wanted)
        assert received(after) <= came_in
        assert came_in <= pot_of(after) <= pot
        if wanted < own.outstanding:
            assert set(falls(before, after)) <= {key}
    else:
        open_now = own.outstanding - own.paid
        if not open_now:
            return
        part = None if own.parked else data.draw(st.none() | st.integers(1, open_now))
        after = transfer_claim(before, key, "new", part)
        assert pot_of(after) == pot
        assert received(after) == came_in
        assert sum(one.outstanding for one in after) == sum(one.outstanding for one in before)
    nothing_is_taken_back(before, after)
    assert all(one.share <= one.outstanding for one in after)


@given(plans())
def test_dividing_the_same_pot_again_gives_an_honest_plan_the_same_shares(before: tuple[Line, ...]) -> None:
    assert resplit(before, pot_of(before)) == before


@given(plans(), st.integers(0, 10_000))
def test_with_shares_kept_nobody_falls(before: tuple[Line, ...], more: int) -> None:
    room = sum(one.outstanding for one in before)
    after = resplit(before, min(pot_of(before) + more, room), keep_shares=True)
    assert falls(before, after) == ()
    assert pot_of(after) == min(pot_of(before) + more, room)


@given(plans(), st.data())
def test_one_cent_more_or_less_is_another_plan(before: tuple[Line, ...], data: st.DataObject) -> None:
    amounts = {"2027-01-01": 5_000}
    assert plan_hash(before, amounts) == plan_hash(before, dict(amounts))
    assert plan_hash(before, amounts) != plan_hash(before, {"2027-01-01": 5_001})
    one = data.draw(st.sampled_from(before))
    if one.share > one.settled:
        other = tuple(x.with_share(x.share - 1) if x is one else x for x in before)
        assert plan_hash(before, amounts) != plan_hash(other, amounts)
