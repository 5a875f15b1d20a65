"""When a provider is asked again: five minutes, an hour, then daily; nothing is asked twice to catch up."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from arrangements.domain.janitor import DAILY, LINK_LIFE, link_is_over, next_ask

MADE = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def after(**wait: int) -> datetime:
    return MADE + timedelta(**wait)


def test_it_is_asked_at_five_minutes_an_hour_and_then_every_day() -> None:
    asked: datetime | None = None
    moments = []
    for _ in range(5):
        asked = next_ask(MADE, asked)
        moments.append(asked - MADE)
    assert moments == [
        timedelta(minutes=5),
        timedelta(hours=1),
        timedelta(days=1),
        timedelta(days=2),
        timedelta(days=3),
    ]


def test_who_comes_late_asks_once_for_all_moments_that_passed() -> None:
    assert next_ask(MADE, after(minutes=90)) == after(days=1)
    assert next_ask(MADE, after(days=3, hours=5)) == after(days=4)


@given(st.integers(0, 400 * 86_400))
def test_the_next_moment_is_always_later_and_within_a_day(seconds: int) -> None:
    asked = after(seconds=seconds)
    assert asked < next_ask(MADE, asked) <= asked + DAILY


def test_a_link_waits_fourteen_days() -> None:
    assert not link_is_over(MADE, MADE + LINK_LIFE - timedelta(seconds=1))
    assert link_is_over(MADE, MADE + LINK_LIFE)
