"""A creditor that was left out says yes later: its share of then comes on top, nobody else's share changes."""

from django.db import transaction

from accounts.models import User
from affordability.gate import Verdict
from affordability.norms import NormsMissing
from arrangements.domain.deciders import ChangeGround, Decider
from arrangements.domain.lifecycle import UNDER_WAY, ClaimState, VariationState
from arrangements.domain.plan_change import PlanImpossible
from arrangements.domain.policy_values import policy_on
from arrangements.models import Answer, Arrangement, Assessment, CaseTask, Claim, ProposalLine, Variation
from arrangements.operations.ask_variation import ask_variation, joins_task_key
from arrangements.operations.assess_application import FactsMissing, assess_application
from arrangements.operations.change_plan import read_plan
from arrangements.operations.collect_claims import confirm_balance
from arrangements.operations.compute_variation import compute_variation
from arrangements.operations.finish_task import finish_task
from arrangements.operations.lock_household import lock_household
from arrangements.operations.propose_variation import propose_variation
from arrangements.operations.tell import tell_creditor
from arrangements.operations.withdraw_variation import withdraw_variation
from arrangements.queries.changes import latest_figures
from arrangements.queries.household import fits_beside_partner
from arrangements.queries.variations import may_join
from infra import audit, clock, jobs
from kernel.working_days import add_working_days


class CannotJoin(Exception):
    """There is no running plan to join any more, or this creditor was not left out."""


class DoesNotFit(Exception):
    """The higher amount is not surely possible: it is not promised. `why` is the verdict of the gate, or what is missing."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class AmountChanged(Exception):
    """The new amount is another one than was on the screen."""


@transaction.atomic
def offer_to_join(*, answer: Answer, user: User) -> None:
    """The creditor takes back its no, for its share of then; the citizen decides. Scope: the creditor's.

    Saying yes confirms a balance that was only told, as a yes to a proposal does. Raises CannotJoin.
    """
    row = Answer.objects.select_for_update(of=("self",)).get(pk=answer.pk)
    if not may_join(row):
        raise CannotJoin
    ids = ProposalLine.objects.filter(proposal_id=row.proposal_id, creditor_id=row.creditor_id).values("claim_id")
    for claim in Claim.objects.filter(pk__in=ids, state=ClaimState.REPORTED):
        confirm_balance(claim=claim, confirmed_cents=claim.told_cents or 0)
    audit.record(
        "offers_to_join",
        object_type="answer",
        object_id=row.pk,
        citizen_id=row.citizen_id,
        creditor_id=row.creditor_id,
    )
    jobs.enqueue(
        "offer_to_join",
        key=f"offer_to_join:{row.pk}:{clock.today().isoformat()}",
        arguments={"answer": row.pk, "user": user.pk},
        citizen_id=row.citizen_id,
    )


@jobs.job("offer_to_join")
def offer_to_join_job(work: jobs.Work) -> None:
    """See `put_offer_to_citizen`."""
    put_offer_to_citizen(answer_id=work.arguments["answer"], user_id=work.arguments["user"])


@transaction.atomic
def put_offer_to_citizen(*, answer_id: int, user_id: int) -> Variation | None:
    """The citizen is asked whether the creditor may come in, for how much. Worker only. None when it cannot be asked now."""
    answer = Answer.objects.select_related("creditor", "proposal", "citizen__director", "citizen__user").get(
        pk=answer_id
    )
    arrangement = (
        Arrangement.objects.select_for_update(of=("self",))
        .filter(citizen_id=answer.citizen_id, state__in=UNDER_WAY)
        .filter(proposal__application_id=answer.proposal.application_id)
        .first()
    )
    if arrangement is None:
        return None
    if Variation.objects.filter(arrangement=arrangement, state=VariationState.PROPOSED).exists():
        tell_creditor(
            answer.creditor,
            key=f"join_waits:{answer.pk}:{clock.today().isoformat()}",
            kind="join_waits",
            subject="Meedoen kan nu nog niet",
            body="Er loopt al een andere wijziging van deze regeling. Probeer het opnieuw als die klaar is.",
        )
        return None
    lines = ProposalLine.objects.filter(proposal_id=answer.proposal_id, creditor_id=answer.creditor_id)
    today = clock.today()
    made = Variation.objects.create(
        arrangement=arrangement,
        citizen_id=answer.citizen_id,
        ground=ChangeGround.JOINS_LATER.value,
        wanted={
            "shares": {str(line.claim_id): line.share_cents for line in lines if line.share_cents},
            "creditor": answer.creditor_id,
            "offered_by": user_id,
        },
        plan_number=arrangement.version,
        content_hash="",
        decided_by=Decider.CITIZEN.value,
        proposed_by_id=user_id,
        proposed_on=today,
        answer_by=add_working_days(today, policy_on(today).answer_working_days),
    )
    return ask_variation(variation_id=made.pk)


@transaction.atomic
def agree_to_join(*, variation: Variation, seen_monthly_cents: int) -> Assessment:
    """The citizen's own yes to the higher amount: only when the gate is sure of it for the newest figures. Scope: theirs.

    The worker then applies it. Raises DoesNotFit, AmountChanged, PlanNotRunning, PlanImpossible.
    """
    lock_household(variation.citizen_id)
    row = Variation.objects.select_for_update(of=("self",)).select_related("arrangement__proposal").get(pk=variation.pk)
    if row.state != VariationState.PROPOSED:
        raise PlanImpossible("Deze vraag is al klaar.")
    arrangement = row.arrangement
    then, _ = compute_variation(
        read_plan(arrangement), ground=ChangeGround(row.ground), wanted=row.wanted, today=clock.today()
    )
    if then.monthly != seen_monthly_cents:
        raise AmountChanged
    figures = latest_figures(arrangement)
    figures.declared_cents = then.monthly  # judged, not saved: what was filled in stays what it was
    try:
        found = assess_application(application=figures)
    except FactsMissing as error:
        raise DoesNotFit("missing") from error
    except NormsMissing as error:
        raise DoesNotFit("norms") from error
    if found.verdict != Verdict.GREEN:
        raise DoesNotFit(found.verdict)
    if not fits_beside_partner(citizen_id=row.citizen_id, monthly_cents=then.monthly, assessment=found):
        raise DoesNotFit("partner")
    for task in CaseTask.objects.filter(key=joins_task_key(row), done_on=None):
        finish_task(task=task)
    row.wanted = {**row.wanted, "assessment": found.pk}
    row.save(update_fields=["wanted"])
    audit.record(
        "joins_later_agreed",
        object_type="variation",
        object_id=row.pk,
        citizen_id=row.citizen_id,
        details={"assessment": found.pk, "monthly_cents": then.monthly},
    )
    jobs.enqueue(
        "settle_variation",
        key=f"settle_variation:{row.pk}:agreed:{found.pk}",
        arguments={"variation": row.pk},
        citizen_id=row.citizen_id,
    )
    return found


@transaction.atomic
def share_instead(*, variation: Variation, decided_by: Decider, user: User) -> Variation:
    """The other way in when the higher amount does not fit: the same amount, divided again over all; whose share falls is
    asked. Raises what `propose_variation` raises.
    """
    withdraw_variation(variation=variation, reason="verdeeld binnen hetzelfde bedrag")
    return propose_variation(
        arrangement=variation.arrangement,
        ground=ChangeGround.LATE_CREDITOR,
        wanted={"claims": sorted(int(key) for key in variation.wanted["shares"])},
        decided_by=decided_by,
        user=user,
    )
