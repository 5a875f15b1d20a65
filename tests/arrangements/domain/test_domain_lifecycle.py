"""Allowed moves, as the table of architecture.md has them; written out here, not derived from the code."""

import pytest

from arrangements.domain.lifecycle import (
    MOVES,
    STATES,
    IllegalMove,
    RefusalCode,
    Thing,
    allowed_moves,
    check_move,
    check_reconsideration,
    state_label,
)

ALLOWED = {
    "claim": "reported>confirmed reported>disputed reported>transferred reported>withdrawn confirmed>disputed "
    "confirmed>transferred confirmed>withdrawn disputed>confirmed disputed>transferred disputed>withdrawn",
    "proposal": "draft>submitted draft>withdrawn submitted>agreed submitted>refused submitted>lapsed "
    "submitted>withdrawn agreed>lapsed agreed>withdrawn",
    "answer": "open>accepted open>balance_differs open>question open>refused open>unanswered balance_differs>open "
    "balance_differs>accepted balance_differs>refused balance_differs>unanswered question>open question>accepted "
    "question>balance_differs question>refused question>unanswered refused>reconsideration reconsideration>accepted "
    "reconsideration>refused reconsideration>unanswered unanswered>accepted",
    "arrangement": "signed>active active>paused active>suspended active>fulfilled active>terminated paused>active "
    "paused>suspended suspended>active fulfilled>waived",
    "installment": "open>partly_paid open>paid open>moved open>missed partly_paid>paid partly_paid>moved "
    "partly_paid>open paid>open paid>partly_paid "
    "missed>partly_paid missed>paid missed>moved",
    "payment": "pending>succeeded pending>failed succeeded>settled succeeded>reversed settled>reversed",
    "variation": "proposed>applied proposed>refused proposed>lapsed proposed>withdrawn",
    "consent": "open>accepted open>refused open>unanswered unanswered>accepted",
}


@pytest.mark.parametrize("thing", Thing)
def test_exactly_the_moves_of_the_table_are_allowed(thing: Thing) -> None:
    expected = {tuple(move.split(">")) for move in ALLOWED[thing].split()}
    for from_ in STATES[thing]:
        for to in STATES[thing]:
            if (from_.value, to.value) in expected:
                check_move(thing, from_, to)
            else:
                with pytest.raises(IllegalMove):
                    check_move(thing, from_.value, to.value)


@pytest.mark.parametrize("thing", Thing)
def test_every_state_has_its_row_and_its_dutch_word(thing: Thing) -> None:
    assert set(MOVES[thing]) == set(STATES[thing])
    assert all(state_label(thing, state) for state in STATES[thing])


def test_a_refused_move_says_in_dutch_what_is_the_matter() -> None:
    with pytest.raises(IllegalMove, match=r"^Dit kan nu niet\. Deze regeling is: gestopt\.$") as caught:
        check_move(Thing.ARRANGEMENT, "terminated", "active")
    assert (caught.value.thing, caught.value.from_, caught.value.to) == (Thing.ARRANGEMENT, "terminated", "active")
    with pytest.raises(IllegalMove, match=r"^Dit voorstel is al: verstuurd\.$"):
        check_move(Thing.PROPOSAL, "submitted", "submitted")


@pytest.mark.parametrize(("from_", "to"), [("nowhere", "active"), ("active", "nowhere"), ("pending", "active")])
def test_an_unknown_state_is_an_error_and_no_refusal(from_: str, to: str) -> None:
    with pytest.raises(ValueError, match="is not a valid") as caught:
        check_move(Thing.ARRANGEMENT, from_, to)
    assert not isinstance(caught.value, IllegalMove)


def test_nothing_but_the_waiver_follows_when_all_is_paid() -> None:
    assert allowed_moves(Thing.ARRANGEMENT, "fulfilled") == {"waived"}


def test_a_refusal_is_reconsidered_once() -> None:
    check_reconsideration(0)
    with pytest.raises(IllegalMove, match="een keer"):
        check_reconsideration(1)


@pytest.mark.parametrize("code", RefusalCode)
def test_every_refusal_has_one_short_sentence_for_the_citizen(code: RefusalCode) -> None:
    assert code.citizen_text.endswith(".")
    assert len(code.citizen_text.split()) <= 12
    assert code.needs_detail in {True, False}
