"""The ladder of payments.md 4, step by step, and what must never happen on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrangements.domain.matching import (
    Book,
    Candidate,
    Decision,
    Evidence,
    Incoming,
    Suggest,
    Suspense,
    match,
    references_in,
)
from arrangements.domain.payer_name import is_own_name
from kernel.identifiers import betalingskenmerk

ONE, TWO = betalingskenmerk(f"7{1:014d}"), betalingskenmerk(f"7{2:014d}")
IBAN, OTHER = "NL20INGB0001234567", "NL91ABNA0417164300"
ROBIN = Candidate(
    arrangement=1,
    reference=ONE,
    running=True,
    asked=frozenset({45_00, 90_00}),
    ibans=frozenset({IBAN}),
    our_ids=frozenset({"pay-1"}),
    first_name="Robin",
    family_name="de Vos",
)
SAM = Candidate(
    arrangement=2, reference=TWO, running=True, asked=frozenset({45_00}), first_name="Sam", family_name="Jansen"
)
ENDED = Candidate(arrangement=3, reference=ONE, running=False, over=True, asked=frozenset({45_00}))
SIGNED = Candidate(arrangement=4, reference=ONE, running=False, asked=frozenset({45_00}))


def book(arrangement: int, evidence: Evidence, *, learn: bool = False) -> Book:
    return Book(arrangement, evidence, learn)


def told(decision: Decision) -> list[tuple[int, Evidence]]:
    assert isinstance(decision, Suggest), decision
    return [(one.arrangement, one.evidence) for one in decision.suggestions]


@pytest.mark.parametrize(
    ("incoming", "expected"),
    [
        # step 1
        (Incoming(1_23, end_to_end_id="pay-1"), book(1, Evidence.OUR_ID)),
        # step 2: the reference, and the account or the amount
        (Incoming(12_34, IBAN, structured_reference=ONE), book(1, Evidence.REFERENCE_AND_IBAN)),
        (Incoming(45_00, OTHER, structured_reference=ONE), book(1, Evidence.REFERENCE_AND_AMOUNT)),
        (Incoming(90_00, structured_reference=ONE), book(1, Evidence.REFERENCE_AND_AMOUNT)),
        (Incoming(45_00, OTHER, "R. de Vos", ONE), book(1, Evidence.REFERENCE_AND_AMOUNT, learn=True)),
        (Incoming(45_00, IBAN, "R. de Vos", ONE), book(1, Evidence.REFERENCE_AND_IBAN)),
        # somebody else pays: booked, not learned
        (Incoming(45_00, OTHER, "M. Moeder", ONE), book(1, Evidence.REFERENCE_AND_AMOUNT)),
        (Incoming(45_00, "geen iban", "R. de Vos", ONE), book(1, Evidence.REFERENCE_AND_AMOUNT)),
        # step 3: the reference in the words
        (Incoming(45_00, text=f"termijn 3 {ONE[:4]} {ONE[4:8]}-{ONE[8:]}"), book(1, Evidence.TEXT_AND_AMOUNT)),
        (Incoming(12_34, IBAN, text=f"kenmerk:{ONE}"), book(1, Evidence.TEXT_AND_IBAN)),
        (Incoming(45_00, text=ONE.replace("0", "O")), book(1, Evidence.TEXT_AND_AMOUNT)),
        # step 4
        (Incoming(45_00, IBAN), book(1, Evidence.IBAN_AND_AMOUNT)),
    ],
)
def test_what_is_certain_is_booked(incoming: Incoming, expected: Book) -> None:
    assert match(incoming, [ROBIN, SAM]) == expected


@pytest.mark.parametrize(
    ("incoming", "expected"),
    [
        # a reference alone is never enough
        (Incoming(12_34, OTHER, structured_reference=ONE), [(1, Evidence.REFERENCE_ONLY)]),
        (Incoming(12_34, text=ONE), [(1, Evidence.REFERENCE_ONLY)]),
        # step 5
        (Incoming(12_34, IBAN), [(1, Evidence.IBAN_ONLY)]),
        (Incoming(45_00), [(1, Evidence.AMOUNT_ONLY), (2, Evidence.AMOUNT_ONLY)]),
        (Incoming(45_00, name="S. Jansen"), [(2, Evidence.AMOUNT_ONLY), (1, Evidence.AMOUNT_ONLY)]),
        # two references, or one in each field
        (Incoming(45_00, IBAN, text=f"{ONE} en {TWO}"), [(1, Evidence.SEVERAL), (2, Evidence.SEVERAL)]),
        (Incoming(45_00, IBAN, "", ONE, TWO), [(1, Evidence.SEVERAL), (2, Evidence.SEVERAL)]),
    ],
)
def test_what_is_likely_is_suggested(incoming: Incoming, expected: list[tuple[int, Evidence]]) -> None:
    assert told(match(incoming, [ROBIN, SAM])) == expected


def test_nothing_likely_is_suspense() -> None:
    assert match(Incoming(12_34, OTHER, "X", text="hallo"), [ROBIN, SAM]) == Suspense()
    assert match(Incoming(45_00), []) == Suspense()


def test_after_the_end_a_reference_with_the_amount_is_booked_to_be_held() -> None:
    assert match(Incoming(45_00, structured_reference=ONE), [ENDED]) == book(3, Evidence.REFERENCE_AND_AMOUNT)


def test_before_the_beginning_a_person_decides() -> None:
    assert told(match(Incoming(45_00, structured_reference=ONE), [SIGNED])) == [(4, Evidence.REFERENCE_ONLY)]


def test_an_account_of_two_arrangements_is_a_suggestion() -> None:
    together = Candidate(arrangement=5, reference=TWO, running=True, asked=frozenset({1_00}), ibans=frozenset({IBAN}))
    assert told(match(Incoming(45_00, IBAN), [together, ROBIN])) == [(1, Evidence.SEVERAL), (5, Evidence.SEVERAL)]


def test_where_policy_says_so_account_and_amount_are_only_a_suggestion() -> None:
    decision = match(Incoming(45_00, IBAN), [ROBIN], book_iban_and_amount=False)
    assert told(decision) == [(1, Evidence.IBAN_AND_AMOUNT)]


def test_a_wrong_reference_is_no_reference() -> None:
    wrong = f"{(int(ONE[0]) + 1) % 10}{ONE[1:]}"
    assert told(match(Incoming(12_34, IBAN, structured_reference=wrong), [ROBIN])) == [(1, Evidence.IBAN_ONLY)]


def test_money_that_goes_out_is_not_placed() -> None:
    with pytest.raises(ValueError, match="came in"):
        match(Incoming(0), [ROBIN])


@pytest.mark.parametrize(
    "text",
    [
        ONE,
        f"x{ONE}x",
        " ".join(ONE),
        f"{ONE[:8]}\n{ONE[8:]}",
        f"12 {ONE}",
        f"{ONE}/2026",
        f"kenmerk {ONE[:4]}.{ONE[4:]}",
    ],
)
def test_a_reference_is_found_in_any_text(text: str) -> None:
    assert ONE in references_in(text)


@given(st.text(max_size=300))
def test_no_text_is_too_strange_to_search(text: str) -> None:
    for found in references_in(text):
        assert len(found) == 16
        assert found.isascii()
        assert found.isdigit()


_AMOUNTS = st.integers(1, 200_00)
_CANDIDATES = st.lists(
    st.builds(
        Candidate,
        arrangement=st.integers(1, 9),
        reference=st.sampled_from([ONE, TWO]),
        running=st.booleans(),
        over=st.just(False),
        asked=st.frozensets(st.sampled_from([45_00, 30_00]), max_size=2),
        ibans=st.frozensets(st.sampled_from([IBAN, OTHER]), max_size=2),
        first_name=st.just("Robin"),
        family_name=st.just("Vos"),
    ),
    max_size=4,
    unique_by=lambda one: one.arrangement,
)


@given(
    incoming=st.builds(
        Incoming,
        amount_cents=st.sampled_from([45_00, 30_00, 12_34]),
        iban=st.sampled_from(["", IBAN, OTHER]),
        name=st.sampled_from(["R. Vos", "M. Moeder", ""]),
        structured_reference=st.sampled_from(["", ONE, TWO]),
        text=st.sampled_from(["", ONE, f"{ONE} {TWO}"]),
    ),
    candidates=_CANDIDATES,
)
def test_nothing_is_ever_booked_on_one_agreement_alone(incoming: Incoming, candidates: list[Candidate]) -> None:
    decision = match(incoming, candidates)
    if isinstance(decision, Book):
        one = next(row for row in candidates if row.arrangement == decision.arrangement)
        agreed = [
            incoming.iban in one.ibans and bool(incoming.iban),
            incoming.amount_cents in one.asked,
            one.reference in {incoming.structured_reference} | references_in(incoming.text),
        ]
        assert sum(agreed) >= 2
        assert one.running
        if decision.learn_iban:
            assert incoming.name == "R. Vos"
            assert agreed[2]
    elif isinstance(decision, Suggest):
        assert 0 < len(decision.suggestions) <= 5


@pytest.mark.parametrize(
    ("payer", "first", "family", "expected"),
    [
        ("J. de Vries", "Jan", "de Vries", True),
        ("VRIES J DE", "Jan", "de Vries", True),
        ("Hr J.P. de Vries", "Jan", "de Vries", True),
        ("Jan de Vries e/o P Smit", "Jan", "de Vries", True),
        ("Mw. J. Jansen-de Vries", "Jo", "de Vries", True),
        ("ZOË BRÂNCUŞI", "Zoë", "Brâncuşi", True),
        ("P. de Vries", "Jan", "de Vries", False),
        ("de Vries", "Jan", "de Vries", False),
        ("J. Smit", "Jan", "de Vries", False),
        ("Jansen", "Jan", "Jansen", False),
        ("", "Jan", "de Vries", False),
        ("J. de Vries", "", "de Vries", False),
        ("J. de Vries", "Jan", "", False),
        ("Johanna de Vries", "Jan", "de Vries", False),
    ],
)
def test_a_name_is_the_citizens_own_only_when_it_can_be(payer: str, first: str, family: str, expected: bool) -> None:
    assert is_own_name(payer, first_name=first, family_name=family) is expected
