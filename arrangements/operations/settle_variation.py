"""What follows from the answers to a variation. Worker only."""

from datetime import date

from django.db import transaction

from arrangements.documents.content import long_date
from arrangements.domain import variation as core
from arrangements.domain.deciders import ChangeGround
from arrangements.domain.lifecycle import ConsentState, RefusalCode, Thing, VariationState
from arrangements.domain.plan_change import PlanImpossible
from arrangements.domain.policy_values import policy_on
from arrangements.models import Assessment, CaseTask, Consent, Variation
from arrangements.operations.apply_variation import apply_variation
from arrangements.operations.ask_variation import ask_again, ask_variation, lapse, lock_variation
from arrangements.operations.compute_variation import compute_variation
from arrangements.operations.moves import move
from arrangements.operations.settle_correction import refuse_correction
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen, tell_creditor
from infra import clock, jobs
from kernel.working_days import working_days_between


@jobs.job("settle_variation")
def settle_variation_job(work: jobs.Work) -> None:
    """See `settle_variation`."""
    settle_variation(variation_id=work.arguments["variation"])


@transaction.atomic
def settle_variation(*, variation_id: int) -> Variation:
    """Draw the conclusion from the answers given so far. Safe to repeat. Returns the variation that counts now.

    One no and it does not go on. When the plan moved on since it was asked, or what would happen now is less than somebody
    said yes to, it is asked afresh. All yes: it takes effect, everybody is told.
    """
    variation, plan = lock_variation(variation_id)
    if variation.state != VariationState.PROPOSED or not variation.content_hash:
        return variation
    if plan is None:
        return lapse(variation, reason="de regeling loopt niet meer", told="Uw regeling loopt niet meer.")
    consents = list(
        Consent.objects.select_for_update(of=("self",)).filter(variation=variation).select_related("creditor")
    )
    refused = next((one for one in consents if one.state == ConsentState.REFUSED), None)
    if refused is not None:
        return _refused(variation, refused, consents)
    if plan.arrangement.version != variation.plan_number:
        return ask_again(variation)
    if any(one.state != ConsentState.ACCEPTED for one in consents):
        return variation
    if variation.ground == ChangeGround.JOINS_LATER and "assessment" not in variation.wanted:
        return variation  # the citizen's own yes is what counts
    try:
        then, asks = compute_variation(
            plan, ground=ChangeGround(variation.ground), wanted=variation.wanted, today=clock.today()
        )
    except PlanImpossible as error:
        return lapse(variation, reason="kan niet meer", told=str(error))
    agreed = [core.Ask(one.creditor_id, one.share_before_cents, one.share_after_cents) for one in consents]
    if not core.still_holds(agreed, asks) or then.monthly > max(
        monthly_agreed(variation), plan.arrangement.monthly_cents
    ):
        return ask_again(variation)
    apply_variation(plan, variation, then)
    return variation


def monthly_agreed(variation: Variation) -> int:
    """To how much per month the citizen said yes, by the assessment made for it, in cents; 0 where nothing rises."""
    if variation.ground != ChangeGround.JOINS_LATER:
        return 0
    return Assessment.objects.get(pk=variation.wanted["assessment"], citizen_id=variation.citizen_id).declared_cents


def _refused(variation: Variation, refused: Consent, consents: list[Consent]) -> Variation:
    move(
        Thing.VARIATION,
        variation,
        VariationState.REFUSED,
        reason=refused.refusal_code,
        creditor_id=refused.creditor_id,
        decided_on=clock.today(),
    )
    if variation.ground == ChangeGround.CORRECTION:
        refuse_correction(
            correction_id=variation.wanted["correction"], why="Een andere organisatie zei nee tegen een lager deel."
        )
        tell_stopped([one for one in consents if one.pk != refused.pk])
        return variation
    tell_citizen(
        variation.citizen,
        key=f"variation:{variation.pk}:refused",
        kind="variation_refused",
        subject="Een organisatie zegt nee",
        body=(
            "Eén organisatie zegt nee tegen uw vraag.\n"
            f"{RefusalCode(refused.refusal_code).citizen_text}\n"
            "Uw regeling blijft zoals hij was.\n"
            "Wij bellen u over wat wel kan."
        ),
    )
    make_task(
        citizen_id=variation.citizen_id,
        key=f"variation:{variation.pk}:refused",
        kind=CaseTask.Kind.VARIATION,
        text=(
            f"{refused.creditor.name} zegt nee: {ChangeGround(variation.ground).label.lower()}. {NOW_POSSIBLE[variation.ground]}"
        )[:300],
    )
    tell_stopped([one for one in consents if one.pk != refused.pk])
    return variation


