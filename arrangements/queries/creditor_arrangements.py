"""What one creditor sees of its arrangements and of the money it got. Scope: that creditor's."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from arrangements.domain.lifecycle import Thing, state_label
from arrangements.models import ArrangementLine, Document, PayoutBatch, PayoutLine
from arrangements.queries.balances import claim_balances
from arrangements.queries.overview import Figures, line_figures


@dataclass(frozen=True, slots=True)
class CreditorArrangementRow:
    """One claim of the creditor in one arrangement, with the documents it may open."""

    arrangement_id: UUID
    arrangement_reference: str
    state: str
    state_label: str
    claim_id: UUID
    reference: str
    customer_number: str
    debtor_name: str
    signed_on: date
    first_due_date: date
    months: int
    figures: Figures
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """One payout with its lines; cents."""

    batch: PayoutBatch
    lines: tuple[PayoutLine, ...]


def creditor_arrangements(creditor_id: int) -> tuple[CreditorArrangementRow, ...]:
    """Every claim of this creditor that is in an arrangement, newest arrangement first."""
    balances = claim_balances()
    documents: dict[int | None, list[Document]] = {}
    for document in Document.objects.filter(creditor_id=creditor_id).defer("pdf", "content").order_by("pk"):
        documents.setdefault(document.arrangement_id, []).append(document)
    lines = ArrangementLine.objects.filter(creditor_id=creditor_id).select_related("arrangement", "claim")
    return tuple(
        CreditorArrangementRow(
            arrangement_id=line.arrangement.public_id,
            arrangement_reference=line.arrangement.payment_reference,
            state=line.arrangement.state,
            state_label=state_label(Thing.ARRANGEMENT, line.arrangement.state),
            claim_id=line.claim.public_id,
            reference=line.claim.reference,
            customer_number=line.claim.customer_number,
            debtor_name=line.claim.debtor_name,
            signed_on=line.arrangement.signed_on,
            first_due_date=line.arrangement.first_due_date,
            months=line.arrangement.months,
            figures=line_figures(line, balances.get(line.claim_id)),
            documents=tuple(documents.get(line.arrangement_id, [])),
        )
        for line in lines.order_by("-arrangement_id", "position")
    )


def creditor_payouts(creditor_id: int) -> tuple[PayoutRow, ...]:
    """Every payout to this creditor, newest first."""
    batches = PayoutBatch.objects.filter(creditor_id=creditor_id).order_by("-run_date", "-pk")
    lines: dict[int, list[PayoutLine]] = {}
    rows = PayoutLine.objects.filter(batch__creditor_id=creditor_id).select_related("claim", "arrangement")
    for line in rows.order_by("pk"):
        lines.setdefault(line.batch_id, []).append(line)
    return tuple(PayoutRow(batch, tuple(lines.get(batch.pk, []))) for batch in batches)
