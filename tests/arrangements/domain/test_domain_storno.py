"""Where the money of a storno comes from, by hand and for every case at once."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from arrangements.domain.storno import Back, Had, take_back

HAD = Had(
    claim=1, creditor=1, paid=15_00, parked=0, later=0, payable_now=15_00, remitted_now=0, parked_now=0, agreed=False
)
B = Back(claim=1, creditor=1, payable=15_00, parked=0, set_off=0)


def test_what_stands_payable_comes_back() -> None:
    assert take_back([HAD], runs=True) == (B,)


def test_after_the_end_nothing_is_undone() -> None:
    assert take_back([HAD], runs=False) is None


def test_what_was_paid_on_comes_back_only_from_who_agreed() -> None:
    gone = replace(HAD, payable_now=0, remitted_now=15_00)
    assert take_back([gone], runs=True) is None
    assert take_back([replace(gone, agreed=True)], runs=True) == (replace(B, payable=0, set_off=15_00),)


def test_partly_paid_on_is_partly_set_off() -> None:
    part = replace(HAD, payable_now=5_00, remitted_now=10_00, agreed=True)
    assert take_back([part], runs=True) == (replace(B, payable=5_00, set_off=10_00),)


def test_newer_money_is_not_this_money() -> None:
    newer = replace(HAD, later=15_00, payable_now=15_00, remitted_now=15_00)
    assert take_back([newer], runs=True) is None


def test_what_was_set_aside_comes_from_there_and_else_from_where_it_went() -> None:
    aside = replace(HAD, paid=0, parked=30_00, payable_now=0, parked_now=30_00)
    assert take_back([aside], runs=True) == (replace(B, payable=0, parked=30_00),)
    released = replace(aside, parked_now=0, payable_now=30_00)
    assert take_back([released], runs=True) == (replace(B, payable=30_00),)


def test_one_that_cannot_leaves_all_as_they_are() -> None:
    assert take_back([HAD, replace(HAD, claim=2, gone=True)], runs=True) is None


amounts = st.integers(min_value=0, max_value=100_00)
claims = st.builds(
    Had,
    claim=st.integers(1, 9),
    creditor=st.integers(1, 9),
    paid=amounts,
    parked=amounts,
    later=amounts,
    payable_now=amounts,
    remitted_now=amounts,
    parked_now=amounts,
    agreed=st.booleans(),
    gone=st.booleans(),
)


@given(st.lists(claims, max_size=6), st.booleans())
def test_all_of_it_comes_back_to_the_cent_or_nothing_does_and_nobody_gives_what_it_has_not(
    had: list[Had], runs: bool
) -> None:
    found = take_back(had, runs=runs)
    if found is None:
        return
    assert runs
    for one, back in zip(had, found, strict=True):
        assert back.amount == one.paid + one.parked
        assert 0 <= back.payable <= one.payable_now
        assert 0 <= back.parked <= one.parked_now
        assert 0 <= back.set_off <= one.remitted_now
        assert one.agreed or not back.set_off
        assert not one.gone
