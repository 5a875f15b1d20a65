"""The explicit correction of a claim that stands in a running plan: the only way a frozen claim moves (features.md S9)."""

from datetime import date, timedelta

from django.db import transaction

from accounts.models import User
from arrangements.domain import plan_change
from arrangements.domain.deciders import ChangeGround, Decider, check_decider
from arrangements.domain.lifecycle import ClaimState, Thing, VariationState
from arrangements.domain.plan_change import PlanImpossible
from arrangements.domain.policy_values import policy_on
from arrangements.models import Arrangement, Claim, ClaimCorrection, Variation
from arrangements.operations.ask_variation import ask_variation
from arrangements.operations.change_plan import PlanNotRunning, RunningPlan, apply_plan, lock_plan
from arrangements.operations.dispute_claim import Outcome, close_dispute
from arrangements.operations.moves import move
from arrangements.operations.settle_correction import finish_correction, refuse_correction
from arrangements.queries.claims import running_line
from infra import audit, clock, jobs
from kernel.working_days import add_working_days

Reason = ClaimCorrection.Reason


class NotInPlan(Exception):
    """The claim is in no plan that runs: its balance is changed otherwise, or not at all."""


class CorrectionTooLate(Exception):
    """The days in which a claim may be corrected are over. `last` was the last one."""

    def __init__(self, last: date) -> None:
        super().__init__(f"a correction was possible until {last.isoformat()}")
        self.last = last


class BelowPaid(ValueError):
    """More was paid on than the new amount. `paid` in cents."""

    def __init__(self, paid: int) -> None:
        super().__init__(f"{paid} cents were paid on already")
        self.paid = paid


class StillWaiting(Exception):
    """Another correction of this claim waits for the yes of others."""


class HigherWhileDisputed(ValueError):
    """A claim the citizen disputes does not go up before that is settled."""


def last_day(arrangement: Arrangement) -> date:
    """The last day (inclusive) on which a claim in this arrangement may be corrected."""
    return arrangement.signed_on + timedelta(days=policy_on(arrangement.signed_on).correction_days)


@transaction.atomic
def correct_claim(*, claim: Claim, user: User, after_cents: int, reason: Reason, note: str) -> ClaimCorrection:
    """The creditor says what really was open at the start of the plan, in cents, with a reason and a sentence.

    Lower takes effect without asking anybody; for higher those whose share falls are asked. Both are done by the worker.
    Raises NotInPlan, CorrectionTooLate, StillWaiting, BelowPaid, HigherWhileDisputed; ValueError for the same amount or
    without a note. Scope: the creditor's.
    """
    check_decider(ChangeGround.CORRECTION, Decider.CREDITOR)
    row = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    line = running_line(row)
    if line is None or row.state not in (ClaimState.CONFIRMED, ClaimState.DISPUTED):
        raise NotInPlan
    today = clock.today()
    if today > (last := last_day(line.arrangement)):
        raise CorrectionTooLate(last)
    if not note.strip() or after_cents == line.outstanding_cents:
        raise ValueError("a correction changes the amount and says why")
    if ClaimCorrection.objects.filter(claim=row, applied_on=None, refused_on=None).exists():
        raise StillWaiting
    if after_cents < (had := line.paid_cents + line.returned_cents):
        raise BelowPaid(had)
    if row.state == ClaimState.DISPUTED:
        if after_cents > line.outstanding_cents:
            raise HigherWhileDisputed
        close_dispute(row, Outcome.CORRECTED, user)
        move(
            Thing.CLAIM,
            row,
            ClaimState.CONFIRMED,
            reason="het bedrag is aangepast",
            creditor_id=row.creditor_id,
        )
    correction = ClaimCorrection.objects.create(
        claim=row,
        arrangement=line.arrangement,
        citizen_id=row.citizen_id,
        creditor_id=row.creditor_id,
        before_cents=line.outstanding_cents,
        after_cents=after_cents,
        reason=reason,
        note=note.strip()[:300],
        made_by=user,
        made_on=today,
    )
    audit.record(
        "claim_corrected",
        object_type="claim",
        object_id=row.pk,
        citizen_id=row.citizen_id,
        creditor_id=row.creditor_id,
        reason=Reason(reason).label,
        details={"before_cents": correction.before_cents, "after_cents": after_cents, "correction": correction.pk},
    )
    jobs.enqueue(
        "apply_correction",
        key=f"apply_correction:{correction.pk}",
        arguments={"correction": correction.pk},
        citizen_id=row.citizen_id,
    )
    return correction


def correction_lines(plan: RunningPlan, claim: Claim, after_cents: int) -> tuple[plan_change.Line, ...]:
    """The plan as it is after this correction; PlanImpossible when that cannot be."""
    return plan_change.correct_claim(plan.lines, str(claim.pk), after_cents)


def others_fall(plan: RunningPlan, lines: tuple[plan_change.Line, ...], claim: Claim) -> bool:
    """Whether somebody else gets less than promised: then they have to say yes."""
    return any(key != str(claim.pk) for key in plan_change.falls(plan.lines, lines))


@jobs.job("apply_correction")
def apply_correction_job(work: jobs.Work) -> None:
    """See `apply_correction`."""
    apply_correction(correction_id=work.arguments["correction"])


@transaction.atomic
def apply_correction(*, correction_id: int) -> ClaimCorrection:
    """Put a correction into the plan: a new version, and the claim's own amount. Says so to everybody it concerns.

    When others get less they are asked first, by a variation; it waits while another one is open. Worker only. Repeating it
    changes nothing.
    """
    row = (
        ClaimCorrection.objects.select_for_update(of=("self",))
        .select_related("claim__creditor", "made_by")
        .get(pk=correction_id)
    )
    if row.applied_on is not None or row.refused_on is not None:
        return row
    try:
        plan = lock_plan(row.arrangement_id)
        lines = correction_lines(plan, row.claim, row.after_cents)
    except PlanNotRunning:
        refuse_correction(correction_id=row.pk, why="De regeling loopt niet meer.")
    except PlanImpossible as problem:
        # Between the correction and now more was paid on.
        refuse_correction(correction_id=row.pk, why=str(problem))
    else:
        if others_fall(plan, lines, row.claim):
            _ask_others(row)
        else:
            apply_plan(
                plan,
                lines=lines,
                ground=ChangeGround.CORRECTION,
                decided_by=Decider.CREDITOR,
                user=row.made_by,
                details={"claim": row.claim_id, "correction": row.pk},
            )
            finish_correction(correction_id=row.pk)
    row.refresh_from_db()
    return row


def _ask_others(row: ClaimCorrection) -> None:
    """Whose share falls has to say yes. With another variation open it waits: it is tried again every day."""
    if Variation.objects.filter(arrangement_id=row.arrangement_id, state=VariationState.PROPOSED).exists():
        return
    today = clock.today()
    made = Variation.objects.create(
        arrangement_id=row.arrangement_id,
        citizen_id=row.citizen_id,
        ground=ChangeGround.CORRECTION.value,
        wanted={"correction": row.pk},
        plan_number=1,
        content_hash="",
        decided_by=Decider.CREDITOR.value,
        proposed_by=row.made_by,
        proposed_on=today,
        answer_by=add_working_days(today, policy_on(today).answer_working_days),
    )
    ask_variation(variation_id=made.pk)
