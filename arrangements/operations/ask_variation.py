"""Putting a variation to the creditors it touches. Worker only: it looks at all creditors of one citizen."""

from collections.abc import Sequence

from django.db import transaction

from arrangements.documents.content import long_date
from arrangements.domain import variation as core
from arrangements.domain.deciders import ChangeGround
from arrangements.domain.lifecycle import ConsentState, Thing, VariationState
from arrangements.domain.plan_change import PlanImpossible
from arrangements.domain.policy_values import policy_on
from arrangements.models import CaseTask, Consent, Variation
from arrangements.operations.apply_variation import apply_variation
from arrangements.operations.change_plan import PlanNotRunning, RunningPlan, lock_plan
from arrangements.operations.compute_variation import compute_variation
from arrangements.operations.moves import move
from arrangements.operations.settle_correction import refuse_correction
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen, tell_creditor
from creditors.models import Creditor
from infra import clock, jobs
from kernel.cents import format_euro
from kernel.working_days import add_working_days


@jobs.job("ask_variation")
def ask_variation_job(work: jobs.Work) -> None:
    """See `ask_variation`."""
    ask_variation(variation_id=work.arguments["variation"])


@transaction.atomic
def ask_variation(*, variation_id: int) -> Variation:
    """Compute the variation on the plan as it stands and ask who has to say yes; applied at once when nobody has to.

    Repeating it changes nothing. The arrangement is locked first, then the variation.
    """
    variation, plan = lock_variation(variation_id)
    if variation.state != VariationState.PROPOSED or variation.content_hash:
        return variation
    if plan is None:
        return lapse(variation, reason="de regeling loopt niet meer", told="Uw regeling loopt niet meer.")
    try:
        then, asks = compute_variation(
            plan, ground=ChangeGround(variation.ground), wanted=variation.wanted, today=clock.today()
        )
    except PlanImpossible as error:
        return lapse(variation, reason="kan niet meer", told=str(error))
    variation.plan_number = plan.arrangement.version
    variation.content_hash = core.question_hash(then, variation.plan_number)
    variation.save(update_fields=["plan_number", "content_hash"])
    if not asks:
        apply_variation(plan, variation, then)
        return variation
    _ask(variation, asks)
    return variation


def lock_variation(variation_id: int) -> tuple[Variation, RunningPlan | None]:
    """The variation and its plan, held still, in the one order; no plan when it does not run. Part of a transaction."""
    arrangement_id = Variation.objects.values_list("arrangement_id", flat=True).get(pk=variation_id)
    try:
        plan = lock_plan(arrangement_id)
    except PlanNotRunning:
        plan = None
    rows = Variation.objects.select_for_update(of=("self",)).select_related("citizen__director", "citizen__user")
    return rows.get(pk=variation_id), plan


def ask_again(variation: Variation) -> Variation:
    """The plan changed since it was asked: what was asked is void, and it is put to the creditors afresh.

    The old question stays readable as it was, with its answers. Part of the caller's transaction.
    """
    today = clock.today()
    move(
        Thing.VARIATION,
        variation,
        VariationState.LAPSED,
        reason="de regeling is gewijzigd: opnieuw gevraagd",
        decided_on=today,
    )
    again = Variation.objects.create(
        arrangement_id=variation.arrangement_id,
        citizen_id=variation.citizen_id,
        ground=variation.ground,
        # The citizen's own yes to a higher amount was to another amount.
        wanted={name: value for name, value in variation.wanted.items() if name != "assessment"},
        plan_number=variation.plan_number,
        content_hash="",
        decided_by=variation.decided_by,
        proposed_by_id=variation.proposed_by_id,
        proposed_on=today,
        answer_by=add_working_days(today, policy_on(today).answer_working_days),
    )
    return ask_variation(variation_id=again.pk)


