"""A claim is sold or handed over, whole or in part: the old owner says so, from which day, and to whom (features.md S7)."""

from datetime import date

from django.db import transaction

from accounts.models import User
from arrangements.domain.deciders import ChangeGround, Decider, check_decider
from arrangements.domain.lifecycle import ClaimState
from arrangements.models import CaseTask, Claim, ClaimCorrection, ClaimTransfer
from arrangements.operations.tasks_for_director import make_task
from arrangements.queries.claims import line_of, running_line
from creditors.models import Creditor
from infra import audit, clock, jobs


class NotToTransfer(Exception):
    """The claim is not this creditor's to give any more: withdrawn, handed over, paid, or its plan is over."""


class TransferWaiting(Exception):
    """Another transfer, or a correction, of this claim has to be done first."""


class MoreThanOpen(ValueError):
    """The part is not less than what is open. `open_cents` says how much that is."""

    def __init__(self, open_cents: int) -> None:
        super().__init__(f"only {open_cents} cents are open")
        self.open_cents = open_cents


class PartOfDisputed(ValueError):
    """While the citizen disputes the claim only the whole of it can go."""


def open_of(claim: Claim) -> int | None:
    """What can be handed over, in cents: what is still open of the claim; None when nobody knows the amount."""
    line = line_of(claim)
    if line is not None:
        return line.outstanding_cents - line.paid_cents - line.returned_cents
    return claim.known_cents


def registered(name: str) -> Creditor | None:
    """The organisation of this name that takes part; capitals do not matter."""
    wanted = " ".join(name.split())
    return Creditor.objects.filter(name__iexact=wanted, participates=True, named_by_citizen_id=None).first()


@transaction.atomic
def transfer_claim(
    *,
    claim: Claim,
    user: User,
    to_name: str,
    from_date: date,
    amount_cents: int | None = None,
    to_reference: str = "",
) -> ClaimTransfer:
    """The owner hands its claim over, or `amount_cents` of what is open then, from `from_date` (today or later) on.

    What was paid until then is the old owner's. An organisation we do not know yet becomes a task for the director, and
    nothing changes until it takes part. Raises NotToTransfer, TransferWaiting, MoreThanOpen, PartOfDisputed;
    ValueError for a day in the past or to oneself. Scope: the creditor's. The worker does it on the day.
    """
    check_decider(ChangeGround.TRANSFER, Decider.CREDITOR)
    row = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    if row.state in (ClaimState.WITHDRAWN, ClaimState.TRANSFERRED) or (
        line_of(row) is not None and running_line(row) is None
    ):
        raise NotToTransfer
    if from_date < clock.today():
        raise ValueError("money that was paid on already stays with the old owner")
    if (
        ClaimTransfer.objects.filter(claim=row, applied_on=None).exists()
        or ClaimCorrection.objects.filter(claim=row, applied_on=None, refused_on=None).exists()
    ):
        raise TransferWaiting
    open_cents = open_of(row)
    if open_cents == 0:
        raise NotToTransfer
    if amount_cents is not None:
        if open_cents is None or not 0 < amount_cents < open_cents:
            raise MoreThanOpen(open_cents or 0)
        if row.state == ClaimState.DISPUTED:
            raise PartOfDisputed
    target = registered(to_name)
    if target is not None and target.pk == row.creditor_id:
        raise ValueError("the claim is this organisation's already")
    transfer = ClaimTransfer.objects.create(
        claim=row,
        citizen_id=row.citizen_id,
        creditor_id=row.creditor_id,
        to_creditor=target,
        to_name=(target.name if target else " ".join(to_name.split()))[:100],
        to_reference=to_reference,
        amount_cents=amount_cents,
        from_date=from_date,
        reported_by=user,
        reported_on=clock.today(),
    )
    audit.record(
        "transfer_reported",
        object_type="claim",
        object_id=row.pk,
        citizen_id=row.citizen_id,
        creditor_id=row.creditor_id,
        details={"transfer": transfer.pk, "to_creditor": target.pk if target else None, "amount_cents": amount_cents},
    )
    if target is None:
        jobs.enqueue(
            "transfer_to_unknown",
            key=f"transfer_to_unknown:{transfer.pk}",
            arguments={"transfer": transfer.pk},
            citizen_id=row.citizen_id,
        )
    elif from_date <= clock.today():
        jobs.enqueue(
            "apply_transfer",
            key=f"apply_transfer:{transfer.pk}",
            arguments={"transfer": transfer.pk},
            citizen_id=row.citizen_id,
        )
    return transfer


@jobs.job("transfer_to_unknown")
def transfer_to_unknown(work: jobs.Work) -> None:
    """Somebody has to find out who the new owner is, and let it take part."""
    transfer = ClaimTransfer.objects.select_related("creditor").get(pk=work.arguments["transfer"])
    make_task(
        citizen_id=transfer.citizen_id,
        key=f"transfer_to_unknown:{transfer.pk}",
        kind=CaseTask.Kind.UNKNOWN_CREDITOR,
        text=(
            f"{transfer.creditor.name} draagt de schuld over aan “{transfer.to_name}”. "
            "Die organisatie doet nog niet mee. Nodig haar uit."
        ),
    )
