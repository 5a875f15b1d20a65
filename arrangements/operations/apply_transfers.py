"""A transfer on its day: the old claim keeps its history, the new owner gets a claim of its own and what is still to come."""

from datetime import date

from django.db import transaction

from arrangements.documents.content import long_date
from arrangements.domain import plan_change
from arrangements.domain.deciders import ChangeGround, Decider
from arrangements.domain.lifecycle import ArrangementState, ClaimState, Thing
from arrangements.models import ArrangementLine, Claim, ClaimDispute, ClaimTransfer
from arrangements.operations.change_plan import apply_plan, lock_plan
from arrangements.operations.change_proposal import renew_proposal
from arrangements.operations.creditor_tasks import ask_creditors_to_stop
from arrangements.operations.make_documents import make_extracts
from arrangements.operations.moves import move
from arrangements.operations.tell import tell_citizen, tell_creditor
from arrangements.operations.transfer_claim import open_of, registered
from arrangements.queries.claims import line_of
from infra import audit, clock, jobs

OVER = (ArrangementState.FULFILLED, ArrangementState.WAIVED, ArrangementState.TERMINATED)


@transaction.atomic
def transfers_due(*, today: date) -> int:
    """Promise the transfers whose day has come, also those of which the job failed. Worker only, daily.

    An owner we did not know is looked for again by its name.
    """
    for waiting in ClaimTransfer.objects.select_for_update(of=("self",)).filter(applied_on=None, to_creditor=None):
        waiting.to_creditor = registered(waiting.to_name)
        if waiting.to_creditor is not None and waiting.to_creditor_id != waiting.creditor_id:
            waiting.save(update_fields=["to_creditor"])
    due = ClaimTransfer.objects.filter(applied_on=None, to_creditor__isnull=False, from_date__lte=today).exclude(
        claim__state__in=(ClaimState.WITHDRAWN, ClaimState.TRANSFERRED)
    )
    count = 0
    for pk, citizen_id in due.values_list("pk", "citizen_id"):
        jobs.enqueue(
            "apply_transfer",
            key=f"apply_transfer:{pk}:{today.isoformat()}",
            arguments={"transfer": pk},
            citizen_id=citizen_id,
        )
        count += 1
    return count


@jobs.job("apply_transfer")
def apply_transfer_job(work: jobs.Work) -> None:
    """See `apply_transfer`."""
    apply_transfer(transfer_id=work.arguments["transfer"])


@transaction.atomic
def apply_transfer(*, transfer_id: int) -> ClaimTransfer:
    """Give the claim, or the part of it, to its new owner. Worker only. Repeating it changes nothing.

    In a running plan its line is closed at what it got (or made smaller), and the new owner's line has the rest of share,
    waiver and what remains, to the cent: the promise of the signature travels with the claim. Before signing, a proposal
    that is out gets a new version in which the new owner is asked. Does nothing before the day, for a claim that is gone
    by now, or while its arrangement is being made ready (it is tried again the next day).
    """
    transfer = (
        ClaimTransfer.objects.select_for_update(of=("self",))
        .select_related("creditor", "to_creditor", "citizen__director", "citizen__user", "reported_by")
        .get(pk=transfer_id)
    )
    if transfer.applied_on is not None or transfer.to_creditor is None or transfer.from_date > clock.today():
        return transfer
    line = line_of(Claim.objects.get(pk=transfer.claim_id))
    plan = None
    if line is not None:
        if line.arrangement.state in (ArrangementState.SIGNED, *OVER):
            return transfer
        plan = lock_plan(line.arrangement_id)  # before the claim: everybody who changes a plan locks in this order
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=transfer.claim_id)
    part = _part(claim, transfer)
    if (
        claim.state in (ClaimState.WITHDRAWN, ClaimState.TRANSFERRED)
        or open_of(claim) == 0
        or (part is not None and claim.state == ClaimState.DISPUTED)
    ):
        return transfer
    new = _new_claim(claim, transfer, part)
    if plan is not None:
        apply_plan(
            plan,
            lines=plan_change.transfer_claim(plan.lines, str(claim.pk), str(new.pk), part),
            ground=ChangeGround.TRANSFER,
            decided_by=Decider.CREDITOR,
            user=transfer.reported_by,
            details={"claim": claim.pk, "new_claim": new.pk, "transfer": transfer.pk},
        )
        ask_creditors_to_stop(arrangement=plan.arrangement, creditors=[new.creditor])
        make_extracts(arrangement=plan.arrangement)
    _close_old(claim, part, new)
    if plan is None:
        becomes = (new,) if part is None else (claim, new)
        renew_proposal(claim=claim, becomes=becomes, reason="een vordering heeft een andere eigenaar")
    transfer.new_claim, transfer.applied_on = new, clock.today()
    transfer.save(update_fields=["new_claim", "applied_on"])
    audit.record(
        "claim_transfer_applied",
        object_type="claim",
        object_id=new.pk,
        citizen_id=claim.citizen_id,
        creditor_id=new.creditor_id,
        details={"transfer": transfer.pk, "from_claim": claim.pk},
    )
    _tell(transfer, part, line)
    return transfer


