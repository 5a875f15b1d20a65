"""Random histories of money on real PostgreSQL. Five hundred with every run; ten thousand with `--long`."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from infra import jobs
from tests.factories.money import running_case
from tests.histories.money_machine import History, World

pytestmark = pytest.mark.django_db


def worlds() -> list[World]:
    """Three short plans: nobody agreed to set-off, everybody did, and one of three did."""
    made = []
    for amounts, kept, declared, months, agreed in (
        ((1_000_00, 333_33), set(), 45_00, 4, frozenset()),
        ((700_00, 1_234_56, 89_01), {2}, 60_00, 3, frozenset({0, 1, 2})),
        ((500_00, 250_01, 2_000_00), set(), 45_00, 6, frozenset({1})),
    ):
        case, arrangement = running_case(*amounts, kept=kept, declared=declared, months=months)
        made.append(World(case, arrangement, agreed))
    jobs.run_all()
    return made


def live(examples: int, steps: int, *, derandomize: bool) -> None:
    History.worlds = worlds()
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=derandomize,
            phases=[
                Phase.explicit,
                Phase.generate,
            ],  # a history is slow: making it shorter takes longer than reading it
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


@pytest.mark.timeout(1800)
def test_both_ledgers_are_right_after_every_step_of_five_hundred_histories() -> None:
    live(500, 5, derandomize=True)  # the same histories every time; others with --long


@pytest.mark.long
@pytest.mark.timeout(4 * 60 * 60)
def test_both_ledgers_are_right_in_ten_thousand_histories() -> None:
    live(10_000, 25, derandomize=False)
