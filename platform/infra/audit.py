"""Who did what, when, for whom and why: one append-only line per change, in the transaction of the change."""

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec

from infra import clock, scope
from infra.models import AuditLine

_P = ParamSpec("_P")


def line(
    action: str,
    *,
    object_type: str,
    object_id: int | str,
    from_state: str = "",
    to_state: str = "",
    citizen_id: int | None = None,
    creditor_id: int | None = None,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> AuditLine:
    """One line that is not written yet. Actor, acting-for and what the access was for come from the scope.

    `reason`: why this happened, in words a person in the case may read; empty when the action says it.

    No names, no free text of citizens and no amounts of others in `details`.
    """
    actor = scope.current()
    return AuditLine(
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        from_state=from_state,
        to_state=to_state,
        actor_user_id=actor.user_id,
        actor_coach_id=actor.coach_id,
        by_system=actor.worker,
        citizen_id=citizen_id if citizen_id is not None else actor.citizen_id,
        creditor_id=creditor_id if creditor_id is not None else actor.creditor_id,
        reason=reason,
        access=actor.reason[:200],
        details=details or {},
        business_date=clock.today(),
    )


def _written(build: Callable[_P, AuditLine]) -> Callable[_P, None]:
    def record(*args: _P.args, **what: _P.kwargs) -> None:
        """Write one line; see `line`."""
        build(*args, **what).save(force_insert=True)

    return record


record = _written(line)


def record_all(lines: Sequence[AuditLine]) -> None:
    """Write many lines in one go: for work on many cases at once."""
    AuditLine._base_manager.bulk_create(lines, batch_size=2000)  # noqa: SLF001  writing needs no right to read
