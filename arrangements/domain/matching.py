"""Whose money is this: the ladder for a citizen's bank transfer (payments.md 4). Candidates in, a decision out.

A betalingskenmerk is never enough by itself: 1.7 % of typing errors pass its check (payments.md 3.4). It needs a second
agreement: an account from which this citizen paid before, or an amount that is asked.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from arrangements.domain.payer_name import is_own_name
from kernel.identifiers import is_betalingskenmerk, is_iban

REFERENCE_DIGITS: Final = 16
"""All references we give out have this length."""
MOST_SUGGESTIONS: Final = 5
#: What people type or a scanner reads instead of a digit. Only used inside a free text, and checked afterwards.
_LOOK_ALIKES: Final = str.maketrans(
    {"O": "0", "o": "0", "Q": "0", "I": "1", "l": "1", "|": "1", "S": "5", "B": "8", "Z": "2"}
)
_BETWEEN: Final = re.compile(r"[\s.\-/,:;_]+")
_DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)


class Evidence(StrEnum):
    """On which step of the ladder a transfer was placed, or suggested."""

    OUR_ID = "our_id"
    REFERENCE_AND_IBAN = "reference_and_iban"
    REFERENCE_AND_AMOUNT = "reference_and_amount"
    TEXT_AND_IBAN = "text_and_iban"
    TEXT_AND_AMOUNT = "text_and_amount"
    IBAN_AND_AMOUNT = "iban_and_amount"
    REFERENCE_ONLY = "reference_only"
    IBAN_ONLY = "iban_only"
    AMOUNT_ONLY = "amount_only"
    SEVERAL = "several"


#: Said to the person who decides.
WHY: Final = {
    Evidence.OUR_ID: "ons eigen kenmerk staat bij de overboeking",
    Evidence.REFERENCE_AND_IBAN: "betalingskenmerk en rekeningnummer kloppen",
    Evidence.REFERENCE_AND_AMOUNT: "betalingskenmerk en bedrag kloppen",
    Evidence.TEXT_AND_IBAN: "betalingskenmerk in de omschrijving, en het rekeningnummer klopt",
    Evidence.TEXT_AND_AMOUNT: "betalingskenmerk in de omschrijving, en het bedrag klopt",
    Evidence.IBAN_AND_AMOUNT: "rekeningnummer en bedrag kloppen",
    Evidence.REFERENCE_ONLY: "betalingskenmerk klopt, maar bedrag en rekeningnummer niet",
    Evidence.IBAN_ONLY: "van dit rekeningnummer betaalde deze burger eerder",
    Evidence.AMOUNT_ONLY: "het bedrag is een open termijn",
    Evidence.SEVERAL: "er zijn meer regelingen die het kunnen zijn",
}


@dataclass(frozen=True, slots=True)
class Incoming:
    """A transfer that came in, in cents. `iban` is empty when the bank does not tell it."""

    amount_cents: int
    iban: str = ""
    name: str = ""
    structured_reference: str = ""
    text: str = ""
    end_to_end_id: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An arrangement that may be meant.

    `asked`: amounts in cents that this citizen may pay now: each open instalment, all that is due together, and for an
    arrangement that is over what was paid monthly. `running`: active, paused or suspended. `over`: fulfilled, waived,
    terminated. Neither: signed but not begun. `our_ids`: our names of payments that were started and not paid.
    """

    arrangement: int
    reference: str
    running: bool
    over: bool = False
    asked: frozenset[int] = frozenset()
    ibans: frozenset[str] = frozenset()
    our_ids: frozenset[str] = frozenset()
    first_name: str = ""
    family_name: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """It is this arrangement's. `learn_iban`: from now on the account is known as the citizen's own."""

    arrangement: int
    evidence: Evidence
    learn_iban: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """It may be this arrangement's, and why."""

    arrangement: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Suggest:
    """A person decides; the likeliest first, at most `MOST_SUGGESTIONS`."""

    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Suspense:
    """Nobody is likely: it waits, and goes back to the sender after five working days."""


Decision = Book | Suggest | Suspense


