"""What partners who take part together may know of each other: one amount, a first name, and the claims they share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from arrangements.models import Assessment
from infra import scope


@dataclass(frozen=True, slots=True)
class Partner:
    """The other one in the household. `identified`: somebody proved who this is."""

    first_name: str
    identified: bool


@dataclass(frozen=True, slots=True)
class SharedClaim:
    """A claim of one partner for which the other is liable too. `outstanding_cents` is open now; None when nobody knows."""

    public_id: UUID
    creditor_name: str
    reference: str
    outstanding_cents: int | None
    ground: str
    since: date


@contextmanager
def _for(citizen_id: int) -> Iterator[None]:
    """The doors look at the scope: the worker takes the citizen's place, a citizen asks for nobody else.

    In a transaction of its own if need be: outside one the database knows no scope, and nothing promised would come out.
    """
    now = scope.current()
    if now.worker:
        now = replace(now, citizen_id=citizen_id)
    elif now.citizen_id != citizen_id:
        raise scope.ScopeMissing("a household is looked at on behalf of one of its own members")
    with transaction.atomic(), scope.act_as(now):
        yield


def _rows(citizen_id: int, sql: str) -> list[tuple[Any, ...]]:
    with _for(citizen_id), connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def committed_cents(citizen_id: int) -> int:
    """What the partner promised, in cents per month: sent or agreed proposals and running arrangements; 0 without partner.

    One household has one capacity (domain.md 1.1), so this much of it is spoken for. Scope: the citizen's own (also when a
    coach works for them) or the worker's; raises ScopeMissing in any other.
    """
    [(cents,)] = _rows(citizen_id, "SELECT household_committed()")
    return int(cents)


def partner_of(citizen_id: int) -> Partner | None:
    """The partner this citizen takes part with now. Scope: as `committed_cents`."""
    rows = _rows(citizen_id, "SELECT first_name, identified FROM household_partner()")
    return Partner(*rows[0]) if rows else None


def shared_claims(citizen_id: int) -> list[SharedClaim]:
    """The claims of others for which this citizen was named as co-debtor, and nothing else. Scope: as `committed_cents`.

    They are no claims of this citizen: no total and no proposal of theirs holds them.
    """
    return _sharings(citizen_id, mine=False)


def claims_i_share(citizen_id: int) -> list[SharedClaim]:
    """The own claims for which this citizen named a co-debtor. Scope: as `committed_cents`."""
    return _sharings(citizen_id, mine=True)


def _sharings(citizen_id: int, *, mine: bool) -> list[SharedClaim]:
    rows = _rows(
        citizen_id,
        "SELECT mine, public_id, creditor_name, reference, outstanding_cents, ground, since FROM shared_claims()",
    )
    return [SharedClaim(*row[1:]) for row in rows if row[0] == mine]


def fits_beside_partner(*, citizen_id: int, monthly_cents: int, assessment: Assessment) -> bool:
    """Whether this amount (cents per month) still fits beside what the partner promised since the assessment was made.

    Ask it with the household held (`operations.lock_household`). The sure capacity in the assessment already is without
    what was promised then. Scope: as `committed_cents`.
    """
    promised_since = committed_cents(citizen_id) - int(assessment.inputs.get("committed", 0))
    return monthly_cents + max(0, promised_since) <= assessment.sure_cents
