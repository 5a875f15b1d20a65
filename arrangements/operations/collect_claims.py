"""Bringing a citizen's claims together (architecture.md, "Who may see which debts")."""

from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from accounts import codes
from accounts.models import Citizen, IdentityAnchor, User
from accounts.operations.identify_citizen import anchor_identity, own_match_key
from arrangements.domain.lifecycle import ClaimState, Thing
from arrangements.models import Claim, ClaimDispute
from arrangements.operations.dispute_claim import close_dispute, dispute_claim, drop_dispute
from arrangements.operations.edit_claim import ClaimFrozen
from arrangements.operations.invite_creditor import invite_creditors
from arrangements.operations.moves import move
from arrangements.queries.claims import line_of, live_proposal
from creditors.models import Creditor, UploadedClaim
from creditors.operations.invitations import PURPOSE
from infra import audit, clock, jobs


class InvitationUnknown(Exception):
    """No open claim has this code."""


@transaction.atomic
def open_by_invitation(*, citizen: Citizen, code: str) -> Claim:
    """Open the claim a creditor's letter is about. The code on the letter anchors the identity.

    The other claims of the same person are only offered when what the citizen typed about themselves gives the same
    keyed hash as the creditor's row: a found letter opens one claim, not a life. Raises InvitationUnknown.
    """
    own_key = own_match_key(citizen)
    rows = _uploaded(
        "SELECT * FROM uploaded_claim_by_invitation(%s) WHERE expires_on >= %s ORDER BY match_key <> %s, id",
        [codes.code_hash(PURPOSE, code), clock.today(), own_key],
    )
    # Among very many letters two may carry the same code: then it is the one that is about this person, or none.
    if not rows or (len(rows) > 1 and rows[0].match_key != own_key):
        raise InvitationUnknown
    uploaded = rows[0]
    if uploaded.match_key == own_key:
        anchor_identity(citizen=citizen, kind=IdentityAnchor.Kind.INVITATION)
    return _take(citizen, uploaded)


@transaction.atomic
def find_claims(*, citizen: Citizen) -> list[Claim]:
    """Take over every uploaded claim of this person. Without anchor or consent the database shows none."""
    rows = _uploaded("SELECT * FROM uploaded_claims_for_me() WHERE expires_on >= %s", [clock.today()])
    return [_take(citizen, one) for one in rows]


@transaction.atomic
def add_claim(*, citizen: Citizen, creditor_name: str, told_cents: int | None, reference: str = "") -> Claim:
    """ "Nog een organisatie": the citizen names one, with or without an amount (cents). It gets a request for the balance.

    An organisation we do not know is kept under the name the citizen typed, which only that citizen sees, and is invited.
    """
    name = creditor_name.strip()
    creditor = (
        Creditor.objects.filter(Q(named_by_citizen_id=None) | Q(named_by_citizen_id=citizen.pk), name__iexact=name)
        .order_by("named_by_citizen_id")
        .first()
    )
    if creditor is None:
        creditor = Creditor.objects.create(
            name=name, kind=Creditor.Kind.OTHER, participates=False, named_by_citizen_id=citizen.pk
        )
    waiting = Claim.objects.select_for_update(of=("self",)).filter(
        citizen=citizen, creditor=creditor, state=ClaimState.REPORTED, told_cents=None, confirmed_cents=None
    )
    named = waiting.first() if told_cents is not None else None
    if named is not None:
        # Named before without an amount: this is the amount, not a second debt.
        named.told_cents, named.citizen_says = told_cents, Claim.CitizenSays.YES
        named.save(update_fields=["told_cents", "citizen_says"])
        audit.record(
            "claim_amount_told",
            object_type="claim",
            object_id=named.pk,
            citizen_id=citizen.pk,
            creditor_id=creditor.pk,
        )
        return named
    claim = Claim.objects.create(
        citizen=citizen,
        creditor=creditor,
        reference=reference,
        debtor_name=citizen.full_name,
        told_cents=told_cents,
        citizen_says=Claim.CitizenSays.YES if told_cents is not None else Claim.CitizenSays.UNKNOWN,
        reported_on=clock.today(),
    )
    audit.record(
        "claim_reported", object_type="claim", object_id=claim.pk, citizen_id=citizen.pk, creditor_id=creditor.pk
    )
    invite_creditors(citizen=citizen)
    return claim


@transaction.atomic
def say_about_claim(
    *,
    claim: Claim,
    says: Claim.CitizenSays,
    reason: ClaimDispute.Reason = ClaimDispute.Reason.OTHER,
    note: str = "",
    user: User | None = None,
) -> None:
    """The citizen's yes, no or don't know. A no disputes the claim, with a reason and if wanted a sentence for its creditor,
    who is asked to look again. A claim in an arrangement is disputed there, not here.
    """
    row = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    row.citizen_says = says
    row.save(update_fields=["citizen_says"])
    if line_of(row) is not None:
        return
    if says == Claim.CitizenSays.NO:
        dispute_claim(claim=row, reason=reason, note=note, user=user)
    else:
        drop_dispute(claim=row, user=user)