def _ask(variation: Variation, asks: Sequence[core.Ask]) -> None:
    creditors = Creditor.objects.in_bulk([ask.creditor for ask in asks])
    for ask in asks:
        consent = Consent.objects.create(
            variation=variation,
            citizen_id=variation.citizen_id,
            creditor_id=ask.creditor,
            share_before_cents=ask.before,
            share_after_cents=ask.after,
            answer_by=variation.answer_by,
        )
        if variation.ground == ChangeGround.JOINS_LATER and ask.creditor == variation.wanted["creditor"]:
            _said_by_offering(variation, consent)
        else:
            _tell(creditors[ask.creditor], consent, variation)
    if variation.ground == ChangeGround.JOINS_LATER:
        _ask_citizen(variation, creditors[variation.wanted["creditor"]])
        return
    if variation.ground == ChangeGround.CORRECTION:
        tell_citizen(
            variation.citizen,
            key=f"variation:{variation.pk}:asked",
            kind="variation_asked",
            subject="Bericht over uw afspraak",
            body=(
                "Eén organisatie zegt: het bedrag was hoger.\n"
                "De anderen krijgen dan minder. Wij vragen of dat mag.\n"
                "Uw bedrag blijft gelijk. U hoeft niets te doen."
            ),
        )
        return
    tell_citizen(
        variation.citizen,
        key=f"variation:{variation.pk}:asked",
        kind="variation_asked",
        subject="Uw vraag is gesteld",
        body=(
            f"Wij vroegen het aan {len(asks)} organisatie{'s' if len(asks) > 1 else ''}.\n"
            f"Zij antwoorden uiterlijk {long_date(variation.answer_by)}.\n"
            "Tot dan verandert er niets. U betaalt zoals nu."
        ),
    )


def _ask_citizen(variation: Variation, creditor: Creditor) -> None:
    """Whether who was left out may come in is the citizen's own choice; somebody helps with it."""
    tell_citizen(
        variation.citizen,
        key=f"joins_later:{variation.pk}",
        kind="joins_later",
        subject="Een organisatie wil toch meedoen",
        body="Eén organisatie wil toch meedoen met uw regeling.\nU kiest zelf. Log in en lees wat het betekent.",
    )
    make_task(
        citizen_id=variation.citizen_id,
        key=joins_task_key(variation),
        kind=CaseTask.Kind.JOINS_LATER,
        text=f"{creditor.name} wil toch meedoen. Bespreek het met de cliënt: die kiest zelf."[:300],
    )


def joins_task_key(variation: Variation) -> str:
    """The key of the task about a creditor that wants to come in."""
    return f"joins_later:{variation.pk}"


def _said_by_offering(variation: Variation, consent: Consent) -> None:
    """Who offers to join says yes by offering: kept with the name of who did."""
    move(
        Thing.CONSENT,
        consent,
        ConsentState.ACCEPTED,
        reason="wil toch meedoen",
        creditor_id=consent.creditor_id,
        decided_by_id=variation.wanted["offered_by"],
        decided_at=clock.now(),
        decided_on=clock.today(),
        seen_hash=variation.content_hash,
    )


def _tell(creditor: Creditor, consent: Consent, variation: Variation) -> None:
    tell_creditor(
        creditor,
        key=f"consent:{consent.pk}",
        kind="consent_asked",
        subject="Een wijziging wacht op uw antwoord",
        body=(
            "Een lopende regeling wijzigt. Daarvoor is uw antwoord nodig.\n"
            f"Reden: {ChangeGround(variation.ground).label.lower()}.\n"
            f"Uw deel nu: {format_euro(consent.share_before_cents, whole=False)}. "
            f"Uw deel straks: {format_euro(consent.share_after_cents, whole=False)}.\n"
            f"Antwoord uiterlijk op {consent.answer_by:%d-%m-%Y}, onder Wijzigingen."
        ),
    )


def lapse(variation: Variation, *, reason: str, told: str) -> Variation:
    """The variation ends without taking effect; the citizen hears why, the director gets a task. Part of a transaction."""
    move(Thing.VARIATION, variation, VariationState.LAPSED, reason=reason, decided_on=clock.today())
    if variation.ground == ChangeGround.CORRECTION:
        refuse_correction(correction_id=variation.wanted["correction"], why=told)
        return variation
    tell_citizen(
        variation.citizen,
        key=f"variation:{variation.pk}:lapsed",
        kind="variation_lapsed",
        subject="Uw vraag gaat niet door",
        body=f"{told}\nUw vraag gaat niet door. Uw regeling blijft zoals hij was.\nWij bellen u over wat wel kan.",
    )
    make_task(
        citizen_id=variation.citizen_id,
        key=f"variation:{variation.pk}:lapsed",
        kind=CaseTask.Kind.VARIATION,
        text=f"{ChangeGround(variation.ground).label} gaat niet door: {reason}. Bel en bespreek wat wel kan."[:300],
    )
    return variation
