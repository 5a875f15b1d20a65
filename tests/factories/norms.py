"""Norms of a half-year that no file has, and people of the desk who enter and approve them."""

from datetime import date
from itertools import count
from typing import Any

from accounts.models import CaseWorker, User
from affordability.norms import NormRecord, as_json, official_records
from arrangements.models import NormsEntry
from arrangements.operations.norms import approve_norms, draft_hash, enter_norms
from infra.scope import Scope, act_as

#: Outside the files and outside the made-up examples.
STARTS = date(2031, 1, 1)
_number = count(1)


def make_desk(name: str = "") -> User:
    """Somebody of the desk: may use /beheer/, gets the mail of the desk."""
    number = next(_number)
    user = User.objects.create_user(f"loket{number}@eenplan.example", is_staff=True)
    CaseWorker.objects.create(
        user=user, kind="desk", name=name or f"Loket {number}", organisation="Eén Plan", phone="085 000 1234"
    )
    return user


def desk_scope(user: User) -> Scope:
    """As the middleware sets it for /beheer/."""
    return Scope(user_id=user.pk, desk=True, reason="test")


def norms_like(record: NormRecord | None = None, **changed: dict[str, Any]) -> dict[str, Any]:
    """The norms of `record` (the newest official one) as the desk enters them; `changed` replaces parts of a norm."""
    table = as_json(record or official_records()[-1])
    del table["starts"], table["example"]
    for name, parts in changed.items():
        table[name] = table[name] | parts
    return table


def entered(starts: date = STARTS, *, by: User | None = None, norms: dict[str, Any] | None = None) -> NormsEntry:
    """A draft."""
    with act_as(desk_scope(by or make_desk())):
        return enter_norms(starts=starts, norms=norms_like() if norms is None else norms)


def approved(starts: date = STARTS, *, norms: dict[str, Any] | None = None) -> NormsEntry:
    """Entered by one and approved by another; the jobs that follow from it wait."""
    entry = entered(starts, norms=norms)
    with act_as(desk_scope(make_desk())):
        return approve_norms(entry=entry, seen_hash=draft_hash(entry.norms))
