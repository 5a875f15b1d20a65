"""Dated norm records: every amount the beslagvrije voet needs for one half-year, with its source and certainty.

A record is a TOML file, because amounts change by decree and not by code. The file names its period (the first day of a
half-year), and holds one table per amount. The official files lie in `norms/`; `norms/examples/` holds made-up records
for running the demonstration past the last official one. Source of the amounts: domain.md 1.2.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from affordability.beslagvrije_voet import unlimited_beslagvrije_voet
from affordability.household import Situation
from kernel.cents import half_up, whole_number


class NormsMissing(LookupError):
    """There is no usable norm record for a date. The message names the nearest period that has one."""


class InvalidNorms(ValueError):
    """A norm record is incomplete, or contradicts itself."""


def half_year(on: date) -> date:
    """The first day of the half-year in which `on` lies."""
    return date(on.year, 1 if on.month < 7 else 7, 1)


def next_half_year(on: date) -> date:
    """The first day of the half-year after the one in which `on` lies."""
    return date(on.year, 7, 1) if on.month < 7 else date(on.year + 1, 1, 1)


@dataclass(frozen=True)
class Amount:
    """One norm in int cents, with where it was read and how certain it is (marks C, S, I of domain.md, or E:
    example).
    """

    cents: int
    source: str
    certainty: str


@dataclass(frozen=True)
class Rate:
    """One norm as a part of one (0.27 for 27 %), exact, with where it was read and how certain it is."""

    part: Fraction
    source: str
    certainty: str


@dataclass(frozen=True)
class NormRecord:
    """The norms of one half-year. The letters are those of the formula in domain.md 1.1."""

    starts: date
    example: bool
    bijstandsnorm_single: Amount  # A
    bijstandsnorm_couple: Amount  # B
    max_alleenstaand: Amount
    max_alleenstaande_ouder: Amount
    max_gehuwd: Amount
    max_gehuwd_met_kinderen: Amount
    threshold_income: Amount  # D, drempelinkomen, per year
    care_rate: Rate  # E
    care_premium: Amount  # standaardpremie, per person per year
    care_share_single: Amount  # X_single
    care_share_couple: Amount  # X_couple
    rent_maximum: Amount  # H
    rent_base_one: Amount  # J, basishuur
    rent_base_more: Amount
    rent_income_one: Amount  # ijkpunt, per year
    rent_income_more: Amount
    rent_rate_one: Rate  # F
    rent_rate_more: Rate  # G
    child_rate: Rate  # K
    child_couple_addition: Amount  # L, per year

    @property
    def key(self) -> str:
        """The first day of the half-year, as text: the name of the record."""
        return self.starts.isoformat()

    @property
    def ends(self) -> date:
        """The last day on which the record may be used."""
        return next_half_year(self.starts) - timedelta(days=1)

    @property
    def maximum(self) -> Mapping[Situation, int]:
        """MAX per situation, in cents per month (475da(1))."""
        return {
            Situation.ALLEENSTAAND: self.max_alleenstaand.cents,
            Situation.ALLEENSTAANDE_OUDER: self.max_alleenstaande_ouder.cents,
            Situation.GEHUWD: self.max_gehuwd.cents,
            Situation.GEHUWD_MET_KINDEREN: self.max_gehuwd_met_kinderen.cents,
        }

    def bijstandsnorm(self, situation: Situation) -> int:
        """A or B, in cents per month including holiday allowance."""
        return (self.bijstandsnorm_couple if situation.is_couple else self.bijstandsnorm_single).cents

    def care_limit(self, situation: Situation) -> Fraction:
        """The most the care part can be, in cents per month (475da(3))."""
        if situation.is_couple:
            return Fraction(2 * self.care_premium.cents, 12) - self.care_share_couple.cents
        return Fraction(self.care_premium.cents, 12) - self.care_share_single.cents

    def rent_rate(self, situation: Situation) -> Fraction:
        """F or G."""
        return (self.rent_rate_one if situation.is_one_person else self.rent_rate_more).part

    def rent_income(self, situation: Situation) -> int:
        """The ijkpunt: the yearly income above which the rent part starts, in cents."""
        return (self.rent_income_one if situation.is_one_person else self.rent_income_more).cents

    def rent_limit(self, situation: Situation) -> int:
        """H − J: the most the rent part can be, in cents per month."""
        return self.rent_maximum.cents - (self.rent_base_one if situation.is_one_person else self.rent_base_more).cents


_RATES = frozenset(field.name for field in fields(NormRecord) if field.type == "Rate")
_AMOUNTS = frozenset(field.name for field in fields(NormRecord) if field.type == "Amount")
_PERCENT_DECIMALS = 4
_PERCENT = re.compile(rf"[0-9]{{1,2}}(?:\.[0-9]{{1,{_PERCENT_DECIMALS}}})?")
_EXAMPLE = "E"
_CERTAINTIES = frozenset({"C", "S", "I", _EXAMPLE})


AMOUNT_NAMES: tuple[str, ...] = tuple(field.name for field in fields(NormRecord) if field.name in _AMOUNTS)
RATE_NAMES: tuple[str, ...] = tuple(field.name for field in fields(NormRecord) if field.name in _RATES)


def parse_record(text: str) -> NormRecord:
    """Read one TOML file. InvalidNorms when anything is missing, unknown, or of the wrong kind: no guesses, no
    defaults.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidNorms(f"not a TOML file: {error}") from error
    return _record(table)


