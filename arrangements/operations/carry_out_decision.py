"""The worker does what a person decided about a line of the bank."""

from typing import Any

from django.db import transaction

from arrangements.domain import postings
from arrangements.models import BankLine, MoneyDecision, Refund
from arrangements.operations.ask_refund import approve_refund, ask_refund
from arrangements.operations.place_bank_line import mark
from arrangements.operations.place_transfers import book_transfer
from arrangements.operations.post_entries import post_entries
from arrangements.operations.receive_payment import lock_arrangement
from infra import audit, clock, jobs

Kind = MoneyDecision.Kind


@jobs.job("carry_out_decision")
def carry_out_decision_job(work: jobs.Work) -> dict[str, Any]:
    """See `carry_out_decision`."""
    row = carry_out_decision(decision_id=work.arguments["decision"])
    return {"done": row.done_on is not None}


@transaction.atomic
def carry_out_decision(*, decision_id: int) -> MoneyDecision:
    """Book what was decided, once. A line that was placed meanwhile stays as it is, and the outcome says so. Worker only.

    Order of locks: the arrangement, the line of the bank, the decision.
    """
    told = MoneyDecision.objects.get(pk=decision_id)
    if told.bank_line_id is None:
        raise ValueError(f"decision {decision_id} is not about a line of the bank")
    arrangement = lock_arrangement(told.arrangement_id) if told.arrangement_id is not None else None
    line = BankLine.objects.select_for_update(of=("self",)).get(pk=told.bank_line_id)
    row = MoneyDecision.objects.select_for_update(of=("self",)).get(pk=decision_id)
    if row.done_on is not None:
        return row
    if line.meaning != BankLine.Meaning.OPEN:
        return _done(row, "De regel was intussen al geplaatst. Er is niets veranderd.")
    if row.kind == Kind.PLACE:
        if arrangement is None:
            raise ValueError(f"decision {decision_id} names no arrangement")
        book_transfer(arrangement, line, evidence="medewerker", was_unidentified=True)
        return _done(row, "Geplaatst.")
    if row.kind == Kind.TOP_UP:
        _own_money(line)
        return _done(row, "Geboekt als eigen geld.")
    return _send_back(row, line)


def _own_money(line: BankLine) -> None:
    """In: off unidentified money again, and booked as ours. Out: ours went out, costs of the bank for instance."""
    key, amount = f"bank_line:{line.pk}", abs(line.amount_cents)
    ours = postings.top_up(f"{key}:top_up", amount=amount)
    if line.amount_cents < 0:
        post_entries([postings.reversal(f"{key}:own_money_out", ours)])
    else:
        stood = postings.receipt_transfer(f"{key}:unidentified", arrangement=None, amount=amount)
        post_entries([postings.reversal(f"{key}:identified", stood), ours])
    mark(line, BankLine.Meaning.TOP_UP, "medewerker")


def _send_back(row: MoneyDecision, line: BankLine) -> MoneyDecision:
    """Two people agreed: a refund of money nobody knows, to the account it came from. The line is settled when it is paid."""
    if row.approved_by is None:
        return row
    refund = ask_refund(
        reason=Refund.Reason.UNIDENTIFIED, user=row.decided_by, amount_cents=line.amount_cents, bank_line=line
    )
    approve_refund(refund=refund, user=row.approved_by)
    return _done(row, "Gaat terug met het volgende betaalbestand.")


def _done(row: MoneyDecision, outcome: str) -> MoneyDecision:
    row.done_on, row.outcome = clock.today(), outcome
    row.save(update_fields=["done_on", "outcome"])
    audit.record(
        "money_decision_done",
        object_type="money_decision",
        object_id=row.pk,
        citizen_id=row.arrangement.citizen_id if row.arrangement is not None else None,
        reason=outcome,
    )
    return row