def _part(claim: Claim, transfer: ClaimTransfer) -> int | None:
    """What goes, in cents; None for all there is: also when no more than the part is open by now."""
    open_cents = open_of(claim)
    wanted = transfer.amount_cents
    return None if wanted is None or open_cents is None or wanted >= open_cents else wanted


def _new_claim(old: Claim, transfer: ClaimTransfer, part: int | None) -> Claim:
    """The new owner's own claim: what the law says about it goes along, who collected it for the old owner does not."""
    assert transfer.to_creditor is not None  # noqa: S101  asked by the caller; for the type checker
    whole = part is None
    amount = open_of(old) if whole else part
    confirmed = old.confirmed_cents is not None
    keeps_parts = whole and amount == old.confirmed_cents
    taken = Claim.objects.filter(creditor=transfer.to_creditor, reference=transfer.to_reference).exists()
    return Claim.objects.create(
        citizen_id=old.citizen_id,
        creditor=transfer.to_creditor,
        state=old.state if whole and old.state != ClaimState.REPORTED else _state(confirmed=confirmed),
        reference="" if taken else transfer.to_reference,
        debtor_name=old.debtor_name,
        told_cents=None if confirmed else amount,
        confirmed_cents=amount if confirmed else None,
        confirmed_on=clock.today() if confirmed else None,
        principal_cents=old.principal_cents if keeps_parts else None,
        interest_cents=old.interest_cents if keeps_parts else None,
        costs_cents=old.costs_cents if keeps_parts else None,
        is_preferent=old.is_preferent,
        preference_ground=old.preference_ground,
        dischargeable=old.dischargeable,
        not_dischargeable_ground=old.not_dischargeable_ground,
        origin_date=old.origin_date,
        kind=old.kind,
        transferred_from=old,
        citizen_says=old.citizen_says,
        reported_on=clock.today(),
    )


def _state(*, confirmed: bool) -> ClaimState:
    return ClaimState.CONFIRMED if confirmed else ClaimState.REPORTED


def _close_old(claim: Claim, part: int | None, new: Claim) -> None:
    """The old claim: handed over, or smaller by the part that went. In a plan its own amount stays what it was at the start."""
    if part is None:
        move(
            Thing.CLAIM,
            claim,
            ClaimState.TRANSFERRED,
            reason="overgedragen aan een andere organisatie",
            creditor_id=claim.creditor_id,
        )
        # Who disputes a claim disputes it whoever owns it.
        ClaimDispute.objects.filter(claim=claim, closed_on=None).update(claim=new, creditor_id=new.creditor_id)
        return
    if line_of(claim) is not None:
        return
    if claim.confirmed_cents is not None:
        claim.confirmed_cents -= part
        claim.principal_cents = claim.interest_cents = claim.costs_cents = None
    elif claim.told_cents is not None:
        claim.told_cents -= part
    claim.save(
        update_fields=["confirmed_cents", "told_cents", "principal_cents", "interest_cents", "costs_cents"],
    )


def _tell(transfer: ClaimTransfer, part: int | None, line: ArrangementLine | None) -> None:
    assert transfer.to_creditor is not None  # noqa: S101  it was applied; for the type checker
    thing = "een vordering" if part is None else "een deel van een vordering"
    day = long_date(clock.today())
    reference = transfer.to_reference or "nog niet opgegeven"
    if line is None:
        new_body = (
            f"Sinds {day} is {thing} van u. Het kenmerk bij u: {reference}.\nKijk op de website onder Vorderingen."
        )
    else:
        new_body = (
            f"Sinds {day} is {thing} in regeling {line.arrangement.payment_reference} van u. Uw kenmerk: {reference}.\n"
            "Stop met innen. Trek lopende opdrachten aan een deurwaarder in.\n"
            "De beloofde kwijtschelding geldt ook voor u. Uw uittreksel staat voor u klaar."
        )
    tell_creditor(
        transfer.to_creditor,
        key=f"transfer:{transfer.pk}:new",
        kind="claim_received" if line is None else "stop_collecting",
        subject="Een vordering is nu van u",
        body=new_body,
    )
    tell_creditor(
        transfer.creditor,
        key=f"transfer:{transfer.pk}:old",
        kind="claim_transferred",
        subject="Een vordering is overgedragen",
        body=f"Sinds {day} is {thing} niet meer van u. Wat tot die dag voor u binnenkwam, betalen wij nog aan u door.",
    )
    what = "De schuld" if part is None else "Een deel van de schuld"
    tell_citizen(
        transfer.citizen,
        key=f"transfer:{transfer.pk}",
        kind="claim_transferred",
        subject="Een schuld is nu van een ander",
        body=(
            f"{what} bij {transfer.creditor.name} is nu van {transfer.to_creditor.name}.\n"
            f"Dat geldt sinds {day}.\n"
            + (
                "Uw plan blijft hetzelfde. U betaalt gewoon aan ons.\nU hoeft niets te doen."
                if line is not None
                else "U hoeft nu niets te doen. Wij vragen ook deze organisatie."
            )
        ),
    )
