"""The citizen says a claim is not right (features.md C21): before signing, and while the plan runs."""

from django.db import transaction

from accounts.models import User
from arrangements.domain.deciders import ChangeGround, Decider, check_decider
from arrangements.domain.lifecycle import ClaimState, Thing
from arrangements.models import CaseTask, Claim, ClaimDispute
from arrangements.operations.moves import move
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_creditor
from arrangements.queries.claims import line_of, running_line
from infra import audit, clock, jobs

Reason = ClaimDispute.Reason
Outcome = ClaimDispute.Outcome


class NotToDispute(Exception):
    """The claim takes no part any more: it was paid, withdrawn, or its plan is over."""


def open_dispute(claim: Claim) -> ClaimDispute | None:
    """The dispute about this claim that is not settled."""
    return ClaimDispute.objects.filter(claim=claim, closed_on=None).first()


@transaction.atomic
def dispute_claim(
    *,
    claim: Claim,
    reason: Reason = Reason.OTHER,
    note: str = "",
    user: User | None = None,
    decider: Decider = Decider.CITIZEN,
) -> ClaimDispute:
    """Write down that the citizen disputes this claim, and why. Disputing again changes reason and note of the open one.

    While a plan runs nothing is paid on for the claim from now on: its part of what comes in is set aside, and the plan
    goes on. Its creditor is told and the director gets a task. Before that its creditor is asked to confirm the balance.
    Raises NotToDispute; NotYours when `decider` may not. Scope: the citizen's, or the coach's who works for them.
    """
    row = Claim.objects.select_for_update(of=("self",)).select_related("creditor").get(pk=claim.pk)
    found = open_dispute(row)
    if found is not None:
        found.reason, found.note = reason, note[:300]
        found.save(update_fields=["reason", "note"])
        return found
    signed = line_of(row)
    if row.state not in (ClaimState.REPORTED, ClaimState.CONFIRMED, ClaimState.DISPUTED):
        raise NotToDispute
    if signed is not None:
        check_decider(ChangeGround.DISPUTE, decider)
        if running_line(row) is None or signed.settled_cents >= signed.share_cents:
            raise NotToDispute
    dispute = ClaimDispute.objects.create(
        claim=row,
        citizen_id=row.citizen_id,
        creditor_id=row.creditor_id,
        reason=reason,
        note=note[:300],
        opened_by=user,
        opened_on=clock.today(),
    )
    if row.state != ClaimState.DISPUTED:
        move(
            Thing.CLAIM,
            row,
            ClaimState.DISPUTED,
            reason=f"de burger zegt: {Reason(reason).label}",
            creditor_id=row.creditor_id,
        )
    if signed is not None:
        tell_creditor(
            row.creditor,
            key=f"disputed:{dispute.pk}",
            kind="claim_disputed",
            subject="Een vordering wordt betwist",
            body=(
                f"De burger betwist een vordering in regeling {signed.arrangement.payment_reference}.\n"
                f"Uw kenmerk: {row.reference or 'niet bekend'}. De reden: {Reason(reason).label}.\n"
                "Het deel van deze vordering zetten wij opzij. De regeling loopt door.\n"
                "Kijk de vordering na en antwoord op de website, onder Vorderingen."
            ),
        )
        make_task(
            citizen_id=row.citizen_id,
            key=f"dispute:{dispute.pk}",
            kind=CaseTask.Kind.DISPUTE,
            text=f"De cliënt betwist de schuld bij {row.creditor.name}. Kijk of de organisatie antwoordt.",
        )
    return dispute


@transaction.atomic
def drop_dispute(*, claim: Claim, user: User | None = None, decider: Decider = Decider.CITIZEN) -> None:
    """The citizen does not dispute the claim any more. What was set aside goes to its creditor. Twice changes nothing.

    Raises NotYours: while a plan runs a helper cannot give it up for the citizen. Scope: the citizen's.
    """
    row = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    signed = line_of(row)
    if signed is not None and row.state == ClaimState.DISPUTED:
        check_decider(ChangeGround.DISPUTE_SETTLED, decider)
    close_dispute(row, Outcome.DROPPED, user)
    if row.state == ClaimState.DISPUTED and row.confirmed_cents is not None:
        move(
            Thing.CLAIM,
            row,
            ClaimState.CONFIRMED,
            reason="de burger betwist dit niet meer",
            creditor_id=row.creditor_id,
        )
    if signed is not None:
        promise_release(row)


def close_dispute(claim: Claim, outcome: Outcome, user: User | None) -> ClaimDispute | None:
    """Settle the open dispute of a claim, if any. Part of the caller's transaction, which moves the claim."""
    dispute = open_dispute(claim)
    if dispute is None:
        return None
    dispute.outcome, dispute.closed_by, dispute.closed_on = outcome, user, clock.today()
    dispute.save(update_fields=["outcome", "closed_by", "closed_on"])
    audit.record(
        "dispute_closed",
        object_type="dispute",
        object_id=dispute.pk,
        from_state="open",
        to_state=outcome,
        citizen_id=dispute.citizen_id,
        creditor_id=dispute.creditor_id,
        reason=Outcome(outcome).label,
    )
    return dispute


def promise_release(claim: Claim) -> None:
    """What was set aside for this claim is paid on, by the worker: it is money of two parties."""
    jobs.enqueue(
        "release_claim",
        key=f"release_claim:{claim.pk}:{clock.now().isoformat()}",
        arguments={"claim": claim.pk},
        citizen_id=claim.citizen_id,
    )
