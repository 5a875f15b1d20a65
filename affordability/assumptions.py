"""Dated assumptions about setbacks: what the shock test supposes, each value with its source or "eigen aanname".

A record is a TOML file in `assumptions/`, named after the month from which it holds. It is read as strictly as a norm
record (`norms.py`), but it is no norm: nothing is decided with it, it only warns (features.md, "What none of them has" 3).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from kernel.cents import whole_number


class AssumptionsMissing(LookupError):
    """There are no assumptions for a date: it lies before the first record."""


class InvalidAssumptions(ValueError):
    """A record of assumptions is incomplete, or contradicts itself."""


@dataclass(frozen=True, slots=True)
class Value:
    """One assumed whole number, in the unit its field says, with where it comes from."""

    value: int
    source: str


@dataclass(frozen=True, slots=True)
class Assumptions:
    """One record. Chances are hundredths of a percent per month, parts percent, lengths months, amounts cents.

    A fall of the income is a percentage between least and most (both included) of the whole income, during a number of
    months between shortest and longest. `saved_part`: of what is left in a good month. `threshold`: percent of the draws
    that must last. `shock_*`: the stated shock. `suggestion_step`: a suggested amount is a multiple of it.
    """

    starts: date
    name: str
    income_fall_chance: Value
    income_fall_least: Value
    income_fall_most: Value
    income_fall_shortest: Value
    income_fall_longest: Value
    bill_chance: Value
    bill_least: Value
    bill_most: Value
    saved_part: Value
    reserve: Value
    threshold: Value
    shock_fall: Value
    shock_months: Value
    shock_after: Value
    suggestion_step: Value
    draws: Value
    seed: Value

    @property
    def key(self) -> str:
        """The name of the record: the month from which it holds, "2026-11"."""
        return f"{self.starts:%Y-%m}"

    @property
    def as_json(self) -> dict[str, Any]:
        """The whole record as plain values, to keep beside what was computed with it."""
        values = {name: {"value": entry.value, "source": entry.source} for name, entry in self._values()}
        return {"starts": self.starts.isoformat(), "name": self.name, **values}

    def _values(self) -> Iterable[tuple[str, Value]]:
        return ((name, getattr(self, name)) for name in _VALUES)


_VALUES = tuple(field.name for field in fields(Assumptions) if field.type == "Value")
_AT_LEAST_ONE = frozenset({"income_fall_shortest", "shock_months", "suggestion_step", "draws"})
_AT_MOST = {"income_fall_chance": 10_000, "bill_chance": 10_000} | dict.fromkeys(
    ("income_fall_least", "income_fall_most", "saved_part", "threshold", "shock_fall"), 100
)
_ORDERED = (
    ("income_fall_least", "income_fall_most"),
    ("income_fall_shortest", "income_fall_longest"),
    ("bill_least", "bill_most"),
)
_FILE_NAME = re.compile(r"[0-9]{4}-[0-9]{2}\.toml")


def parse_assumptions(text: str) -> Assumptions:
    """Read one TOML file. InvalidAssumptions when anything is missing, unknown or impossible: no guesses, no defaults."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidAssumptions(f"not a TOML file: {error}") from error
    return _from_table(table)


def assumptions_from_json(stored: Mapping[str, Any]) -> Assumptions:
    """A record as `Assumptions.as_json` wrote it. InvalidAssumptions as `parse_assumptions`."""
    try:
        starts = date.fromisoformat(stored["starts"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidAssumptions("`starts` must be a date") from error
    return _from_table({**stored, "starts": starts})


def _from_table(given: Mapping[str, Any]) -> Assumptions:
    table = dict(given)
    starts, name = table.pop("starts", None), table.pop("name", None)
    if type(starts) is not date or starts.day != 1:
        raise InvalidAssumptions("`starts` must be the first day of a month")
    if not isinstance(name, str) or not name.strip():
        raise InvalidAssumptions(f"{starts}: `name` must be a text")
    missing, unknown = sorted(set(_VALUES) - table.keys()), sorted(table.keys() - set(_VALUES))
    if missing or unknown:
        raise InvalidAssumptions(f"{starts}: missing {missing}, unknown {unknown}")
    values = {key: _value(starts, key, table[key]) for key in _VALUES}
    for least, most in _ORDERED:
        if values[least].value > values[most].value:
            raise InvalidAssumptions(f"{starts}: {least} is above {most}")
    return Assumptions(starts=starts, name=name, **values)


def _value(starts: date, name: str, entry: object) -> Value:
    if not isinstance(entry, Mapping) or entry.keys() != {"value", "source"}:
        raise InvalidAssumptions(f"{starts}: {name} needs exactly a value and a source")
    source = entry["source"]
    if not isinstance(source, str) or not source.strip():
        raise InvalidAssumptions(f'{starts}: {name} needs a source, or "eigen aanname"')
    try:
        value = whole_number(entry["value"], name, minimum=1 if name in _AT_LEAST_ONE else 0)
    except ValueError as error:
        raise InvalidAssumptions(f"{starts}: {error}") from error
    if value > _AT_MOST.get(name, value):
        raise InvalidAssumptions(f"{starts}: {name} must be at most {_AT_MOST[name]}")
    return Value(value, source)


@cache
def all_assumptions() -> tuple[Assumptions, ...]:
    """The records shipped with the platform, oldest first."""
    found = []
    for entry in files("affordability").joinpath("assumptions").iterdir():
        if not entry.name.endswith(".toml"):
            continue
        record = parse_assumptions(entry.read_text("utf-8"))
        if not _FILE_NAME.fullmatch(entry.name) or entry.name != f"{record.key}.toml":
            raise InvalidAssumptions(f"{entry.name} holds the record of {record.key}")
        found.append(record)
    return tuple(sorted(found, key=lambda record: record.starts))


def assumptions_on(day: date, records: Iterable[Assumptions] | None = None) -> Assumptions:
    """The newest record that holds on `day`; a record holds until the next one. AssumptionsMissing before the first."""
    known = all_assumptions() if records is None else sorted(records, key=lambda record: record.starts)
    for record in reversed(tuple(known)):
        if record.starts <= day:
            return record
    raise AssumptionsMissing(f"there are no assumptions for {day.isoformat()}")
