"""Changing a state: allowed by the one table in `domain.lifecycle`, written down with who, when, from, to and why."""

from typing import Any, Protocol

from arrangements.domain import lifecycle
from infra import audit
from infra.models import AuditLine


class HasState(Protocol):
    pk: Any
    state: str

    def save(self, *, update_fields: list[str]) -> None: ...


def move(
    thing: lifecycle.Thing, row: Any, to: str, *, reason: str = "", creditor_id: int | None = None, **fields: Any
) -> None:
    """Move `row` (locked by the caller) to state `to`, setting `fields` along with it.

    Raises lifecycle.IllegalMove when the table does not allow it; nothing is written then.
    """
    before = row.state
    lifecycle.check_move(thing, before, to)
    row.state = to
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=["state", *fields])
    move_line(thing, row, before, to, reason=reason, creditor_id=creditor_id).save(force_insert=True)


def move_line(
    thing: lifecycle.Thing, row: Any, from_: str, to: str, *, reason: str = "", creditor_id: int | None = None
) -> AuditLine:
    """The line of the log for one move, not written yet; the caller asked the table."""
    return audit.line(
        f"{thing.value}_{to}",
        object_type=thing.value,
        object_id=row.pk,
        from_state=from_,
        to_state=to,
        citizen_id=getattr(row, "citizen_id", None),
        creditor_id=creditor_id,
        reason=reason,
    )
