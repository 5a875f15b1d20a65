"""Who may decide what: the whole matrix, written out by hand, cell by cell."""

import pytest

from arrangements.domain.deciders import MATRIX, ChangeGround, Decider, NotYours, Say, check_decider, say

# Columns: citizen, coach, desk, creditor, system. a: alone; c: with the consent of whom it concerns; -: never.
BY_HAND = {
    "signed": "a----",
    "move": "aaa--",
    "crisis_break": "-aa--",
    "long_pause": "ccc--",
    "proven_fall": "-aa--",
    "lowering": "ccc--",
    "extra_payment": "a----",
    "bridge": "aaa--",
    "beslag": "aaaa-",
    "beslag_lifted": "-aa--",
    "late_creditor": "ccc--",
    "joins_later": "a----",
    "dispute": "aaa--",
    "dispute_settled": "a-aa-",
    "correction": "---c-",
    "transfer": "--aa-",
    "claim_withdrawn": "---a-",
    "storno": "----a",
    "termination": "a-a--",
    "waiver": "----a",
}
SAYS = {"a": Say.ALONE, "c": Say.WITH_CONSENT, "-": Say.NEVER}
CELLS = [
    (ground, decider, SAYS[letter])
    for ground, row in BY_HAND.items()
    for decider, letter in zip(("citizen", "coach", "desk", "creditor", "system"), row, strict=True)
]


@pytest.mark.parametrize(("ground", "decider", "wanted"), CELLS)
def test_every_cell_of_the_matrix_is_what_was_decided(ground: str, decider: str, wanted: Say) -> None:
    assert say(ChangeGround(ground), Decider(decider)) is wanted
    if wanted is Say.NEVER:
        with pytest.raises(NotYours, match=r"^Dit kan .+ niet alleen beslissen: .+\.$"):
            check_decider(ChangeGround(ground), Decider(decider))
    else:
        assert check_decider(ChangeGround(ground), Decider(decider)) is wanted


def test_the_matrix_has_every_ground_and_every_decider() -> None:
    assert {ground.value for ground in MATRIX} == set(BY_HAND)
    assert all(set(row) == set(Decider) for row in MATRIX.values())
    assert {ground.value for ground in ChangeGround} == set(BY_HAND)
    assert all(ground.label for ground in ChangeGround)


def test_nobody_but_the_system_gives_the_waiver_and_it_decides_nothing_else_but_what_a_bank_took_back() -> None:
    for ground in ChangeGround:
        alone = ground in (ChangeGround.WAIVER, ChangeGround.STORNO)
        assert (say(ground, Decider.SYSTEM) is Say.ALONE) == alone
