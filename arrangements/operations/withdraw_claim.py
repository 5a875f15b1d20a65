"""A creditor takes a claim back: nobody has to pay it any more."""

from django.db import transaction

from accounts.models import User
from arrangements.domain import plan_change
from arrangements.domain.deciders import ChangeGround, Decider, check_decider
from arrangements.domain.lifecycle import ClaimState, Thing
from arrangements.models import CaseTask, Claim
from arrangements.operations.change_plan import PlanNotRunning, apply_plan, lock_plan
from arrangements.operations.change_proposal import renew_proposal
from arrangements.operations.dispute_claim import Outcome, close_dispute
from arrangements.operations.moves import move
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen
from arrangements.queries.claims import line_of, running_line
from infra import jobs
from kernel.cents import spoken_euro


class TooLate(Exception):
    """The plan of this claim is not running: there is nothing to take back."""


@transaction.atomic
def withdraw_claim(*, claim: Claim, user: User) -> Claim:
    """The creditor withdraws its own claim. What was paid stays paid; nothing more is asked. Twice changes nothing.

    Raises TooLate for a claim whose plan has ended or has not begun, IllegalMove when it is somebody else's by now.
    Scope: the creditor's. The plan, or the proposal that is out, is changed by the worker.
    """
    row = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    if row.state == ClaimState.WITHDRAWN:
        return row
    if line_of(row) is not None:
        check_decider(ChangeGround.CLAIM_WITHDRAWN, Decider.CREDITOR)
        if running_line(row) is None:
            raise TooLate
    close_dispute(row, Outcome.WITHDRAWN, user)
    move(
        Thing.CLAIM,
        row,
        ClaimState.WITHDRAWN,
        reason="ingetrokken door de organisatie",
        creditor_id=row.creditor_id,
    )
    jobs.enqueue(
        "settle_withdrawal",
        key=f"settle_withdrawal:{row.pk}",
        arguments={"claim": row.pk, "user": user.pk},
        citizen_id=row.citizen_id,
    )
    return row


@jobs.job("settle_withdrawal")
def settle_withdrawal_job(work: jobs.Work) -> None:
    """See `settle_withdrawal`."""
    settle_withdrawal(
        claim_id=work.arguments["claim"], user=User.objects.filter(pk=work.arguments.get("user") or 0).first()
    )


@transaction.atomic
def settle_withdrawal(*, claim_id: int, user: User | None = None) -> None:
    """Take a withdrawn claim out of the proposal that is out, or close its line in the running plan; tell the citizen.

    In a plan its line is closed at what it got; the rest of its share goes to the others by the same rule, nobody gets
    less. Worker only. Repeating it changes nothing.
    """
    claim = Claim.objects.select_related("creditor", "citizen__director", "citizen__user").get(pk=claim_id)
    line = line_of(claim)
    if claim.state != ClaimState.WITHDRAWN or (line is not None and line.closed_on is not None):
        return
    paid = 0
    if line is None:
        renew_proposal(claim=claim, becomes=(), reason="een vordering is ingetrokken")
    else:
        paid = line.paid_cents
        try:
            plan = lock_plan(line.arrangement_id)
        except PlanNotRunning:
            # It ended in the meantime. What is set aside for this claim is nobody's but the citizen's.
            if line.parked_cents:
                make_task(
                    citizen_id=claim.citizen_id,
                    key=f"parked_back:{claim.pk}",
                    kind=CaseTask.Kind.MONEY_AFTER_END,
                    text=f"Voor {claim.creditor.name} staat geld opzij. De schuld is ingetrokken. Betaal het terug.",
                )
        else:
            apply_plan(
                plan,
                lines=plan_change.withdraw_claim(plan.lines, str(claim.pk)),
                ground=ChangeGround.CLAIM_WITHDRAWN,
                decided_by=Decider.CREDITOR,
                user=user,
                details={"claim": claim.pk},
            )
    _tell(claim, paid)


def _tell(claim: Claim, paid: int) -> None:
    tell_citizen(
        claim.citizen,
        key=f"claim_withdrawn:{claim.pk}",
        kind="claim_withdrawn",
        subject="Goed nieuws over een schuld",
        body=(
            f"{claim.creditor.name} trekt de schuld in.\nU hoeft daar niets meer voor te betalen.\n"
            + (f"U betaalde al {spoken_euro(paid)}. Dat blijft betaald.\n" if paid else "")
            + "De andere organisaties krijgen nu wat meer. U bent dan misschien eerder klaar."
        ),
    )
