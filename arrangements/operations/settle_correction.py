"""How a correction of a frozen claim ends: it stands, or it does not. Part of the caller's transaction; worker only."""

from arrangements.domain.lifecycle import ClaimState
from arrangements.models import ArrangementLine, ClaimCorrection
from arrangements.operations.change_plan import PlanNotRunning, lock_plan, release_parked
from arrangements.operations.tell import tell_citizen, tell_creditor
from infra import clock
from kernel.cents import spoken_euro


def _waiting(correction_id: int) -> ClaimCorrection | None:
    rows = ClaimCorrection.objects.select_for_update(of=("self",)).select_related(
        "arrangement", "claim__creditor", "claim__citizen__director", "claim__citizen__user", "made_by"
    )
    return rows.filter(pk=correction_id, applied_on=None, refused_on=None).first()


def finish_correction(*, correction_id: int) -> None:
    """The plan has the new amount: the claim follows, and both sides hear it. Repeating it changes nothing."""
    row = _waiting(correction_id)
    if row is None:
        return
    _write_claim(row)
    row.applied_on = clock.today()
    row.save(update_fields=["applied_on"])
    try:
        plan = lock_plan(row.arrangement_id)
    except PlanNotRunning:
        plan = None
    if plan is not None and row.claim.state == ClaimState.CONFIRMED:
        release_parked(plan, claim_id=row.claim_id)
    _tell(row)


def refuse_correction(*, correction_id: int, why: str) -> None:
    """The claim stays what it was; its creditor hears why. Repeating it changes nothing."""
    row = _waiting(correction_id)
    if row is None:
        return
    row.refused_on = clock.today()
    row.save(update_fields=["refused_on"])
    tell_creditor(
        row.claim.creditor,
        key=f"correction_impossible:{row.pk}",
        kind="correction_impossible",
        subject="Een correctie gaat niet door",
        body=f"Uw correctie van vordering {row.claim.reference or 'zonder kenmerk'} is niet verwerkt.\n{why}",
    )


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


def _tell(row: ClaimCorrection) -> None:
    citizen = row.claim.citizen
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
    if not lower:
        return  # the others were asked, and hear it with their own old and new part (`apply_variation`)
    lines = ArrangementLine.objects.filter(arrangement_id=row.arrangement_id).exclude(creditor_id=row.creditor_id)
    for creditor in {line.creditor_id: line.creditor for line in lines.select_related("creditor")}.values():
        tell_creditor(
            creditor,
            key=f"correction:{row.pk}:{creditor.pk}",
            kind="plan_changed",
            subject="Een regeling is aangepast",
            body=(
                f"In regeling {row.arrangement.payment_reference} is een bedrag verbeterd.\n"
                "Uw deel is niet lager geworden. U hoeft niets te doen. Uw nieuwe bedragen staan onder Regelingen."
            ),
        )
