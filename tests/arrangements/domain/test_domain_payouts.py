"""When a creditor is paid on: the minimum, set-off, and nothing that waits for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrangements.domain.payouts import MOST_SKIPS, Payout, SkipReason, Standing, decide_payout, into_files


def test_twelve_euro_is_below_a_minimum_of_25_and_waits() -> None:
    assert decide_payout(Standing(12_00, minimum=25_00), minimum_counts=True) == Payout(0, 0, SkipReason.BELOW_MINIMUM)


def test_the_third_month_in_a_row_pays_whatever_there_is() -> None:
    standing = Standing(12_00, minimum=25_00, skips_in_a_row=MOST_SKIPS)
    assert decide_payout(standing, minimum_counts=True) == Payout(12_00, 0)


def test_a_minimum_never_holds_up_money_that_is_asked_for_or_of_an_ended_plan() -> None:
    assert decide_payout(Standing(1, minimum=25_00), minimum_counts=False) == Payout(1, 0)


def test_what_a_creditor_owes_comes_off_first() -> None:
    assert decide_payout(Standing(30_00, owes_us=10_00), minimum_counts=True) == Payout(20_00, 10_00)
    assert decide_payout(Standing(30_00, owes_us=30_00), minimum_counts=True) == Payout(0, 30_00, SkipReason.SET_OFF)
    assert decide_payout(Standing(30_00, owes_us=99_00), minimum_counts=True) == Payout(0, 30_00, SkipReason.SET_OFF)


def test_without_a_good_account_nothing_is_paid_and_nothing_set_off() -> None:
    blocked = decide_payout(Standing(30_00, owes_us=10_00, is_blocked=True), minimum_counts=False)
    assert blocked == Payout(0, 0, SkipReason.IBAN_BLOCKED)
    assert decide_payout(Standing(30_00, has_iban=False), minimum_counts=False) == Payout(0, 0, SkipReason.NO_IBAN)


def test_nothing_waiting_is_no_question() -> None:
    with pytest.raises(ValueError, match="waiting"):
        decide_payout(Standing(0), minimum_counts=True)


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(0, 10**6), st.integers(0, 5), st.booleans())
def test_no_cent_is_made_or_lost(waiting: int, owes: int, minimum: int, skips: int, monthly: bool) -> None:
    payout = decide_payout(Standing(waiting, owes, minimum, skips), minimum_counts=monthly)
    assert payout.pay >= 0
    assert 0 <= payout.set_off <= min(owes, waiting)
    assert (payout.pay + payout.set_off in (0, waiting)) and (payout.pay > 0) == (payout.skip is None)


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=60), st.integers(0, 20_000))
def test_no_cent_waits_longer_than_three_monthly_runs(received: list[int], minimum: int) -> None:
    """Month after month something comes in; the oldest unpaid cent is looked at after every run."""
    waiting: list[tuple[int, int]] = []
    skips = 0
    for month, cents in enumerate(received):
        if cents:
            waiting.append((month, cents))
        total = sum(amount for _month, amount in waiting)
        if not total:
            skips = 0
            continue
        payout = decide_payout(Standing(total, minimum=minimum, skips_in_a_row=skips), minimum_counts=True)
        if payout.pay:
            assert payout.pay == total
            waiting, skips = [], 0
        else:
            skips += 1
        assert all(month - since < MOST_SKIPS for since, _amount in waiting)


def test_a_file_holds_whole_batches_up_to_its_limit() -> None:
    assert list(into_files([(1, 2), (2, 2), (3, 1), (4, 3)], limit=4)) == [[1, 2], [3, 4]]
    assert list(into_files([], limit=4)) == []
    with pytest.raises(ValueError, match="more than a file holds"):
        list(into_files([(1, 5)], limit=4))


@given(st.lists(st.integers(1, 50), max_size=60))
def test_every_batch_is_in_exactly_one_file(sizes: list[int]) -> None:
    found = list(into_files(list(enumerate(sizes)), limit=50))
    assert [batch for file in found for batch in file] == list(range(len(sizes)))
    assert all(sum(sizes[batch] for batch in file) <= 50 for file in found)
