"""Which norms count: the files of this release, what the desk entered and a colleague approved, and in the demo examples."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings

from affordability.household import Situation
from affordability.norms import (
    AMOUNT_NAMES,
    RATE_NAMES,
    InvalidNorms,
    NormRecord,
    from_json,
    half_year,
    missing_norms,
    next_half_year,
    official_records,
    records_with_examples,
    wrong_maxima,
)
from arrangements.models import NormsEntry

# An approved entry is never changed (the database refuses it), so what was parsed once stays right. By public id, which is
# never used twice.
_parsed: dict[UUID, NormRecord] = {}


def norm_records() -> tuple[NormRecord, ...]:
    """The records that count here and now, oldest first, one per half-year. Any scope: norms belong to everybody.

    Which entries are approved is asked of the database every time: no process ever knows less than another. Where a file
    and an approved entry are of the same half-year the file counts: a release is the only way to put right what was
    approved wrongly. Made-up examples fill the half-years without a real record, only where they are allowed.
    """
    chosen = {record.starts: record for record in (*_approved_entries(), *official_records())}
    if settings.ALLOW_EXAMPLE_NORMS:
        chosen = {record.starts: record for record in records_with_examples()} | chosen
    return tuple(chosen[starts] for starts in sorted(chosen))


def _approved_entries() -> list[NormRecord]:
    found = list(NormsEntry.objects.filter(approved_at__isnull=False).values_list("public_id", flat=True))
    if new := [public_id for public_id in found if public_id not in _parsed]:
        for entry in NormsEntry.objects.filter(public_id__in=new):
            _parsed[entry.public_id] = entry_record(entry)
    return [_parsed[public_id] for public_id in found]


def entry_table(entry: NormsEntry) -> dict[str, Any]:
    """An entry in the shape of `affordability.norms.as_json`, complete or not."""
    return {**entry.norms, "starts": entry.starts.isoformat(), "example": False}


def entry_record(entry: NormsEntry) -> NormRecord:
    """The record in a complete entry. InvalidNorms when it is not complete."""
    return from_json(entry_table(entry))


class Origin(StrEnum):
    """Where the record of a half-year comes from, or how far it is."""

    FILE = "file"
    ENTRY = "entry"
    EXAMPLE = "example"
    DRAFT = "draft"
    NOTHING = "nothing"


@dataclass(frozen=True)
class HalfYear:
    """How it stands with the norms of one half-year. `usable`: assessments can be made with them."""

    starts: date
    origin: Origin
    usable: bool
    lacks: Mapping[str, tuple[str, ...]]
    """Of a draft: per norm what is missing, see `affordability.norms.missing_norms`."""
    wrong: Mapping[Situation, tuple[int, int]]
    """Of a draft that is complete: the maxima that do not follow, see `affordability.norms.wrong_maxima`."""
    impossible: bool = False
    """A complete draft whose amounts give no beslagvrije voet at all."""
    replaces_entry: bool = False
    """A file came for norms the desk had approved, with another amount in it."""


def half_year_state(on: date) -> HalfYear:
    """How it stands with the norms of the half-year in which `on` lies. Scope: the desk's or the worker's."""
    starts = half_year(on)
    entry = NormsEntry.objects.filter(starts=starts).first()
    file = next((record for record in official_records() if record.starts == starts), None)
    if file is not None:
        replaces = entry is not None and entry.approved_at is not None and _norms(entry_record(entry)) != _norms(file)
        return HalfYear(starts, Origin.FILE, True, {}, {}, replaces_entry=replaces)
    if entry is not None and entry.approved_at is not None:
        return HalfYear(starts, Origin.ENTRY, True, {}, {})
    made_up = settings.ALLOW_EXAMPLE_NORMS and any(one.starts == starts for one in records_with_examples())
    if entry is None:
        return HalfYear(starts, Origin.EXAMPLE if made_up else Origin.NOTHING, made_up, {}, {})
    if lacks := missing_norms(entry_table(entry)):
        return HalfYear(starts, Origin.DRAFT, made_up, lacks, {})
    try:
        return HalfYear(starts, Origin.DRAFT, made_up, {}, wrong_maxima(entry_record(entry)))
    except InvalidNorms:
        return HalfYear(starts, Origin.DRAFT, made_up, {}, {}, impossible=True)


def _norms(record: NormRecord) -> list[object]:
    """The bare norms, without where they were read."""
    return [getattr(record, name).cents for name in AMOUNT_NAMES] + [getattr(record, name).part for name in RATE_NAMES]


def real_records() -> tuple[NormRecord, ...]:
    """As `norm_records`, without anything made up."""
    return tuple(record for record in norm_records() if not record.example)


def open_half_years(on: date, *, count: int = 4) -> list[date]:
    """The first days of the half-year of `on` and those after it, less those with a file or an entry. Scope: the desk's."""
    wanted = [half_year(on)]
    while len(wanted) < count:
        wanted.append(next_half_year(wanted[-1]))
    taken = {record.starts for record in official_records()} | set(
        NormsEntry.objects.filter(starts__in=wanted).values_list("starts", flat=True)
    )
    return [starts for starts in wanted if starts not in taken]
