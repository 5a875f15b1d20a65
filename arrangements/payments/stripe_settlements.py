"""What Stripe paid out to our account, line by line (payments.md 5.6). Amounts in cents."""

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import stripe

from arrangements.models import ProviderMove
from arrangements.payments import stripe_client
from arrangements.payments.provider import OutcomeUnknown, Settlement, SettlementLine

if TYPE_CHECKING:
    from stripe.params import BalanceTransactionListParams, EventListParams
    from stripe.params.checkout import SessionListParams

_PAGE: Final = 100
_TYPES: Final = ["payout.paid", "payout.failed", "payout.canceled"]
_FAILED: Final = {"failed", "canceled"}
# From so many payments on, one walk over the sessions of those days costs fewer calls than a call for each.
_FEW: Final = 20
_SESSION_SECONDS: Final = 24 * 3600
_FROM_TIME: Final = "t:"

_KINDS: Final = {
    "charge": ProviderMove.Kind.PAYMENT,
    "fee": ProviderMove.Kind.FEE,
    "refund": ProviderMove.Kind.REFUND,
    "refund_failure": ProviderMove.Kind.REFUND,
    "charge_failure": ProviderMove.Kind.STORNO,
    "dispute": ProviderMove.Kind.STORNO,
    "dispute_reversal": ProviderMove.Kind.STORNO_WON,
}
_FEES: Final = (ProviderMove.Kind.FEE, ProviderMove.Kind.STORNO_FEE)


def settlements_since(cursor: str) -> tuple[list[Settlement], str]:
    """See CollectionProvider. A payout that failed after it was called paid comes again, as failed."""
    client = stripe_client.client()
    with stripe_client.reading():
        if not cursor:
            return _all(client)
        asked: EventListParams = {"types": _TYPES, "limit": _PAGE}
        if cursor.startswith(_FROM_TIME):
            events = list(
                client.v1.events.list(
                    {**asked, "created": {"gte": int(cursor.removeprefix(_FROM_TIME))}}
                ).auto_paging_iter()
            )[::-1]
        else:
            try:
                events = list(client.v1.events.list({**asked, "ending_before": cursor}).auto_paging_iter())
            except stripe.InvalidRequestError:
                return _all(client)  # older than the 30 days that messages are kept
        found = []
        for event in events:
            payout = client.v1.payouts.retrieve(str(event.data.object["id"]))
            if not _is_complete(payout):
                break  # its lines are not all there yet; next time from here
            if event.type == f"payout.{payout.status}":
                found.append(_settlement(client, payout))
            cursor = event.id
        return found, cursor


def _all(client: stripe.StripeClient) -> tuple[list[Settlement], str]:
    # The place in the messages first: what happens while we list comes again from there, and not never.
    newest = client.v1.events.list({"types": _TYPES, "limit": 1}).data
    cursor = newest[0].id if newest else f"{_FROM_TIME}{int(time.time())}"
    payouts = list(client.v1.payouts.list({"limit": _PAGE}).auto_paging_iter())[::-1]
    over = [one for one in payouts if one.status == "paid" or one.status in _FAILED]
    return [_settlement(client, one) for one in over if _is_complete(one)], cursor


def _is_complete(payout: stripe.Payout) -> bool:
    return not payout.automatic or payout.reconciliation_status == "completed" or payout.status in _FAILED


def _settlement(client: stripe.StripeClient, payout: stripe.Payout) -> Settlement:
    # Which lines are in a payout that somebody made by hand, Stripe does not say.
    lines = _lines(client, payout.id) if payout.automatic else []
    fee = -sum(line.amount_cents for line in lines if line.kind in _FEES)
    gross = sum(line.amount_cents for line in lines if line.kind not in _FEES) if lines else payout.amount
    if gross - fee != payout.amount:
        raise OutcomeUnknown(f"{payout.id}: the lines make {gross - fee}, the payout is {payout.amount}")
    return Settlement(
        payout.id,
        datetime.fromtimestamp(payout.arrival_date, UTC).date(),
        gross_cents=gross,
        fee_cents=fee,
        failed=payout.status in _FAILED,
        lines=tuple(lines),
    )


def _lines(client: stripe.StripeClient, payout_id: str) -> list[SettlementLine]:
    asked: BalanceTransactionListParams = {"payout": payout_id, "limit": _PAGE, "expand": ["data.source"]}
    moves = [one for one in client.v1.balance_transactions.list(asked).auto_paging_iter() if one.type != "payout"]
    owners = _owners(client, moves)
    return [line for move in moves for line in _of(move, owners)]


def _of(move: stripe.BalanceTransaction, owners: dict[str, str]) -> Iterator[SettlementLine]:
    kind = _KINDS.get(move.reporting_category)
    if kind is None or move.currency != "eur":
        # Money that we have no entry for: better a red line for a person than a guess.
        raise OutcomeUnknown(f"{move.id}: {move.reporting_category!r} in {move.currency!r}")
    collection = owners.get(_intent(move), "")
    yield SettlementLine(move.id, kind.value, collection, move.amount)
    if move.fee:
        about_storno = kind in (ProviderMove.Kind.STORNO, ProviderMove.Kind.STORNO_WON)
        fee = ProviderMove.Kind.STORNO_FEE if about_storno else ProviderMove.Kind.FEE
        yield SettlementLine(f"{move.id}:fee", fee.value, collection, -move.fee)


def _intent(move: stripe.BalanceTransaction) -> str:
    """The id of the payment a line is about; empty for costs of the account itself."""
    found = getattr(move.source, "payment_intent", None)
    return str(getattr(found, "id", found) or "")


def _owners(client: stripe.StripeClient, moves: Iterable[stripe.BalanceTransaction]) -> dict[str, str]:
    """The session of each payment: payment intent to session."""
    made = {intent: move.created for move in moves if (intent := _intent(move))}
    found: dict[str, str] = {}
    if len(made) > _FEW:
        asked: SessionListParams = {
            "created": {"gte": min(made.values()) - _SESSION_SECONDS, "lte": max(made.values())},
            "limit": _PAGE,
        }
        for session in client.v1.checkout.sessions.list(asked).auto_paging_iter():
            if isinstance(session.payment_intent, str) and session.payment_intent in made:
                found[session.payment_intent] = session.id
    for intent in made.keys() - found.keys():
        sessions = client.v1.checkout.sessions.list({"payment_intent": intent, "limit": 1}).data
        if sessions:
            found[intent] = sessions[0].id
    return found
