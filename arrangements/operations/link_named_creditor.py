"""What a citizen called an organisation turns out to be one that takes part: the claim goes there."""

from django.db import transaction

from accounts.models import User
from arrangements.domain.lifecycle import UNDER_WAY, ClaimState, ProposalState, Thing
from arrangements.models import Arrangement, CaseTask, Claim, CreditorInvitation, Proposal
from arrangements.operations.moves import move
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen, tell_creditor
from creditors.models import Creditor
from infra import audit, clock, jobs

STANDING = (ClaimState.REPORTED, ClaimState.CONFIRMED, ClaimState.DISPUTED)


class CannotLink(Exception):
    """The organisation does not take part, was named by a citizen itself, or the invitation was linked already."""


@transaction.atomic
def link_named_creditor(*, invitation: CreditorInvitation, creditor: Creditor, user: User) -> None:
    """The desk says which participating organisation this is: a new one, or one we know. Scope: the desk's.

    Raises CannotLink. The claim goes there by the worker (`move_to_creditor`), because it belongs to somebody else.
    """
    row = CreditorInvitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if row.linked_on is not None or not creditor.participates or creditor.named_by_citizen_id is not None:
        raise CannotLink
    row.linked_to, row.linked_on, row.linked_by = creditor, clock.today(), user
    row.save(update_fields=["linked_to", "linked_on", "linked_by"])
    audit.record(
        "creditor_linked",
        object_type="creditor_invitation",
        object_id=row.pk,
        citizen_id=row.citizen_id,
        creditor_id=creditor.pk,
    )
    jobs.enqueue(
        "link_named_creditor",
        key=f"link_named_creditor:{row.pk}",
        arguments={"invitation": row.pk},
        citizen_id=row.citizen_id,
    )


@jobs.job("link_named_creditor")
def link_named_creditor_job(work: jobs.Work) -> None:
    """See `move_to_creditor`."""
    move_to_creditor(invitation_id=work.arguments["invitation"])


@transaction.atomic
def move_to_creditor(*, invitation_id: int) -> None:
    """The citizen's claim goes to the organisation it was linked to, which is asked for the balance. Worker only.

    A debt that stands there already is the same one: the name the citizen typed gives way, and the director looks. Where a
    proposal or an arrangement is under way, what has to happen to it is talked about first. Repeating it changes nothing.
    """
    row = CreditorInvitation.objects.select_related("creditor", "linked_to", "citizen__director", "citizen__user").get(
        pk=invitation_id
    )
    target = row.linked_to
    if target is None:
        return
    claims = Claim.objects.select_for_update(of=("self",)).filter(citizen_id=row.citizen_id, state__in=STANDING)
    named = list(claims.filter(creditor_id=row.creditor_id).order_by("pk"))
    if not named:
        return
    # The desk may have let the very organisation take part that the citizen named: then there is nothing to move.
    known = target.pk != row.creditor_id and claims.filter(creditor=target).exists()
    for claim in named:
        if known:
            move(
                Thing.CLAIM,
                claim,
                ClaimState.WITHDRAWN,
                reason="dezelfde organisatie staat er al met een schuld",
                creditor_id=claim.creditor_id,
            )
            continue
        claim.creditor = target
        claim.save(update_fields=["creditor"])
        audit.record(
            "claim_linked",
            object_type="claim",
            object_id=claim.pk,
            citizen_id=row.citizen_id,
            creditor_id=target.pk,
            details={"named": row.creditor_id},
        )
    _tell(row, target, known=known)


def _tell(row: CreditorInvitation, target: Creditor, *, known: bool) -> None:
    tell_citizen(
        row.citizen,
        key=f"linked:{row.pk}",
        kind="creditor_linked",
        subject="Een organisatie doet nu mee",
        body=f"{target.name} doet nu mee. Wij vragen hoeveel er nog open staat. U hoeft niets te doen.",
    )
    if not known:
        tell_creditor(
            target,
            key=f"balance_asked:{row.pk}",
            kind="balance_asked",
            subject="Er is een saldo dat u kunt bevestigen",
            body="Een klant van u wil een regeling. Log in op de website, open Saldo bevestigen en noem het saldo.",
        )
    under_way = (
        Proposal.objects.filter(
            citizen_id=row.citizen_id, state__in=[ProposalState.SUBMITTED, ProposalState.AGREED]
        ).exists()
        or Arrangement.objects.filter(citizen_id=row.citizen_id, state__in=UNDER_WAY).exists()
    )
    if known or under_way:
        what = (
            f"Er staat al een schuld bij {target.name}. Vraag de cliënt of het dezelfde is als “{row.creditor.name}”."
            if known
            else f"{target.name} doet nu mee, en er loopt al een voorstel of regeling. Bespreek hoe deze schuld daarin komt."
        )
        make_task(
            citizen_id=row.citizen_id,
            key=f"linked:{row.pk}",
            kind=CaseTask.Kind.UNKNOWN_CREDITOR if known else CaseTask.Kind.JOINS_LATER,
            text=what[:300],
        )