NOW_POSSIBLE = {
    ChangeGround.LOWERING.value: "Is de daling te bewijzen? Dan kan het bedrag direct omlaag. Of vraag een pauze.",
    ChangeGround.LONG_PAUSE.value: "Een korte pauze of één termijn later kan zonder hen. Of leg een lager bedrag voor.",
    ChangeGround.LATE_CREDITOR.value: "Bel de organisatie. De nieuwe schuld valt nu buiten het plan: bespreek de gemeente.",
    ChangeGround.JOINS_LATER.value: "Bel de organisatie.",
    ChangeGround.PROVEN_FALL.value: "",
}
"""What a director can do after a no."""


def tell_stopped(consents: list[Consent]) -> None:
    """Who was asked hears that it is off: an answer has no use any more."""
    for one in consents:
        tell_creditor(
            one.creditor,
            key=f"consent:{one.pk}:stopped",
            kind="consent_stopped",
            subject="Een wijziging gaat niet door",
            body="Een wijziging waarvoor wij uw antwoord vroegen gaat niet door. De regeling blijft zoals hij was.",
        )


@transaction.atomic
def watch_variations(*, today: date) -> int:
    """Silence is never a yes: a reminder, a task, and from working day fifteen the variation lapses. Worker only, daily.

    It is also asked afresh here when the plan changed meanwhile.
    """
    policy, count = policy_on(today), 0
    for pk in Variation.objects.filter(state=VariationState.PROPOSED).order_by("pk").values_list("pk", flat=True):
        ask_variation(variation_id=pk)  # a promise that was not kept yet
        variation = settle_variation(variation_id=pk)
        if variation.state != VariationState.PROPOSED:
            count += 1
            continue
        days = working_days_between(variation.proposed_on, today)
        waiting = Consent.objects.select_for_update(of=("self",)).filter(variation=variation, state=ConsentState.OPEN)
        for one in waiting.select_related("creditor"):
            if days >= policy.remind_after_working_days and one.reminded_on is None:
                _remind(one, today)
                count += 1
            if days >= policy.task_after_working_days:
                make_task(
                    citizen_id=one.citizen_id,
                    key=f"consent_waits:{one.pk}",
                    kind=CaseTask.Kind.VARIATION,
                    text=f"{one.creditor.name} heeft nog niet geantwoord op een wijziging. Bel de organisatie."[:300],
                )
            if days >= policy.unanswered_after_working_days:
                move(
                    Thing.CONSENT,
                    one,
                    ConsentState.UNANSWERED,
                    reason="geen antwoord binnen de tijd",
                    creditor_id=one.creditor_id,
                )
        if days >= policy.unanswered_after_working_days:
            lapse(
                variation,
                reason="niet iedereen antwoordde op tijd",
                told="Niet iedereen heeft op tijd geantwoord.",
            )
            tell_stopped(list(Consent.objects.filter(variation=variation).select_related("creditor")))
            count += 1
    return count


def _remind(consent: Consent, today: date) -> None:
    consent.reminded_on = today
    consent.save(update_fields=["reminded_on"])
    last = f" Dat kan tot en met {long_date(consent.answer_by)}." if consent.answer_by >= today else ""
    tell_creditor(
        consent.creditor,
        key=f"consent_reminder:{consent.pk}",
        kind="consent_reminder",
        subject="Een wijziging wacht op uw antwoord",
        body=f"Een wijziging van een regeling wacht op uw antwoord.{last}\nLog in en open Wijzigingen.",
    )