def as_json(record: NormRecord) -> dict[str, Any]:
    """The record as plain values that `json.dumps` can write; `from_json` gives the same record back, exactly.

    The shape is that of the files: amounts are int cents, rates a text such as "13.73" (percent). InvalidNorms for a
    rate that no file could hold.
    """
    table: dict[str, Any] = {"starts": record.key, "example": record.example}
    for name in AMOUNT_NAMES:
        amount: Amount = getattr(record, name)
        table[name] = {"cents": amount.cents, "source": amount.source, "certainty": amount.certainty}
    for name in RATE_NAMES:
        rate: Rate = getattr(record, name)
        table[name] = {"percent": _percent(record, name, rate), "source": rate.source, "certainty": rate.certainty}
    return table


def from_json(data: Mapping[str, Any]) -> NormRecord:
    """The record that `as_json` wrote, years ago perhaps. InvalidNorms when anything is missing, unknown or wrong.

    The maxima are not computed again: what was used then stays what was used then.
    """
    table = dict(data)
    try:
        table["starts"] = date.fromisoformat(table.get("starts", ""))
    except (TypeError, ValueError) as error:
        raise InvalidNorms("`starts` must be the first day of a half-year, such as 2027-01-01") from error
    return _record(table)


def fingerprint(record: NormRecord) -> str:
    """sha256, in hex, of everything in the record: amounts, sources, certainties, period. The same in every process."""
    text = json.dumps(as_json(record), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def amounts_fingerprint(record: NormRecord) -> str:
    """sha256, in hex, of the period and the amounts alone: the same when only a source was written otherwise."""
    table = as_json(record)
    amounts = {
        name: entry.get("cents", entry.get("percent")) if isinstance(entry, dict) else entry
        for name, entry in table.items()
    }
    return sha256(json.dumps(amounts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def missing_norms(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What a record that is still being made lacks: per name which of "value", "source" and "certainty". Never raises.

    `table` has the shape of `as_json`, or part of it. A value that cannot be read counts as missing, and so does the
    certainty "example" in a record that is not one. Empty: complete.
    """
    missing = {}
    certainties = _CERTAINTIES if table.get("example") is True else _CERTAINTIES - {_EXAMPLE}
    for name in (*AMOUNT_NAMES, *RATE_NAMES):
        given = table.get(name)
        entry = given if isinstance(given, Mapping) else {}
        source, certainty = entry.get("source"), entry.get("certainty")
        present = {
            "value": _is_percent(entry.get("percent")) if name in _RATES else _is_cents(entry.get("cents")),
            "source": isinstance(source, str) and bool(source.strip()),
            "certainty": isinstance(certainty, str) and certainty in certainties,
        }
        if lacking := tuple(part for part, there in present.items() if not there):
            missing[name] = lacking
    return missing


def _is_cents(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_percent(value: object) -> bool:
    return isinstance(value, str) and _PERCENT.fullmatch(value) is not None


def _percent(record: NormRecord, name: str, rate: Rate) -> str:
    scaled = rate.part * 100 * 10**_PERCENT_DECIMALS
    whole, decimals = divmod(int(scaled), 10**_PERCENT_DECIMALS)
    text = f"{whole}.{decimals:0{_PERCENT_DECIMALS}d}".rstrip("0").rstrip(".")
    if scaled.denominator != 1 or not _is_percent(text):
        raise InvalidNorms(f"{record.key}: {name} is not a percentage below 100 with at most four decimals")
    return text


def _record(table: dict[str, Any]) -> NormRecord:
    """The record in a table that may be emptied."""
    starts = table.pop("starts", None)
    example = table.pop("example", False)
    if type(starts) is not date or starts != half_year(starts):
        raise InvalidNorms("`starts` must be the first day of a half-year")
    if type(example) is not bool:
        raise InvalidNorms(f"{starts}: `example` must be true or false")
    unknown = sorted(table.keys() - _RATES - _AMOUNTS)
    missing = sorted((_RATES | _AMOUNTS) - table.keys())
    if missing or unknown:
        raise InvalidNorms(f"{starts}: missing {missing}, unknown {unknown}")
    norms: dict[str, Any] = {name: _amount(starts, name, table[name]) for name in _AMOUNTS}
    norms.update((name, _rate(starts, name, table[name])) for name in _RATES)
    return NormRecord(starts=starts, example=example, **norms)


def _amount(starts: date, name: str, entry: object) -> Amount:
    value, source, certainty = _parts(starts, name, entry, "cents")
    try:
        return Amount(whole_number(value, name), source, certainty)
    except ValueError as error:
        raise InvalidNorms(f"{starts}: {error}") from error


def _rate(starts: date, name: str, entry: object) -> Rate:
    value, source, certainty = _parts(starts, name, entry, "percent")
    # A percentage is a text in the file: TOML would make it a float.
    if not isinstance(value, str) or not _is_percent(value):
        raise InvalidNorms(f'{starts}: percent of {name} must be a text such as "13.730"')
    return Rate(Fraction(value) / 100, source, certainty)


def _parts(starts: date, name: str, entry: object, kind: str) -> tuple[object, str, str]:
    if not isinstance(entry, dict) or entry.keys() != {kind, "source", "certainty"}:
        raise InvalidNorms(f"{starts}: {name} needs exactly {kind}, source and certainty")
    source, certainty = entry["source"], entry["certainty"]
    if not (isinstance(source, str) and source.strip() and isinstance(certainty, str) and certainty in _CERTAINTIES):
        raise InvalidNorms(f"{starts}: {name} needs a source, and a certainty of C, S, I or E")
    return entry[kind], source, str(certainty)


def maxima(record: NormRecord) -> dict[Situation, int]:
    """The four maxima as art. 475da(8) Rv makes them, in cents per month.

    MAX is the beslagvrije voet at the taxable income where the rent allowance has shrunk to nothing: where I/12 × F
    (or G) equals H. InvalidNorms when there is no such income, or a part could be less than nothing.
    """
    impossible = [
        situation.value
        for situation in Situation
        if not record.rent_rate(situation) or record.rent_limit(situation) < 0 or record.care_limit(situation) < 0
    ]
    if impossible:
        raise InvalidNorms(f"{record.key}: these norms give no beslagvrije voet for {', '.join(impossible)}")
    found = {}
    for situation in Situation:
        turning_point = record.rent_income(situation) + 12 * record.rent_maximum.cents / record.rent_rate(situation)
        found[situation] = half_up(unlimited_beslagvrije_voet(situation, turning_point, record).total)
    return found


def wrong_maxima(record: NormRecord) -> dict[Situation, tuple[int, int]]:
    """The maxima that do not follow from the other amounts (475da(8)), each as (in the record, computed), in cents.

    InvalidNorms as `maxima`.
    """
    computed = maxima(record)
    return {
        situation: (record.maximum[situation], computed[situation])
        for situation in Situation
        if record.maximum[situation] != computed[situation]
    }


def check_record(record: NormRecord) -> NormRecord:
    """Return `record` when its maxima follow from its other amounts (475da(8)); InvalidNorms naming the difference if
    not.
    """
    if wrong := wrong_maxima(record):
        named = "; ".join(f"{one.value} is {given}, must be {right}" for one, (given, right) in wrong.items())
        raise InvalidNorms(f"{record.key}: the maxima do not follow from art. 475da(8): {named}")
    return record


def record_for(on: date, records: Iterable[NormRecord]) -> NormRecord:
    """The record of the half-year in which `on` lies. NormsMissing, naming the nearest period, when there is none."""
    known = sorted(records, key=lambda record: record.starts)
    for record in known:
        if record.starts <= on <= record.ends:
            return record
    if not known:
        raise NormsMissing(f"there are no norms for {on}, and none for any other period")
    nearest = min(known, key=lambda record: min(abs((on - record.starts).days), abs((on - record.ends).days)))
    raise NormsMissing(f"there are no norms for {on}; the nearest known period is {nearest.starts} to {nearest.ends}")


@cache
def official_records() -> tuple[NormRecord, ...]:
    """The records shipped with the platform that come from law, oldest first."""
    records = _load("norms")
    if any(record.example for record in records):
        raise InvalidNorms("an example record lies between the official ones")
    return records


@cache
def records_with_examples() -> tuple[NormRecord, ...]:
    """The official records and the made-up ones after them. Only for the demonstration: refused in production."""
    examples = _load("norms", "examples")
    if not all(record.example for record in examples):
        raise InvalidNorms("a record in the folder of examples is not marked as an example")
    return tuple(sorted(official_records() + examples, key=lambda record: record.starts))


def _load(*folders: str) -> tuple[NormRecord, ...]:
    folder = files("affordability").joinpath(*folders)
    found = [
        (entry.name, check_record(parse_record(entry.read_text("utf-8"))))
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    ]
    for name, record in found:
        if name != f"{record.key}.toml":
            raise InvalidNorms(f"{name} holds the record of {record.key}")
    return tuple(sorted((record for _, record in found), key=lambda record: record.starts))
