from collections import defaultdict
from collections.abc import Iterable

from arrangements.domain import variation as core
from arrangements.domain.deciders import ChangeGround, Decider
from arrangements.domain.lifecycle import Thing, VariationState
from arrangements.domain.plan_change import Line
from arrangements.models import ArrangementLine, PlanVersion, Variation
from arrangements.operations.change_plan import RunningPlan, apply_plan
from arrangements.operations.compute_variation import foresee_pause
from arrangements.operations.creditor_tasks import ask_creditors_to_stop
from arrangements.operations.grant_break import pause_plan
from arrangements.operations.make_documents import make_extracts
from arrangements.operations.moves import move
from arrangements.operations.settle_correction import finish_correction
from arrangements.operations.shift_plan import close_links
from arrangements.operations.tell import tell_citizen, tell_creditor
from infra import clock
from kernel.cents import format_euro, spoken_euro

_RULES = {
    ChangeGround.PROVEN_FALL: (
        "Regel: bij een bewezen daling van de afloscapaciteit dalen alle delen in dezelfde verhouding (afgesproken bij de "
        "ondertekening). De bewijzen zijn door een medewerker gezien. Dit is geen wanbetaling."
    ),
    ChangeGround.LOWERING: "Regel: alle delen dalen in dezelfde verhouding.",
    ChangeGround.LATE_CREDITOR: (
        "Regel: alles is opnieuw verdeeld over alle vorderingen, volgens de verdeelregel van de regeling. Niemand krijgt "
        "minder dan hij al had."
    ),
    ChangeGround.CORRECTION: (
        "Regel: een bedrag is verbeterd; alles is opnieuw verdeeld volgens de verdeelregel. Niemand krijgt minder dan hij al had."
    ),
    ChangeGround.JOINS_LATER: "Regel: het deel komt er bovenop. Geen ander deel verandert.",
}

# What stands in the version, which every creditor of the plan may read: never which papers somebody showed.
_TOLD_TO_ALL = frozenset({"monthly_cents", "months", "claims", "shares", "assessment", "correction"})


def apply_variation(plan: RunningPlan, variation: Variation, then: core.Then) -> None:
    """The variation takes effect: the plan becomes `then`, every creditor and the citizen are told in figures.

    Part of the caller's transaction, with plan and variation locked. Worker only.
    """
    if then.later:
        _pause(plan, variation, then.later)
        return
    ground, before = ChangeGround(variation.ground), plan.lines
    monthly_before = plan.arrangement.monthly_cents
    asked = {one.pk: one.amount_cents for one in plan.installments}
    version = apply_plan(
        plan,
        lines=then.lines,
        amounts=then.amounts,
        ground=ground,
        decided_by=Decider(variation.decided_by),
        user=variation.proposed_by,
        details={
            "variation": variation.pk,
            **{name: value for name, value in variation.wanted.items() if name in _TOLD_TO_ALL},
        },
    )
    # A page of the bank that is still open asks for the old amount.
    close_links(plan.arrangement, [pk for pk, amount in asked.items() if then.amounts.get(str(pk), amount) != amount])
    move(
        Thing.VARIATION, variation, VariationState.APPLIED, reason=f"versie {version.number}", decided_on=clock.today()
    )
    tell_creditors_of_version(version, before, monthly_before=monthly_before)
    _welcome(plan, before)
    if ground is ChangeGround.CORRECTION:
        finish_correction(correction_id=variation.wanted["correction"])  # it tells the citizen, with the amounts
    else:
        _tell_citizen(variation, version, monthly_before)


def _welcome(plan: RunningPlan, before: Iterable[Line]) -> None:
    """Who comes in later does what everybody did at the start: it stops collecting, and has its extract."""
    known = [int(line.key) for line in before]
    rows = ArrangementLine.objects.filter(arrangement=plan.arrangement).exclude(claim_id__in=known)
    newcomers = [row.creditor for row in rows.select_related("creditor").order_by("position")]
    if newcomers:
        ask_creditors_to_stop(arrangement=plan.arrangement, creditors=newcomers)
        make_extracts(arrangement=plan.arrangement)


def _pause(plan: RunningPlan, variation: Variation, months: int) -> None:
    """Nobody's share changes, only the days: as a crisis break does it, which tells everybody and keeps the new version."""
    pause_plan(
        arrangement=plan.arrangement,
        shift=foresee_pause(plan.arrangement, months, clock.today()),
        ground=ChangeGround.LONG_PAUSE,
        decider=Decider(variation.decided_by),
        reason="De organisaties zeiden ja tegen een langere pauze.",
    )
    move(Thing.VARIATION, variation, VariationState.APPLIED, reason=f"{months} maanden", decided_on=clock.today())


def tell_creditors_of_version(version: PlanVersion, before: Iterable[Line], *, monthly_before: int) -> None:
    """Every creditor hears what changed, in figures: the amount, its own share, and the rule. Never the income itself."""
    old: dict[int, int] = defaultdict(int)
    new: dict[int, int] = defaultdict(int)
    shares = {line.key: line.share for line in before}
    creditors = {}
    rows = ArrangementLine.objects.filter(arrangement_id=version.arrangement_id).select_related("creditor")
    for row in rows.order_by("position"):
        creditors[row.creditor_id] = row.creditor
        old[row.creditor_id] += shares.get(str(row.claim_id), 0)
        new[row.creditor_id] += row.share_cents
    ground = ChangeGround(version.ground)
    for pk, creditor in creditors.items():
        tell_creditor(
            creditor,
            key=f"version:{version.pk}:{pk}",
            kind="plan_changed",
            subject="Een regeling is gewijzigd",
            body=(
                f"Regeling {version.arrangement.payment_reference} is gewijzigd per {version.made_on:%d-%m-%Y} "
                f"(versie {version.number}).\n"
                f"Reden: {ground.label.lower()}.\n"
                f"Per maand, samen: van {_exact(monthly_before)} naar {_exact(version.monthly_cents)}.\n"
                f"Laatste termijn: {version.last_due_date:%d-%m-%Y}.\n"
                f"Uw deel: van {_exact(old[pk])} naar {_exact(new[pk])}.\n"
                f"{_RULES.get(ground, '')}\n"
                "De cijfers staan bij de regeling, onder Versies."
            ),
        )


def _exact(cents: int) -> str:
    return format_euro(cents, whole=False)


def _tell_citizen(variation: Variation, version: PlanVersion, monthly_before: int) -> None:
    match ChangeGround(version.ground):
        case ChangeGround.LATE_CREDITOR:
            what = f"De nieuwe schuld zit nu in uw regeling. U betaalt nog steeds {spoken_euro(version.monthly_cents)}."
        case _:
            what = (
                f"Uw bedrag is veranderd.\nU betaalde {spoken_euro(monthly_before)} per maand. "
                f"U betaalt nu {spoken_euro(version.monthly_cents)} per maand."
            )
    tell_citizen(
        variation.citizen,
        key=f"variation:{variation.pk}:applied",
        kind="variation_applied",
        subject="Uw regeling is veranderd",
        body=f"{what}\nU hoeft niets te doen. Op onze website ziet u uw nieuwe bedragen.",
    )
