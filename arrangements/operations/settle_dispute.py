"""A dispute in a running plan comes to its end (features.md C21). Correcting and withdrawing have files of their own."""

from django.db import transaction

from accounts.models import User
from arrangements.domain.deciders import ChangeGround, Decider, check_decider
from arrangements.domain.lifecycle import ClaimState, Thing
from arrangements.models import Arrangement, CaseTask, Claim, ClaimDispute
from arrangements.operations.change_plan import read_plan, release_parked
from arrangements.operations.dispute_claim import Outcome, close_dispute, promise_release
from arrangements.operations.moves import move
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen, tell_creditor
from arrangements.queries.claims import line_of
from infra import jobs


class NothingToSettle(Exception):
    """The claim is not disputed, or is in no arrangement: then the balance is confirmed instead."""


@transaction.atomic
def say_it_stands(*, claim: Claim, user: User) -> None:
    """The creditor looked again and the claim is right: what was set aside is paid on, and the citizen hears it.

    The citizen can still have it looked at: the director gets a task. Raises NothingToSettle. Scope: the creditor's.
    """
    row = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    if row.state != ClaimState.DISPUTED or line_of(row) is None:
        raise NothingToSettle
    check_decider(ChangeGround.DISPUTE_SETTLED, Decider.CREDITOR)
    close_dispute(row, Outcome.STANDS, user)
    move(
        Thing.CLAIM,
        row,
        ClaimState.CONFIRMED,
        reason="de organisatie zegt: de vordering klopt",
        creditor_id=row.creditor_id,
    )
    promise_release(row)


@jobs.job("release_claim")
def release_claim_job(work: jobs.Work) -> None:
    """See `release_claim`."""
    release_claim(claim_id=work.arguments["claim"])


@transaction.atomic
def release_claim(*, claim_id: int) -> int:
    """Pay on what was set aside for a claim that is no longer disputed, in cents, and tell whoever did not decide it.

    Also when the plan is over by now: the citizen paid it. Worker only. Repeating it changes nothing.
    """
    claim = Claim.objects.select_related("creditor", "citizen__director", "citizen__user").get(pk=claim_id)
    line = line_of(claim)
    if line is None or claim.state != ClaimState.CONFIRMED:
        return 0
    arrangement = (
        Arrangement.objects.select_for_update(of=("self",)).select_related("proposal").get(pk=line.arrangement_id)
    )
    amount = release_parked(read_plan(arrangement), claim_id=claim_id)
    dispute = ClaimDispute.objects.filter(claim=claim, closed_on__isnull=False).order_by("-pk").first()
    if dispute is not None and dispute.outcome == Outcome.STANDS:
        _tell_it_stands(claim, dispute)
    elif dispute is not None and dispute.outcome == Outcome.DROPPED:
        tell_creditor(
            claim.creditor,
            key=f"dispute_dropped:{dispute.pk}",
            kind="dispute_dropped",
            subject="Een vordering wordt niet meer betwist",
            body=(
                f"De burger betwist vordering {claim.reference or 'zonder kenmerk'} niet meer.\n"
                "Wat opzij stond, betalen wij aan u door."
            ),
        )
    return amount


def _tell_it_stands(claim: Claim, dispute: ClaimDispute) -> None:
    tell_citizen(
        claim.citizen,
        key=f"dispute_stands:{dispute.pk}",
        kind="dispute_stands",
        subject="Er is een antwoord voor u",
        body=(
            f"U zei: de schuld bij {claim.creditor.name} klopt niet.\n"
            f"{claim.creditor.name} keek het na en zegt: de schuld klopt.\n"
            "Uw plan loopt gewoon door. U betaalt niets extra.\n"
            "Bent u het er niet mee eens? Bel ons. Dan kijken wij samen wat kan."
        ),
    )
    make_task(
        citizen_id=claim.citizen_id,
        key=f"dispute_stands:{dispute.pk}",
        kind=CaseTask.Kind.DISPUTE,
        text=f"{claim.creditor.name} zegt dat de betwiste schuld klopt. Vraag de cliënt of dat zo is.",
        working_days=5,
    )
