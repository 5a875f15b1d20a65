"""Giving money back: who may, how much, and in which order the states follow each other (payments.md 5.4)."""

from __future__ import annotations

from enum import StrEnum

from kernel.cents import whole_number


class RefundState(StrEnum):
    """Where a refund is. `failed` and `withdrawn` are ends: a new try is a new refund with a new end-to-end id."""

    ASKED = "asked"
    APPROVED = "approved"
    SUBMITTED = "submitted"
    PAID = "paid"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


UNDER_WAY: frozenset[RefundState] = frozenset({RefundState.ASKED, RefundState.APPROVED, RefundState.SUBMITTED})
"""Money that is promised and still in our books: it cannot be promised twice."""

MOVES: dict[RefundState, frozenset[RefundState]] = {
    RefundState.ASKED: frozenset({RefundState.APPROVED, RefundState.WITHDRAWN}),
    # Straight to paid: through a provider, or when the bank shows it before our own file said that it was handed in.
    RefundState.APPROVED: frozenset(
        {RefundState.SUBMITTED, RefundState.PAID, RefundState.FAILED, RefundState.WITHDRAWN}
    ),
    RefundState.SUBMITTED: frozenset({RefundState.PAID, RefundState.FAILED}),
    # A transfer to an account that does not exist comes back after the bank booked it.
    RefundState.PAID: frozenset({RefundState.FAILED}),
    RefundState.FAILED: frozenset(),
    RefundState.WITHDRAWN: frozenset(),
}


class CannotRefund(ValueError):
    """This refund may not be; `str()` is the sentence for the desk, `field` the field of the form it is about."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.field = field


def check_move(before: RefundState, after: RefundState) -> None:
    """Raise CannotRefund when a refund in `before` cannot become `after`."""
    if after not in MOVES[before]:
        raise CannotRefund("Deze terugbetaling is al verder. Kijk nog eens naar de lijst.")


def check_amount(*, asked: int, available: int) -> None:
    """Raise CannotRefund unless 0 < `asked` <= `available`. In cents."""
    whole_number(asked, "asked", minimum=-(10**12))
    if asked <= 0:
        raise CannotRefund("Vul een bedrag in dat hoger is dan 0.", "amount")
    if asked > available:
        raise CannotRefund("Dit is meer dan er terug kan. Kijk wat er klaarstaat, en wat er al onderweg is.", "amount")


def check_eyes(*, asked_by: int, approved_by: int) -> None:
    """Raise CannotRefund when one person would do both."""
    if asked_by == approved_by:
        raise CannotRefund("U vroeg deze terugbetaling zelf aan. Een collega moet haar goedkeuren.")
