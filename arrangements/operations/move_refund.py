from typing import Any

from arrangements.domain.refund import RefundState, check_move
from arrangements.models import Refund
from infra import audit


def move_refund(
    refund: Refund, state: Refund.State, *, reason: str = "", details: dict[str, Any] | None = None, **values: Any
) -> None:
    """Give a locked refund its next state, with the `values` of other columns that come along, and write that down.

    Raises CannotRefund for a move that is not in `domain.refund.MOVES`.
    """
    before = refund.state
    check_move(RefundState(before), RefundState(state))
    refund.state = state
    for name, value in values.items():
        setattr(refund, name, value)
    refund.save(update_fields=["state", *values])
    audit.record(
        f"refund_{state.value}",
        object_type="refund",
        object_id=refund.pk,
        from_state=before,
        to_state=state,
        citizen_id=refund.citizen_id,
        reason=reason,
        details={"amount_cents": refund.amount_cents, **(details or {})},
    )
