"""How long a paper counts, and below which amount we ask once more."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affordability.gate import assess
from affordability.household import Household, Situation
from affordability.norms import official_records, record_for
from affordability.official_figure import figure_that_holds, least_of_anybody, still_holds

ON = date(2026, 11, 23)
RECORD = record_for(ON, official_records())
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("paper", "on", "holds"),
    [
        (date(2026, 11, 23), ON, True),
        (date(2025, 11, 23), ON, True),  # the same day twelve months later is the last
        (date(2025, 11, 22), ON, False),
        (date(2026, 11, 24), ON, False),
        (date(2024, 2, 29), date(2025, 2, 28), True),
        (date(2024, 2, 29), date(2025, 3, 1), False),
        (date(1890, 1, 1), ON, False),
        (None, ON, False),
    ],
)
def test_a_paper_counts_for_twelve_months(paper: date | None, on: date, *, holds: bool) -> None:
    assert still_holds(paper, on) is holds
    assert figure_that_holds(1_406_42, paper, on) == (1_406_42 if holds else None)


def test_a_figure_that_is_not_there_does_not_hold_either() -> None:
    assert figure_that_holds(None, ON, ON) is None


@given(paper=DAYS, on=DAYS)
def test_once_a_paper_is_too_old_it_stays_too_old(paper: date, on: date) -> None:
    if paper <= on and not still_holds(paper, on):
        assert not still_holds(paper, on + timedelta(days=1))
        assert (on - paper).days >= 365


@pytest.mark.parametrize(
    ("situation", "net", "least"),
    [
        (Situation.ALLEENSTAAND, None, 1_348_49),
        (Situation.GEHUWD, None, 1_926_40),
        (None, None, 1_348_49),
        (Situation.ALLEENSTAAND, 1_000_00, 950_00),
    ],
)
def test_without_all_answers_we_expect_at_least_the_norm(
    situation: Situation | None, net: int | None, least: int
) -> None:
    assert least_of_anybody(situation, net, RECORD) == least


@given(situation=st.sampled_from(Situation), net=st.integers(0, 10_000_00))
def test_what_we_expect_with_few_answers_is_never_above_what_the_gate_keeps_without_a_partner(
    situation: Situation, net: int
) -> None:
    assert least_of_anybody(situation, net, RECORD) <= assess(Household(situation, net), 0, ON).floor_low
