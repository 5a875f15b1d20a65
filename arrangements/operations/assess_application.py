from typing import Any

from django.conf import settings
from django.db import transaction

from affordability import gate
from affordability.household import Household, Situation, UncertainReason
from affordability.norms import NormRecord, NormsMissing, official_records, records_with_examples
from arrangements.models import Application, Assessment, CaseTask
from arrangements.operations.tasks_for_director import make_task
from infra import audit, clock


class FactsMissing(Exception):
    """The application cannot be assessed yet; `fields` names the answers that are missing."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def norm_records() -> tuple[NormRecord, ...]:
    """The norms that count here: the official ones, and in the demo the made-up ones for later years."""
    return records_with_examples() if settings.ALLOW_EXAMPLE_NORMS else official_records()


def missing_facts(application: Application) -> list[str]:
    """The answers without which nothing can be computed. "Weet ik niet" is an answer."""
    missing = [
        name for name in ("situation", "net_income_cents", "declared_cents") if getattr(application, name) in (None, "")
    ]
    if application.situation in ("gehuwd", "gehuwd_met_kinderen"):
        if application.partner_takes_part is None:
            missing.append("partner_takes_part")
        elif application.partner_takes_part is False and application.partner_income_cents is None:
            missing.append("partner_income_cents")
    if application.taxable_income_cents is None and not application.taxable_income_unknown:
        missing.append("taxable_income_cents")
    return missing


def household_of(application: Application) -> Household:
    """The answers as the gate wants them. Raises FactsMissing."""
    missing = [name for name in missing_facts(application) if name != "declared_cents"]
    if missing:
        raise FactsMissing(missing)
    assert application.net_income_cents is not None  # noqa: S101  missing_facts said so; for the type checker
    return Household(
        situation=Situation(application.situation),
        net_income=application.net_income_cents,
        taxable_income=application.taxable_income_cents,
        partner_income=(application.partner_income_cents or 0) if application.partner_takes_part is False else 0,
        official_beslagvrije_voet=application.official_beslagvrije_voet_cents,
        uncertain=frozenset(UncertainReason(reason) for reason in application.uncertain),
    )


def inputs_of(application: Application) -> dict[str, Any]:
    """The facts an assessment of these answers rests on, as they are kept with it. Raises FactsMissing."""
    household = household_of(application)
    return {
        "situation": household.situation.value,
        "net_income": household.net_income,
        "taxable_income": household.taxable_income,
        "partner_income": household.partner_income,
        "official_beslagvrije_voet": household.official_beslagvrije_voet,
        "uncertain": sorted(str(reason) for reason in household.uncertain),
        "application": str(application.public_id),
    }


@transaction.atomic
def assess_application(*, application: Application) -> Assessment:
    """Put the declared amount through the gate and keep the outcome with its trace, for ever.

    Raises FactsMissing (say which page), NormsMissing (the desk has been given a task; nothing is lost).
    An amber outcome makes a task for the director, to be done within two working days.
    """
    missing = missing_facts(application)
    if missing:
        raise FactsMissing(missing)
    assert application.declared_cents is not None  # noqa: S101  as above
    household = household_of(application)
    today = clock.today()
    outcome = gate.assess(household, application.declared_cents, today, records=norm_records())
    stored = Assessment.objects.create(
        citizen_id=application.citizen_id,
        on_date=today,
        inputs=inputs_of(application),
        norms_key=outcome.norms_key,
        uses_example_norms=outcome.uses_example_norms,
        declared_cents=application.declared_cents,
        verdict=outcome.verdict.value,
        purpose=application.purpose,
        capacity_low_cents=outcome.capacity_low,
        capacity_high_cents=outcome.capacity_high,
        floor_low_cents=outcome.floor_low,
        floor_high_cents=outcome.floor_high,
        trace=outcome.trace_as_json,
    )
    audit.record(
        "assessed",
        object_type="assessment",
        object_id=stored.pk,
        to_state=stored.verdict,
        citizen_id=application.citizen_id,
    )
    if stored.verdict == Assessment.Verdict.AMBER:
        make_task(
            citizen_id=application.citizen_id,
            key=f"missing_fact:{application.pk}",
            kind=CaseTask.Kind.MISSING_FACT,
            text="Er ontbreekt een gegeven voor de toets: het belastbaar inkomen of een officiële beslagvrije voet.",
        )
    return stored


@transaction.atomic
def report_missing_norms(*, application: Application, error: NormsMissing) -> None:
    """The norms for today are not there: the desk calls the citizen; the answers stay."""
    make_task(
        citizen_id=application.citizen_id,
        key=f"norms_missing:{application.pk}",
        kind=CaseTask.Kind.NORMS_MISSING,
        text=f"De normen ontbreken: {error}"[:300],
    )
