"""The norms of a half-year as the desk enters them: enter, change while it is a draft, and have a colleague approve."""

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from django.db import transaction

from accounts.models import User
from affordability.household import Situation
from affordability.norms import (
    AMOUNT_NAMES,
    RATE_NAMES,
    InvalidNorms,
    fingerprint,
    half_year,
    missing_norms,
    official_records,
    wrong_maxima,
)
from arrangements.models import NormsEntry
from arrangements.queries.norm_records import entry_record, entry_table
from infra import audit, clock, jobs, scope

Norms = Mapping[str, Mapping[str, Any]]
"""Per norm "cents" (int) or "percent" (text such as "13.73"), "source" and "certainty"; what is not known is left out."""


class CannotSaveNorms(Exception):
    """Why norms are not saved or not approved."""


class NotDesk(CannotSaveNorms):
    """Only somebody of our own desk enters or approves norms."""


class NormsExist(CannotSaveNorms):
    """This half-year has a file, an approved entry or a draft already. The message is the first day."""


class NormsApproved(CannotSaveNorms):
    """The entry is approved, and therefore not changed any more."""


class ChangedMeanwhile(CannotSaveNorms):
    """Somebody changed the draft after it was shown."""


class OwnEntry(CannotSaveNorms):
    """Who entered the norms, or changed them last, does not approve them."""


class NormsIncomplete(CannotSaveNorms):
    """`missing` as `affordability.norms.missing_norms` gives it."""

    def __init__(self, missing: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


class NormsDoNotFit(CannotSaveNorms):
    """The maxima do not follow from 475da(8); `wrong` as `affordability.norms.wrong_maxima`, empty when none can."""

    def __init__(self, wrong: Mapping[Situation, tuple[int, int]]) -> None:
        super().__init__(", ".join(situation.value for situation in wrong))
        self.wrong = wrong


def draft_hash(norms: Mapping[str, Any]) -> str:
    """What somebody saw of a draft, in short: `change_norms` and `approve_norms` refuse when it is no longer that."""
    return sha256(json.dumps(norms, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@transaction.atomic
def enter_norms(*, starts: date, norms: Norms) -> NormsEntry:
    """Begin the norms of the half-year that starts on `starts`; they may be incomplete. Scope: the desk's.

    Raises NotDesk, NormsExist; ValueError for a day that begins no half-year or for a norm that cannot be.
    """
    user_id = _desk_user()
    if starts != half_year(starts):
        raise ValueError(f"{starts} is not the first day of a half-year")
    row = NormsEntry(starts=starts, norms=_draft(norms), entered_by_id=user_id, entered_at=clock.now())
    if _has_file(starts) or NormsEntry.objects.filter(starts=starts).exists():
        raise NormsExist(starts.isoformat())
    # Two people at once: the unique first day lets one through.
    if not NormsEntry.objects.bulk_create([row], ignore_conflicts=True) or not _stored(row):
        raise NormsExist(starts.isoformat())
    saved = NormsEntry.objects.get(public_id=row.public_id)
    _log("norms_entered", saved, to_state="draft", fields=sorted(saved.norms))
    return saved


@transaction.atomic
def change_norms(*, entry: NormsEntry, norms: Norms, seen_hash: str) -> NormsEntry:
    """Replace the amounts of a draft. Who changes it counts as who entered it, so that another one approves.

    `seen_hash`: `draft_hash` of what was shown. Raises NotDesk, NormsApproved, ChangedMeanwhile; ValueError as above.
    Saving the same again changes nothing, not even who entered it.
    """
    user_id = _desk_user()
    row = _locked(entry, seen_hash)
    new = _draft(norms)
    changed = sorted(name for name in new.keys() | row.norms.keys() if new.get(name) != row.norms.get(name))
    if not changed:
        return row
    row.norms, row.entered_by_id, row.entered_at = new, user_id, clock.now()
    row.save(update_fields=["norms", "entered_by", "entered_at"])
    _log("norms_changed", row, from_state="draft", to_state="draft", fields=changed)
    return row


@transaction.atomic
def approve_norms(*, entry: NormsEntry, seen_hash: str) -> NormsEntry:
    """The second pair of eyes: from now on these norms count, for good. What waited for them is promised to go on.

    Raises NotDesk, NormsApproved, ChangedMeanwhile, OwnEntry, NormsIncomplete, NormsDoNotFit, and NormsExist when a
    release brought a file for this half-year.
    """
    user_id = _desk_user()
    row = _locked(entry, seen_hash)
    if row.entered_by_id == user_id:
        raise OwnEntry
    if _has_file(row.starts):
        raise NormsExist(row.starts.isoformat())
    if missing := missing_norms(entry_table(row)):
        raise NormsIncomplete(missing)
    record = entry_record(row)
    try:
        wrong = wrong_maxima(record)
    except InvalidNorms as error:
        raise NormsDoNotFit({}) from error
    if wrong:
        raise NormsDoNotFit(wrong)
    row.approved_by_id, row.approved_at = user_id, clock.now()
    row.save(update_fields=["approved_by", "approved_at"])
    _log("norms_approved", row, from_state="draft", to_state="approved", fingerprint=fingerprint(record))
    jobs.enqueue("use_new_norms", key=f"use_new_norms:{row.public_id}")
    return row


def _desk_user() -> int:
    """The login behind the request, looked up anew: a scope alone does not make anybody staff."""
    now = scope.current()
    if not now.desk or now.user_id is None:
        raise NotDesk
    if not User.objects.filter(pk=now.user_id, is_staff=True, is_active=True).exists():
        raise NotDesk
    return now.user_id


def _locked(entry: NormsEntry, seen_hash: str) -> NormsEntry:
    row = NormsEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if row.approved_at is not None:
        raise NormsApproved
    if draft_hash(row.norms) != seen_hash:
        raise ChangedMeanwhile
    return row


def _has_file(starts: date) -> bool:
    return any(record.starts == starts for record in official_records())


def _stored(row: NormsEntry) -> bool:
    return NormsEntry.objects.filter(public_id=row.public_id).exists()


def _draft(norms: Norms) -> dict[str, Any]:
    """Only what belongs in a record, and of that only what is filled in."""
    table: dict[str, Any] = {}
    for name, parts in norms.items():
        value = "cents" if name in AMOUNT_NAMES else "percent"
        if name not in (*AMOUNT_NAMES, *RATE_NAMES) or not parts.keys() <= {value, "source", "certainty"}:
            raise ValueError(f"not a norm: {name} with {sorted(parts)}")
        filled = {part: given for part, given in parts.items() if given not in (None, "")}
        complete = {value: "0" if value == "percent" else 0, "source": "x", "certainty": "C"} | filled
        if name in missing_norms({name: complete}):
            raise ValueError(f"{name} cannot be {filled}")
        if filled:
            table[name] = filled
    return table


def _log(action: str, row: NormsEntry, *, to_state: str, from_state: str = "", **details: object) -> None:
    audit.record(
        action,
        object_type="norms",
        object_id=row.pk,
        from_state=from_state,
        to_state=to_state,
        details={"starts": row.starts.isoformat(), **details},
    )
