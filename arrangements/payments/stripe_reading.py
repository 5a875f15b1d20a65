"""What Stripe shows of a payment, in our words (payments.md 5.1). Their lists of words are open: a new one is not guessed at."""

from typing import Final

import stripe
from stripe.checkout import Session

from arrangements.payments.provider import CollectionState, OutcomeUnknown, Reading, Reversal

EXPANDED: Final = ["payment_intent.latest_charge.balance_transaction"]
"""What `reading_of` needs besides the session itself."""

_INTENTS: Final = {
    "succeeded": CollectionState.PAID,
    "processing": CollectionState.PENDING,
    "canceled": CollectionState.FAILED,
}
# The payer is at it, or may try again for as long as the session is open.
_UNFINISHED: Final = {"requires_payment_method", "requires_confirmation", "requires_action"}
_SESSIONS: Final = {"open": CollectionState.OPEN, "complete": CollectionState.FAILED, "expired": CollectionState.FAILED}

# An inquiry or a refusal beforehand moves no money.
_NO_MONEY: Final = {"warning_needs_response", "warning_under_review", "warning_closed", "prevented"}
_TAKEN: Final = {"needs_response", "under_review", "appeal_needs_response", "appeal_under_review", "lost"}


def intent_of(session: Session) -> stripe.PaymentIntent | None:
    """The payment behind the session; None until the payer chose how to pay. The session must have it expanded."""
    found = session.payment_intent
    return found if isinstance(found, stripe.PaymentIntent) else None


def charge_of(session: Session) -> stripe.Charge | None:
    """The last try to get the money."""
    intent = intent_of(session)
    found = intent.latest_charge if intent is not None else None
    return found if isinstance(found, stripe.Charge) else None


def reading_of(session: Session, disputes: list[stripe.Dispute]) -> Reading:
    """The present truth. LookupError for a session that cannot be ours, OutcomeUnknown for a word we do not know."""
    if session.currency != "eur" or not session.amount_total:
        raise LookupError(f"{session.id} is no payment in euro")
    charge, intent = charge_of(session), intent_of(session)
    failed = _failed_afterwards(charge)
    reversals = [*(found for one in disputes if (found := _reversal(one))), *([failed] if failed else [])]
    state = CollectionState.REVERSED if reversals else _state(session, intent)
    received = intent.amount_received if intent is not None else 0
    return Reading(
        state,
        received or session.amount_total,
        fee_cents=_fee(charge),
        reversals=tuple(reversals),
        refunded_cents=charge.amount_refunded if charge is not None else 0,
    )


def _state(session: Session, intent: stripe.PaymentIntent | None) -> CollectionState:
    if intent is not None and intent.status in _INTENTS:
        return _INTENTS[intent.status]
    if intent is not None and intent.status not in _UNFINISHED:
        raise OutcomeUnknown(f"{session.id}: payment intent is {intent.status!r}")
    if session.status not in _SESSIONS:
        raise OutcomeUnknown(f"{session.id}: session is {session.status!r}")
    return _SESSIONS[session.status]


def _fee(charge: stripe.Charge | None) -> int | None:
    moved = charge.balance_transaction if charge is not None else None
    return moved.fee if isinstance(moved, stripe.BalanceTransaction) else None


def _failed_afterwards(charge: stripe.Charge | None) -> Reversal | None:
    """Money that was on our balance and was taken off again by the bank's late no; the line that did it names it."""
    if charge is None or charge.status != "failed" or not charge.failure_balance_transaction:
        return None
    line = charge.failure_balance_transaction
    return Reversal(line if isinstance(line, str) else line.id, charge.amount)


def _reversal(dispute: stripe.Dispute) -> Reversal | None:
    """A dispute that took money, once per dispute. Won when the money stands on our balance again."""
    lines = dispute.balance_transactions
    taken = [line for line in lines if line.amount < 0]
    if dispute.status in _NO_MONEY and not taken:
        return None
    if dispute.status not in _TAKEN | _NO_MONEY | {"won"}:
        raise OutcomeUnknown(f"{dispute.id}: dispute is {dispute.status!r}")
    if dispute.status == "won" and not taken:
        return None
    back = bool(taken) and sum(line.amount for line in lines) >= 0
    return Reversal(dispute.id, dispute.amount, fee_cents=sum(line.fee for line in taken), won=back)
