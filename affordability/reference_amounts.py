"""Dated reference amounts beside the lines of a budget, only where a source gives them (domain.md 2.3).

A budget inside its reference amounts is accepted without discussion; above one, one sentence is asked: the truce of the
Standard Financial Statement (ux.md 1.3). A reference is no limit, and where there is none nothing is asked. The amounts lie
in `references/`, one file per source, each with its period. "Besteedbaar budget" (S20) is left out: nobody says what is in it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from affordability.budget import BUFFER
from kernel.cents import half_up, whole_number
from kernel.periods import Period, exact_per_month

FOOD = "food"
EIGEN_RISICO = "eigen_risico"
DAYS_IN_A_WEEK = 7
OLDEST = 120
ADULT = 18
_CERTAINTIES = frozenset({"C", "S", "O"})
"""C primary source, S secondary source, O our own choice."""
_HEAD = frozenset({"code", "starts", "source", "certainty"})


class InvalidReferences(ValueError):
    """A file of reference amounts is incomplete, or contradicts itself."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference for one line: `cents` per `period`, of `since`, with where it was read and how certain that is."""

    code: str
    cents: int
    period: Period
    since: date
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who eats at home. A birth year alone leaves two ages possible, both inclusive, in years."""

    youngest: int
    oldest: int

    @classmethod
    def of_age(cls, age: int) -> Person:
        """Somebody whose age is known."""
        return cls(age, age)

    @classmethod
    def born_in(cls, birth_year: int, today: date) -> Person:
        """Somebody whose birthday is not known: it was already this year, or it was not."""
        age = today.year - birth_year
        return cls(max(age - 1, 0), max(age, 0))

    @classmethod
    def adult(cls) -> Person:
        """An adult whose age nobody asked."""
        return cls(ADULT, OLDEST)


@dataclass(frozen=True, slots=True)
class _PerPerson:
    youngest: int
    oldest: int
    cents: int


@dataclass(frozen=True, slots=True)
class Record:
    """One file. `starts` and `ends` (None: until further notice) inclusive; food has `persons` and `household` (percent per
    number of persons), the others one amount in cents.
    """

    code: str
    starts: date
    ends: date | None
    source: str
    certainty: str
    cents: int = 0
    persons: tuple[_PerPerson, ...] = ()
    household: Mapping[int, int] | None = None

    def holds_on(self, day: date) -> bool:
        """Whether this is about `day`."""
        return self.starts <= day and (self.ends is None or day <= self.ends)


def parse_record(text: str) -> Record:
    """Read one TOML file. InvalidReferences when anything is missing, unknown, or of the wrong kind."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidReferences(f"not a TOML file: {error}") from error
    code = table.get("code")
    needed = _HEAD | ({"person", "household"} if code == FOOD else {"cents"})
    if code not in {FOOD, EIGEN_RISICO, BUFFER} or table.keys() - {"ends"} != needed:
        raise InvalidReferences(f"{code}: needs exactly {sorted(needed)}, and may have `ends`")
    starts, ends = table["starts"], table.get("ends")
    if type(starts) is not date or not (ends is None or (type(ends) is date and ends >= starts)):
        raise InvalidReferences(f"{code}: `starts` and `ends` must be dates, in that order")
    source, certainty = table["source"], table["certainty"]
    if not isinstance(source, str) or not source.strip() or certainty not in _CERTAINTIES:
        raise InvalidReferences(f"{code}: needs a source, and a certainty of C, S or O")
    try:
        if code == FOOD:
            return Record(
                code, starts, ends, source, certainty, persons=_persons(table), household=_household(table["household"])
            )
        return Record(code, starts, ends, source, certainty, cents=whole_number(table["cents"], code, minimum=1))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidReferences(f"{code}: {error}") from error


