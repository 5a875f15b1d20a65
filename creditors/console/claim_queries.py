"""One claim of the own organisation with everything that happened to it. Scope: the creditor's."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from arrangements.domain.deciders import ChangeGround
from arrangements.domain.lifecycle import ClaimState
from arrangements.models import (
    Claim,
    ClaimCorrection,
    ClaimDispute,
    ClaimTransfer,
    Kwijtschelding,
    PayoutBatch,
    PayoutLine,
    PlanVersionLine,
)
from creditors.console.presenters import euro


def own_claims() -> QuerySet[Claim]:
    """The claims this creditor may look at: confirmed by it once, or asked of it about somebody we know.

    A claim somebody only typed a name for stays out of sight, as everywhere (architecture.md, "Who may see which debts").
    """
    asked = RawSQL("SELECT * FROM balance_requests_open()", [])
    known = ~Q(state__in=[ClaimState.REPORTED, ClaimState.DISPUTED]) | Q(confirmed_cents__isnull=False)
    return Claim.objects.filter(known | Q(pk__in=asked)).order_by("-pk")


def own_claim(public_id: UUID) -> Claim | None:
    """One of them."""
    return own_claims().filter(public_id=public_id).first()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a claim, in staff's words."""

    on: date
    text: str


def history(claim: Claim) -> list[Event]:
    """Everything that happened to this claim, the newest first."""
    events = [Event(claim.reported_on, "Bij ons gemeld." if not claim.transferred_from_id else "Overgenomen.")]
    if claim.confirmed_on is not None:
        events.append(Event(claim.confirmed_on, f"Saldo bevestigd: {euro(claim.confirmed_cents or 0)}."))
    for dispute in ClaimDispute.objects.filter(claim=claim):
        events.append(Event(dispute.opened_on, f"Betwist door de burger: {dispute.get_reason_display()}."))
        if dispute.closed_on is not None:
            events.append(Event(dispute.closed_on, f"Betwisting klaar: {dispute.get_outcome_display()}."))
    for correction in ClaimCorrection.objects.filter(claim=claim):
        events += _correction(correction)
    for transfer in ClaimTransfer.objects.filter(claim=claim):
        what = "de vordering" if transfer.amount_cents is None else euro(transfer.amount_cents)
        if transfer.applied_on is None:
            text = f"Overdracht gemeld: {what} aan {transfer.to_name}, vanaf {transfer.from_date:%d-%m-%Y}."
            events.append(Event(transfer.reported_on, text))
        else:
            events.append(Event(transfer.applied_on, f"Overgedragen: {what} aan {transfer.to_name}."))
    versions = PlanVersionLine.objects.select_related("version").filter(claim=claim).order_by("version__number")
    for line in versions:
        ground = ChangeGround(line.version.ground).label
        events.append(Event(line.version.made_on, f"Regeling: {ground}. U krijgt {euro(line.share_cents)}."))
    for paid in PayoutLine.objects.select_related("batch").filter(claim=claim, batch__state__in=PayoutBatch.SHOWN):
        if paid.set_off_cents:
            events.append(Event(paid.batch.run_date, f"Verrekend: {euro(paid.set_off_cents)}, {paid.batch.number}."))
        if paid.amount_cents:
            events.append(Event(paid.batch.run_date, f"Uitbetaald: {euro(paid.amount_cents)}, {paid.batch.number}."))
        if paid.returned_on is not None:
            back = "Kwam terug" if paid.returned_after_booking else "Niet overgemaakt"
            events.append(Event(paid.returned_on, f"{back}: {euro(paid.amount_cents)}, {paid.batch.number}."))
    for granted in Kwijtschelding.objects.filter(claim=claim):
        events.append(Event(granted.granted_on, f"Kwijtgescholden: {euro(granted.waived_cents)}."))
    events.sort(key=lambda one: one.on)
    return events[::-1]


def _correction(row: ClaimCorrection) -> list[Event]:
    text = (
        f"Correctie: van {euro(row.before_cents)} naar {euro(row.after_cents)}. {row.get_reason_display()}. {row.note}"
    )
    events = [Event(row.made_on, text)]
    if row.applied_on is not None and row.after_cents > row.before_cents:
        events.append(Event(row.applied_on, "De andere organisaties zeiden ja op de correctie."))
    if row.refused_on is not None:
        events.append(Event(row.refused_on, "De correctie is niet doorgegaan."))
    return events


def waiting_correction(claim: Claim) -> ClaimCorrection | None:
    """A correction that waits for the yes of others."""
    return ClaimCorrection.objects.filter(claim=claim, applied_on=None, refused_on=None).first()


def waiting_transfer(claim: Claim) -> ClaimTransfer | None:
    """A transfer whose day has not come, or whose new owner does not take part yet."""
    return ClaimTransfer.objects.filter(claim=claim, applied_on=None).first()
