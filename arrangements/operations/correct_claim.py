"""The explicit correction of a claim that stands in a running plan: the only way a frozen claim moves (features.md S9)."""

from datetime import date, timedelta

from django.db import transaction

from accounts.models import User
from arrangements.domain import plan_change
from arrangements.domain.deciders import ChangeGround, Decider, check_decider
from arrangements.domain.lifecycle import ClaimState, Thing
from arrangements.domain.plan_change import PlanImpossible
from arrangements.domain.policy_values import policy_on
from arrangements.models import Arrangement, Claim, ClaimCorrection
from arrangements.operations.change_plan import PlanNotRunning, RunningPlan, apply_plan, lock_plan, release_parked
from arrangements.operations.dispute_claim import Outcome, close_dispute
from arrangements.operations.moves import move
from arrangements.operations.tell import tell_citizen, tell_creditor
from arrangements.queries.claims import running_line
from infra import audit, clock, jobs
from kernel.cents import spoken_euro

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
        reason=reason,
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
def apply_correction(*, correction_id: int, consented: bool = False) -> ClaimCorrection:
    """Put a correction into the plan: a new version, and the claim's own amount. Says so to everybody it concerns.

    When others get less it waits until they consented (`consented`: a variation about it was accepted). Worker only.
    Repeating it changes nothing.
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
    except (PlanNotRunning, PlanImpossible) as problem:
        return _impossible(row, problem)
    if not consented and others_fall(plan, lines, row.claim):
        return row
    apply_plan(
        plan,
        lines=lines,
        ground=ChangeGround.CORRECTION,
        decided_by=Decider.CREDITOR,
        user=row.made_by,
        details={"claim": row.claim_id, "correction": row.pk},
    )
    _write_claim(row)
    row.applied_on = clock.today()
    row.save(update_fields=["applied_on"])
    fresh = lock_plan(row.arrangement_id) if plan.arrangement.fulfilled_on is None else None
    if fresh is not None and row.claim.state == ClaimState.CONFIRMED:
        release_parked(fresh, claim_id=row.claim_id)
    _tell(row, plan)
    return row


def _impossible(row: ClaimCorrection, problem: Exception) -> ClaimCorrection:
    """Between the correction and now more was paid on, or the plan ended: it stays as it was, and the creditor hears it."""
    row.refused_on = clock.today()
    row.save(update_fields=["refused_on"])
    tell_creditor(
        row.claim.creditor,
        key=f"correction_impossible:{row.pk}",
        kind="correction_impossible",
        subject="Een correctie kon niet meer",
        body=(
            f"Uw correctie van vordering {row.claim.reference or 'zonder kenmerk'} is niet verwerkt.\n"
            + (str(problem) or "De regeling loopt niet meer.")
        ),
    )
    return row


def _write_claim(row: ClaimCorrection) -> None:
    """The claim's own amount follows; what it was made of is not known any more when it does not add up."""
    claim = row.claim
    parts = (claim.principal_cents, claim.interest_cents, claim.costs_cents)
    claim.confirmed_cents = row.after_cents
    fields = ["confirmed_cents"]
    if None not in parts and sum(part or 0 for part in parts) != row.after_cents:
        claim.principal_cents = claim.interest_cents = claim.costs_cents = None
        fields += ["principal_cents", "interest_cents", "costs_cents"]
    claim.save(update_fields=fields)


def _tell(row: ClaimCorrection, plan: RunningPlan) -> None:
    citizen = plan.arrangement.citizen
    lower = row.after_cents < row.before_cents
    tell_citizen(
        citizen,
        key=f"correction:{row.pk}",
        kind="claim_corrected",
        subject="Er is iets veranderd in uw plan",
        body=(
            f"{row.claim.creditor.name} heeft een bedrag verbeterd.\n"
            f"Het was {spoken_euro(row.before_cents)}. Het is nu {spoken_euro(row.after_cents)}.\n"
            + ("U betaalt per maand niet meer dan eerst.\n" if lower else "")
            + "Op onze website ziet u wat u nu nog betaalt."
        ),
    )
    others = {line.creditor_id: line.creditor for line in plan.rows if line.creditor_id != row.creditor_id}
    for creditor in others.values():
        tell_creditor(
            creditor,
            key=f"correction:{row.pk}:{creditor.pk}",
            kind="plan_changed",
            subject="Een regeling is aangepast",
            body=(
                f"In regeling {plan.arrangement.payment_reference} is een bedrag verbeterd.\n"
                + (
                    "Uw deel is niet lager geworden. U hoeft niets te doen."
                    if lower
                    else "De delen zijn opnieuw berekend."
                )
                + " Uw nieuwe bedragen staan onder Regelingen."
            ),
        )