def references_in(text: str) -> frozenset[str]:
    """Everything in a free text that can be one of our references: spaces and signs removed, look-alikes read as digits.

    Of a longer row of digits every stretch of 16 that passes the check. Which of them exist is for the caller to look up.
    """
    found: set[str] = set()
    plain = unicodedata.normalize("NFKC", text)[:1000]
    for reading in (plain, plain.translate(_LOOK_ALIKES)):
        for row in _DIGITS.findall(_BETWEEN.sub("", reading)):
            for start in range(len(row) - REFERENCE_DIGITS + 1):
                stretch = row[start : start + REFERENCE_DIGITS]
                if is_betalingskenmerk(stretch):
                    found.add(stretch)
    return frozenset(found)


def structured(incoming: Incoming) -> str:
    """The structured reference when it can be one of ours, else empty."""
    bare = _BETWEEN.sub("", incoming.structured_reference)
    return bare if len(bare) == REFERENCE_DIGITS and is_betalingskenmerk(bare) else ""


def match(incoming: Incoming, candidates: Sequence[Candidate], *, book_iban_and_amount: bool = True) -> Decision:
    """Climb the ladder. `candidates`: every arrangement that has one of the references, the account, our id or the amount.

    `book_iban_and_amount`: the policy of step 4. ValueError for an amount that is not positive.
    """
    if incoming.amount_cents <= 0:
        raise ValueError("only money that came in can be placed")
    by_id = [one for one in candidates if incoming.end_to_end_id and incoming.end_to_end_id in one.our_ids]
    if len(by_id) == 1:
        return Book(by_id[0].arrangement, Evidence.OUR_ID)
    named, how = _named(incoming, candidates)
    if len(named) == 1:
        return _by_reference(incoming, named[0], how)
    if len(named) > 1:
        return _suggest([(one, Evidence.SEVERAL) for one in named])
    return _without_reference(incoming, candidates, book_iban_and_amount)


def _named(incoming: Incoming, candidates: Sequence[Candidate]) -> tuple[list[Candidate], str]:
    """Who is named, and where. Two different references, one in each field, name two."""
    field, words = structured(incoming), references_in(incoming.text)
    in_field = [one for one in candidates if field and one.reference == field]
    in_text = [one for one in candidates if one.reference in words]
    if in_field:
        return in_field + [one for one in in_text if one not in in_field], "field"
    return in_text, "text"


def _by_reference(incoming: Incoming, one: Candidate, how: str) -> Decision:
    """Steps 2 and 3. Also after the end: then it is held, not divided."""
    known = bool(incoming.iban) and incoming.iban in one.ibans
    exact = incoming.amount_cents in one.asked
    if not (one.running or one.over) or not (known or exact):
        return _suggest([(one, Evidence.REFERENCE_ONLY)])
    if how == "field":
        evidence = Evidence.REFERENCE_AND_IBAN if known else Evidence.REFERENCE_AND_AMOUNT
    else:
        evidence = Evidence.TEXT_AND_IBAN if known else Evidence.TEXT_AND_AMOUNT
    own = is_own_name(incoming.name, first_name=one.first_name, family_name=one.family_name)
    return Book(one.arrangement, evidence, learn_iban=own and not known and is_iban(incoming.iban))


def _without_reference(incoming: Incoming, candidates: Sequence[Candidate], may_book: bool) -> Decision:
    """Steps 4 to 6."""
    by_iban = [one for one in candidates if incoming.iban and incoming.iban in one.ibans]
    running = [one for one in by_iban if one.running]
    if len(running) == 1 and incoming.amount_cents in running[0].asked:
        if may_book:
            return Book(running[0].arrangement, Evidence.IBAN_AND_AMOUNT)
        return _suggest([(running[0], Evidence.IBAN_AND_AMOUNT)])
    if by_iban:
        several = Evidence.IBAN_ONLY if len(by_iban) == 1 else Evidence.SEVERAL
        exact_first = sorted(by_iban, key=lambda one: (incoming.amount_cents not in one.asked, not one.running))
        return _suggest([(one, several) for one in exact_first])
    by_amount = [one for one in candidates if one.running and incoming.amount_cents in one.asked]
    # The own name first: an amount alone is what many pay.
    by_amount.sort(
        key=lambda one: not is_own_name(incoming.name, first_name=one.first_name, family_name=one.family_name)
    )
    return _suggest([(one, Evidence.AMOUNT_ONLY) for one in by_amount]) if by_amount else Suspense()


def _suggest(found: Sequence[tuple[Candidate, Evidence]]) -> Suggest:
    return Suggest(tuple(Suggestion(one.arrangement, why) for one, why in found[:MOST_SUGGESTIONS]))