def _persons(table: Mapping[str, Any]) -> tuple[_PerPerson, ...]:
    found = []
    for entry in table["person"]:
        if entry.keys() != {"who", "ages", "cents"}:
            raise InvalidReferences("a person needs exactly who, ages and cents")
        youngest, oldest = entry["ages"]
        if not 0 <= whole_number(youngest, "ages") <= whole_number(oldest, "ages") <= OLDEST:
            raise InvalidReferences(f"no such ages: {entry['ages']}")
        found.append(_PerPerson(youngest, oldest, whole_number(entry["cents"], "cents", minimum=1)))
    return tuple(found)


def _household(entries: Iterable[Mapping[str, Any]]) -> dict[int, int]:
    return {
        whole_number(entry["persons"], "persons", minimum=1): whole_number(entry["percent"], "percent", minimum=1)
        for entry in entries
    }


@cache
def official_references() -> tuple[Record, ...]:
    """The records shipped with the platform, oldest first."""
    folder = files("affordability").joinpath("references")
    found = [parse_record(entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return tuple(sorted(found, key=lambda record: (record.starts, record.code)))


def _record(code: str, day: date, records: Iterable[Record]) -> Record | None:
    """The newest record of `code` that holds on `day`."""
    found = [record for record in records if record.code == code and record.holds_on(day)]
    return max(found, key=lambda record: record.starts, default=None)


def default_buffer(day: date, records: Iterable[Record] | None = None) -> int | None:
    """The small buffer that counts when nobody said otherwise, in cents per month: our own policy, dated like a norm."""
    record = _record(BUFFER, day, official_references() if records is None else records)
    return record.cents if record else None


def food_reference(
    day: date, persons: Sequence[Person] | None, records: Iterable[Record] | None = None
) -> Reference | None:
    """The least this household can eat for, in cents per week, half-up; None where no source says (domain.md 2.3).

    None for an unknown household (`persons` None), for three and more persons (the sources disagree), and for a baby. What we
    do not know or do not ask (man or woman, the exact age) counts in people's favour: the highest amount that is possible.
    """
    record = _record(FOOD, day, official_references() if records is None else records)
    if record is None or not persons or len(persons) not in (record.household or {}):
        return None
    per_day = [_most_for(person, record.persons) for person in persons]
    if None in per_day:
        return None
    percent = (record.household or {})[len(persons)]
    per_week = Fraction(sum(cents or 0 for cents in per_day) * DAYS_IN_A_WEEK * percent, 100)
    return Reference(FOOD, half_up(per_week), Period.WEEK, record.starts, record.source, record.certainty)


def _most_for(person: Person, amounts: Sequence[_PerPerson]) -> int | None:
    """The highest amount for the ages this person can have, in cents per day; None when one of the ages has none."""
    most = 0
    for age in range(person.youngest, person.oldest + 1):
        possible = [amount.cents for amount in amounts if amount.youngest <= age <= amount.oldest]
        if not possible:
            return None
        most = max(most, *possible)
    return most or None


def eigen_risico_reference(day: date, adults: int, records: Iterable[Record] | None = None) -> Reference | None:
    """The excess of the care insurance for `adults` insured adults, in cents per year; None outside its year."""
    record = _record(EIGEN_RISICO, day, official_references() if records is None else records)
    if record is None or whole_number(adults, "adults") == 0:
        return None
    return Reference(EIGEN_RISICO, record.cents * adults, Period.YEAR, record.starts, record.source, record.certainty)


def is_above(line: Mapping[str, Any] | None, reference: Reference | None) -> bool:
    """Whether a stored line is above its reference, compared exactly per month. Nothing is above a reference that is not
    there, and what is empty or not known is above nothing.
    """
    if reference is None or not line or line.get("cents") is None:
        return False
    return exact_per_month(line["cents"], Period(line["period"])) > exact_per_month(reference.cents, reference.period)


def needs_sentence(line: Mapping[str, Any] | None, reference: Reference | None, note: str) -> bool:
    """The truce: only above the reference one sentence is asked, and one is enough."""
    return is_above(line, reference) and not note.strip()
