"""Every variation of a running plan against what must hold: it adds up, nothing is taken back, and who falls is asked."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrangements.domain.claim import ClaimLine
from arrangements.domain.deciders import ChangeGround
from arrangements.domain.plan_change import Installment, Line, PlanImpossible
from arrangements.domain.split import distribute, shares
from arrangements.domain.term import installments
from arrangements.domain.variation import Ask, Now, Then, joins, late_claims, lower, pause, still_holds, whom_to_ask


def a_plan(
    monthly: int,
    months: int,
    claims: list[tuple[int, bool, bool]],
    paid_months: int,
    creditors: list[int] | None = None,
) -> tuple[Now, dict[str, int]]:
    """A plan as it was signed, after `paid_months` instalments. `claims`: outstanding, preferent, dischargeable."""
    total = sum(outstanding for outstanding, _, _ in claims)
    due = installments(monthly, months, total)
    whole = shares(sum(due), [ClaimLine(outstanding, preferent) for outstanding, preferent, _ in claims])
    received = sum(due[:paid_months])
    settled = distribute(received, whole, [0] * len(claims)) if whole else []
    lines = tuple(
        replace(
            Line(str(place), outstanding, outstanding, 0, 0, had, preferent, dischargeable).with_share(share),
            settled=had,
        )
        for place, ((outstanding, preferent, dischargeable), share, had) in enumerate(
            zip(claims, whole, settled, strict=True)
        )
    )
    coming = tuple(Installment(f"i{place}", amount, 0) for place, amount in enumerate(due[paid_months:], paid_months))
    who = creditors or list(range(len(claims)))
    return Now(monthly, received, lines, coming), {str(place): who[place] for place in range(len(claims))}


CLAIMS = st.lists(st.tuples(st.integers(1, 500_000), st.booleans(), st.booleans()), min_size=1, max_size=6)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Now, dict[str, int]]:
    claims = draw(CLAIMS)
    monthly, months = draw(st.integers(1, 20_000)), draw(st.integers(2, 36))
    due = installments(monthly, months, sum(one for one, _, _ in claims))
    paid = draw(st.integers(0, max(0, len(due) - 1)))
    creditors = draw(st.lists(st.integers(0, 3), min_size=len(claims), max_size=len(claims)))
    return a_plan(monthly, months, claims, paid, creditors)


def holds(now: Now, then: Then) -> None:
    """What is true of every variation: the books and the instalments agree, and nobody gives anything back."""
    had = {line.key: line for line in now.lines}
    assert now.received + sum(then.amounts.values()) - sum(one.paid for one in now.installments) == then.pot
    for line in then.lines:
        assert line.share + line.waived + line.remains == line.outstanding
        assert line.settled <= line.share <= line.outstanding
        assert line.settled == (had[line.key].settled if line.key in had else 0)
        assert not (line.waived and not line.dischargeable)
    for one in now.installments:
        assert then.amounts[one.key] >= one.paid


def sums(lines: tuple[Line, ...], creditor_of: dict[str, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for line in lines:
        found[creditor_of[line.key]] = found.get(creditor_of[line.key], 0) + line.share
    return found


def asks_exactly_who_falls(ground: ChangeGround, now: Now, then: Then, creditor_of: dict[str, int]) -> None:
    before, after = sums(now.lines, creditor_of), sums(then.lines, creditor_of)
    new = {creditor_of[line.key] for line in then.lines} if len(then.lines) > len(now.lines) else set()
    comes = {creditor_of[line.key] for line in then.lines[len(now.lines) :]} if new else set()
    asked = whom_to_ask(ground, now.lines, then.lines, creditor_of)
    assert {one.creditor for one in asked} == {one for one in after if after[one] < before.get(one, 0)} | comes
    for one in asked:
        assert (one.before, one.after) == (before.get(one.creditor, 0), after[one.creditor])


@given(plans(), st.data())
def test_a_lower_amount_adds_up_and_everybody_who_falls_is_asked(
    plan: tuple[Now, dict[str, int]], data: st.DataObject
) -> None:
    now, creditor_of = plan
    if now.monthly < 2:
        return
    monthly = data.draw(st.integers(1, now.monthly - 1))
    then = lower(now, monthly)
    holds(now, then)
    assert max(then.amounts.values()) <= monthly
    assert then.pot <= now.pot
    assert all(new.share <= old.share for new, old in zip(then.lines, now.lines, strict=True))
    asks_exactly_who_falls(ChangeGround.LOWERING, now, then, creditor_of)
    assert whom_to_ask(ChangeGround.PROVEN_FALL, now.lines, then.lines, creditor_of) == ()


@given(plans(), st.data())
def test_a_second_fall_adds_up_from_where_the_first_began(
    plan: tuple[Now, dict[str, int]], data: st.DataObject
) -> None:
    """The division counts from where the version began: `bases` is what each had then."""
    now, _ = plan
    if now.monthly < 3:
        return
    first = lower(now, data.draw(st.integers(2, now.monthly - 1)))
    left = [(key, amount) for key, amount in first.amounts.items() if amount]
    if len(left) < 2:
        return
    came = left[0][1]
    bases = {line.key: line.settled for line in first.lines}
    steps = distribute(came, [line.to_come for line in first.lines], [0] * len(first.lines))
    later = Now(
        first.monthly,
        now.received + came,
        tuple(replace(line, settled=line.settled + step) for line, step in zip(first.lines, steps, strict=True)),
        tuple(Installment(key, amount, 0) for key, amount in left[1:]),
        bases,
    )
    holds(later, lower(later, 1))


@given(plans(), st.integers(1, 500_000), st.booleans(), st.booleans(), st.integers(0, 4))
def test_a_late_claim_costs_the_citizen_nothing_and_asks_exactly_who_falls(
    plan: tuple[Now, dict[str, int]], outstanding: int, preferent: bool, dischargeable: bool, creditor: int
) -> None:
    now, creditor_of = plan
    bare = Line("late", outstanding, outstanding, 0, 0, 0, preferent, dischargeable).with_share(0)
    then = late_claims(now, [bare])
    holds(now, then)
    assert (then.pot, then.monthly) == (now.pot, now.monthly)
    assert then.amounts == {one.key: one.amount for one in now.installments}
    asks_exactly_who_falls(ChangeGround.LATE_CREDITOR, now, then, {**creditor_of, "late": creditor})


@given(plans(), st.integers(1, 500_000), st.data())
def test_who_joins_later_changes_nobody_elses_share_and_asks_only_for_what_it_gets(
    plan: tuple[Now, dict[str, int]], outstanding: int, data: st.DataObject
) -> None:
    now, creditor_of = plan
    share = data.draw(st.integers(1, outstanding))
    bare = Line("joins", outstanding, outstanding, 0, 0, 0).with_share(0)
    then = joins(now, [(bare, share)])
    holds(now, then)
    assert then.lines[:-1] == now.lines
    assert then.pot == now.pot + share
    assert then.monthly - now.monthly <= -(-share // len(now.to_come))  # ceil
    asked = whom_to_ask(ChangeGround.JOINS_LATER, now.lines, then.lines, {**creditor_of, "joins": 99})
    assert asked == (Ask(99, 0, share),)


@given(plans())
def test_a_long_pause_changes_no_amount_and_asks_everybody_who_waits(plan: tuple[Now, dict[str, int]]) -> None:
    now, creditor_of = plan
    then = pause(now, 3)
    holds(now, then)
    assert (then.lines, then.pot, then.later) == (now.lines, now.pot, 3)
    asked = whom_to_ask(ChangeGround.LONG_PAUSE, now.lines, then.lines, creditor_of)
    assert {one.creditor for one in asked} == {creditor_of[line.key] for line in now.lines if line.to_come}


def test_nothing_per_month_is_no_lower_amount() -> None:
    now, _ = a_plan(45_00, 36, [(2_000_00, False, True)], 0)
    with pytest.raises(PlanImpossible, match="Nul euro"):
        lower(now, 0)
    with pytest.raises(PlanImpossible, match="geen lager bedrag"):
        lower(now, 45_00)


def test_what_was_missed_before_the_fall_stays_owed() -> None:
    now, _ = a_plan(45_00, 36, [(2_000_00, False, True)], 0)
    missed = replace(now.installments[0], is_to_come=False)
    then = lower(replace(now, installments=(missed, *now.installments[1:])), 20_00)
    assert (then.amounts["i0"], then.amounts["i1"]) == (45_00, 20_00)


def test_what_was_paid_ahead_of_a_month_is_not_given_back() -> None:
    now, _ = a_plan(45_00, 2, [(2_000_00, False, True)], 0)
    part = replace(now.installments[0], paid=30_00)
    lines = (replace(now.lines[0], settled=30_00),)
    then = lower(Now(45_00, 30_00, lines, (part, now.installments[1])), 20_00)
    assert then.amounts == {"i0": 30_00, "i1": 20_00}
    assert then.pot == 50_00


def test_nobody_who_joins_gets_more_than_is_still_owed() -> None:
    now, _ = a_plan(45_00, 36, [(2_000_00, False, True)], 0)
    with pytest.raises(PlanImpossible, match="minder dan haar deel"):
        joins(now, [(Line("x", 10_00, 0, 10_00, 0, 0), 10_01)])


def test_a_yes_is_a_yes_to_at_least_this_share() -> None:
    agreed = [Ask(1, 100, 60)]
    assert still_holds(agreed, [Ask(1, 100, 60)])
    assert still_holds(agreed, [Ask(1, 100, 70)])
    assert still_holds(agreed, [])
    assert not still_holds(agreed, [Ask(1, 100, 59)])
    assert not still_holds(agreed, [Ask(1, 100, 60), Ask(2, 50, 49)])