@transaction.atomic
def confirm_balance(*, claim: Claim, confirmed_cents: int, user: User | None = None) -> None:
    """The creditor says what is open, in cents. Told and confirmed amounts are both kept. It settles a dispute.

    What the claim was made of is forgotten when it does not add up to this any more. Raises ValueError when negative, and
    ClaimFrozen for a claim that stands in an arrangement: that only moves by a correction. Scope: the creditor's.
    """
    if confirmed_cents < 0:
        raise ValueError("a balance is not negative")
    row = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    if line_of(row) is not None:
        raise ClaimFrozen
    today = clock.today()
    stands = row.known_cents == confirmed_cents
    parts = (row.principal_cents, row.interest_cents, row.costs_cents)
    if None not in parts and sum(part or 0 for part in parts) != confirmed_cents:
        row.principal_cents = row.interest_cents = row.costs_cents = None
        row.save(update_fields=["principal_cents", "interest_cents", "costs_cents"])
    close_dispute(row, ClaimDispute.Outcome.STANDS if stands else ClaimDispute.Outcome.CORRECTED, user)
    if row.state in (ClaimState.REPORTED, ClaimState.DISPUTED):
        move(
            Thing.CLAIM,
            row,
            ClaimState.CONFIRMED,
            reason="saldo bevestigd",
            creditor_id=row.creditor_id,
            confirmed_cents=confirmed_cents,
            confirmed_on=today,
        )
        return
    row.confirmed_cents = confirmed_cents
    row.confirmed_on = today
    row.save(update_fields=["confirmed_cents", "confirmed_on"])
    audit.record(
        "balance_corrected",
        object_type="claim",
        object_id=row.pk,
        citizen_id=row.citizen_id,
        creditor_id=row.creditor_id,
    )


@jobs.job("mark_uploaded_claim")
def mark_uploaded_claim(work: jobs.Work) -> None:
    """An uploaded claim found its person: it no longer expires and is offered to nobody else."""
    UploadedClaim.objects.filter(pk=work.arguments["uploaded_claim"], matched_at=None).update(matched_at=clock.now())


def _take(citizen: Citizen, uploaded: UploadedClaim) -> Claim:
    found = Claim.objects.filter(uploaded_claim_id=uploaded.pk).first()
    if found is not None:
        return found
    own = Claim.objects.filter(citizen=citizen, creditor_id=uploaded.creditor_id, uploaded_claim=None)
    known = own.filter(reference=uploaded.reference).exclude(reference="").first()
    if known is not None and not _takes_amounts(known):
        return known
    # The citizen may have named this organisation before it was found: then it is the same claim.
    named = known or next((one for one in own.order_by("pk") if _takes_amounts(one)), None)
    claim = named or Claim(citizen=citizen, creditor_id=uploaded.creditor_id, reported_on=clock.today())
    claim.uploaded_claim_id = uploaded.pk
    claim.reference = uploaded.reference
    claim.customer_number = uploaded.customer_number
    claim.debtor_name = citizen.full_name
    claim.confirmed_cents = uploaded.outstanding_cents
    claim.confirmed_on = clock.today()
    claim.state = ClaimState.CONFIRMED
    claim.principal_cents = uploaded.principal_cents
    claim.interest_cents = uploaded.interest_cents
    claim.costs_cents = uploaded.costs_cents
    claim.is_preferent = uploaded.is_preferent
    claim.preference_ground = uploaded.preference_ground
    claim.dischargeable = uploaded.dischargeable
    claim.not_dischargeable_ground = uploaded.not_dischargeable_ground
    claim.origin_date = uploaded.origin_date
    claim.kind = uploaded.kind
    claim.collector_name = uploaded.collector_name
    claim.collector_reference = uploaded.collector_reference
    claim.deurwaarder_name = uploaded.deurwaarder_name
    claim.deurwaarder_reference = uploaded.deurwaarder_reference
    claim.save()
    audit.record(
        "claim_found",
        object_type="claim",
        object_id=claim.pk,
        to_state=ClaimState.CONFIRMED,
        citizen_id=citizen.pk,
        creditor_id=claim.creditor_id,
    )
    jobs.enqueue(
        "mark_uploaded_claim",
        key=f"mark_uploaded_claim:{uploaded.pk}",
        arguments={"uploaded_claim": uploaded.pk},
        citizen_id=citizen.pk,
    )
    return claim


def _takes_amounts(claim: Claim) -> bool:
    """Whether a file may still say what is open: not of a claim in a proposal or an arrangement, or that is gone."""
    gone = claim.state in (ClaimState.WITHDRAWN, ClaimState.TRANSFERRED)
    return not gone and line_of(claim) is None and live_proposal(claim) is None


def _uploaded(sql: str, parameters: list[Any]) -> list[UploadedClaim]:
    """Rows of a door function as model instances (read through the door, so not through the scoped manager)."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column.name for column in cursor.description or ()]
        return [UploadedClaim(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
