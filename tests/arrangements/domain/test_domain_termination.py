"""Only a person stops a plan, on a ground of the agreement, after all help was offered."""

import pytest

from arrangements.domain.deciders import Decider, NotYours
from arrangements.domain.termination import CannotTerminate, TerminationGround, check_termination

PAYS_NOT, FALSE, WISH = TerminationGround


def check(ground: TerminationGround, decider: Decider, *, done: bool = True, independent: bool = True) -> None:
    check_termination(ground, decider, ladder_done=done, independently_established=independent)


@pytest.mark.parametrize("decider", [Decider.COACH, Decider.CREDITOR, Decider.SYSTEM])
@pytest.mark.parametrize("ground", list(TerminationGround))
def test_no_coach_creditor_or_system_stops_a_plan(ground: TerminationGround, decider: Decider) -> None:
    with pytest.raises(NotYours):
        check(ground, decider)


def test_the_citizen_stops_on_the_own_wish_only() -> None:
    check(WISH, Decider.CITIZEN, done=False, independent=False)
    for ground in (PAYS_NOT, FALSE):
        with pytest.raises(CannotTerminate):
            check(ground, Decider.CITIZEN)


def test_not_paying_is_a_ground_only_after_all_help() -> None:
    check(PAYS_NOT, Decider.DESK)
    with pytest.raises(CannotTerminate, match="alle hulp"):
        check(PAYS_NOT, Decider.DESK, done=False)


def test_a_falsehood_is_a_ground_only_when_somebody_independent_found_it() -> None:
    check(FALSE, Decider.DESK)
    with pytest.raises(CannotTerminate, match="onafhankelijk"):
        check(FALSE, Decider.DESK, independent=False)


def test_every_ground_has_its_words() -> None:
    assert len({ground.agreement_text for ground in TerminationGround}) == 3
    assert all(ground.creditor_text for ground in TerminationGround)
    assert "waar" not in TerminationGround.FALSEHOOD.creditor_text
