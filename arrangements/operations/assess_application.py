from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction

from affordability import gate
from affordability.beslagvrije_voet import high_rent_from
from affordability.budget import line_per_month
from affordability.household import Household, Situation, UncertainReason
from affordability.norms import NormRecord, NormsMissing, as_json, half_year, record_for
from affordability.official_figure import figure_that_holds
from affordability.replay import INCOME_UNKNOWN, household_as_json
from arrangements.models import Application, Assessment, CaseTask, OfficialFigure
from arrangements.operations.finish_task import finish_task
from arrangements.operations.tasks_for_director import make_task
from arrangements.queries.household import committed_cents, partner_of
from arrangements.queries.norm_records import norm_records
from infra import audit, clock

#: What a helper reads about a fact that is missing.
FACTS = {
    INCOME_UNKNOWN: "het inkomen",
    UncertainReason.PARTNER_INCOME_UNKNOWN: "het inkomen van de partner",
    UncertainReason.HOLIDAY_ALLOWANCE_UNKNOWN: "het vakantiegeld",
    UncertainReason.CHILD_AGE_UNKNOWN: "of een kind al 18 jaar is",
    UncertainReason.CIRCUMSTANCES_UNKNOWN: "of er iets bijzonders geldt",
    UncertainReason.PARTNER_NOT_JOINED: "of de partner meedoet (met een code)",
    gate.TAXABLE_INCOME: "het belastbaar inkomen",
    gate.OFFICIAL_FIGURE: "een officiële beslagvrije voet",
}


class FactsMissing(Exception):
    """The application cannot be assessed yet; `fields` names the questions that have no answer at all."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


class IncomeUnknown(Exception):
    """The income itself is not known ("weet ik niet"): amber, and nothing can be computed. `fact` says whose."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact


def norms_on(day: date) -> NormRecord:
    """The record for `day`. Raises NormsMissing."""
    return record_for(day, norm_records())


def has_norms_today() -> bool:
    """Whether anything can be computed today."""
    try:
        norms_on(clock.today())
    except NormsMissing:
        return False
    return True


def high_rent_today() -> int | None:
    """Housing costs (cents per month) from which an official figure is needed; None without norms for today."""
    try:
        return high_rent_from(norms_on(clock.today()))
    except NormsMissing:
        return None


def missing_facts(application: Application) -> list[str]:
    """The questions without an answer. "Weet ik niet" is an answer."""
    missing = [] if application.situation else ["situation"]
    if application.net_income_cents is None and INCOME_UNKNOWN not in application.unknown:
        missing.append("net_income_cents")
    if application.declared_cents is None:
        missing.append("declared_cents")
    if application.situation and Situation(application.situation).is_couple:
        if application.partner_takes_part is None:
            missing.append("partner_takes_part")
        elif (
            application.partner_income_cents is None
            and UncertainReason.PARTNER_INCOME_UNKNOWN not in application.unknown
        ):
            missing.append("partner_income_cents")
    if application.taxable_income_cents is None and not application.taxable_income_unknown:
        missing.append("taxable_income_cents")
    return missing


def household_of(application: Application, record: NormRecord, on: date) -> Household:
    """The answers as the gate wants them on the day `on`, by the norms of `record`. Raises FactsMissing, IncomeUnknown.

    A paper that is too old on that day does not count any more.
    """
    missing = [name for name in missing_facts(application) if name != "declared_cents"]
    if missing:
        raise FactsMissing(missing)
    if application.net_income_cents is None:
        raise IncomeUnknown(INCOME_UNKNOWN)
    couple = Situation(application.situation).is_couple
    takes_part = couple and application.partner_takes_part is True
    if takes_part and application.partner_income_cents is None:
        raise IncomeUnknown(UncertainReason.PARTNER_INCOME_UNKNOWN)
    partner_income = application.partner_income_cents or 0 if couple else 0
    household = Household(
        situation=Situation(application.situation),
        # Who takes part together has one income: that of both (domain.md 1.1, C is of person and spouse together).
        net_income=application.net_income_cents + (partner_income if takes_part else 0),
        taxable_income=application.taxable_income_cents,
        partner_income=0 if takes_part else partner_income,
        official_beslagvrije_voet=figure_that_holds(
            application.official_beslagvrije_voet_cents, application.official_paper_date, on
        ),
        uncertain=frozenset(doubts_of(application, record)),
        vtlb=figure_that_holds(application.vtlb_cents, application.vtlb_paper_date, on),
        committed=committed_cents(application.citizen_id),
    )
    return _without_low_papers(household, application, record)


def _without_low_papers(household: Household, application: Application, record: NormRecord) -> Household:
    """Less a paper that nobody of us saw and that is below the least the law can give for these facts (domain.md 1.4).

    Whatever the order in which paper and facts came in: a figure somebody typed is no way under the floor.
    """
    papers = (
        (OfficialFigure.Kind.BESLAGVRIJE_VOET, household.official_beslagvrije_voet),
        (OfficialFigure.Kind.VTLB, household.vtlb),
    )
    if all(cents is None for _, cents in papers):
        return household
    bare = replace(household, official_beslagvrije_voet=None, vtlb=None)
    least = gate.assess_with(bare, 0, record).floor_low
    for kind, cents in papers:
        if cents is None or cents >= least:
            continue
        figure = OfficialFigure.objects.filter(application=application, kind=kind, amount_cents=cents).first()
        if figure is None or figure.seen_by_id is None:
            is_vtlb = kind == OfficialFigure.Kind.VTLB
            household = replace(household, vtlb=None) if is_vtlb else replace(household, official_beslagvrije_voet=None)
    return household


def doubts_of(application: Application, record: NormRecord) -> set[UncertainReason]:
    """Why the gate cannot be sure: what was ticked, what was "weet ik niet", and what follows from the rent."""
    doubts = {UncertainReason(reason) for reason in application.uncertain}
    doubts |= {UncertainReason(fact) for fact in application.unknown if fact != INCOME_UNKNOWN}
    if not (application.situation and Situation(application.situation).is_couple):
        doubts.discard(UncertainReason.PARTNER_INCOME_UNKNOWN)
    elif application.partner_takes_part and partner_of(application.citizen_id) is None:
        doubts.add(UncertainReason.PARTNER_NOT_JOINED)
    rent = _rent_of(application, record)
    if rent is not None and rent >= high_rent_from(record):
        doubts.add(UncertainReason.HIGH_RENT)
    return doubts


def _rent_of(application: Application, record: NormRecord) -> int | None:
    """The whole rent in cents per month: where the allowance was taken off before it was typed, it is put back."""
    line = application.budget.get("rent")
    rent = line_per_month(line)
    if rent is None or line is None or line.get("overlap") not in ("yes", "unknown"):
        return rent
    allowance = line_per_month(application.budget.get("huurtoeslag"))
    # How much was taken off is not known: it is not taken for nothing, but for the most it can be.
    return rent + (allowance if allowance is not None else record.rent_limit(Situation.ALLEENSTAAND))


def inputs_of(application: Application, record: NormRecord, on: date) -> dict[str, Any]:
    """The facts an assessment of these answers rests on, as they are kept with it. Raises FactsMissing."""
    try:
        household = household_of(application, record, on)
        facts = household_as_json(household)
    except IncomeUnknown:
        facts = {"unknown": sorted(application.unknown)}
    else:
        # For who does it over later: until when a paper counts, and whether the income is of two.
        if household.official_beslagvrije_voet is not None:
            facts["official_paper_date"] = str(application.official_paper_date)
        if household.vtlb is not None:
            facts["vtlb_paper_date"] = str(application.vtlb_paper_date)
        if household.situation.is_couple:
            facts["partner_takes_part"] = application.partner_takes_part
    return {**facts, "application": str(application.public_id)}


@transaction.atomic
def assess_application(*, application: Application) -> Assessment:
    """Put the declared amount through the gate and keep the outcome with norms, steps and inputs, for ever.

    Raises FactsMissing (say which page), NormsMissing (the desk has been given a task; nothing is lost). An amber outcome
    makes a task for the director, to be done within two working days; any other outcome closes that task.
    """
    missing = missing_facts(application)
    if missing:
        raise FactsMissing(missing)
    assert application.declared_cents is not None  # noqa: S101  missing_facts said so; for the type checker
    today = clock.today()
    record = norms_on(today)
    stored = Assessment(
        citizen_id=application.citizen_id,
        on_date=today,
        purpose=application.purpose,
        inputs=inputs_of(application, record, today),
        norms_key=record.key,
        norms=as_json(record),
        rules=gate.RULES,
        uses_example_norms=record.example,
        declared_cents=application.declared_cents,
    )
    try:
        outcome = gate.assess_with(household_of(application, record, today), application.declared_cents, record)
    except IncomeUnknown as error:
        stored.verdict = Assessment.Verdict.AMBER
        stored.missing = [str(error.fact)]
        stored.trace = gate.steps_as_json(gate.income_unknown(application.declared_cents))
    else:
        stored.verdict = Assessment.Verdict(outcome.verdict.value)
        stored.missing = list(outcome.missing)
        stored.capacity_low_cents = outcome.capacity_low
        stored.capacity_high_cents = outcome.capacity_high
        stored.floor_low_cents = outcome.floor_low
        stored.floor_high_cents = outcome.floor_high
        stored.trace = outcome.trace_as_json
    stored.save(force_insert=True)
    audit.record(
        "assessed",
        object_type="assessment",
        object_id=stored.pk,
        to_state=stored.verdict,
        citizen_id=application.citizen_id,
    )
    _follow_up(application, stored)
    return stored


def _follow_up(application: Application, assessment: Assessment) -> None:
    """One open task as long as a fact is missing, and none after. A change has a task of its own when it is passed on."""
    if application.purpose != Application.Purpose.FIRST:
        return
    open_tasks = CaseTask.objects.filter(
        citizen_id=application.citizen_id, kind=CaseTask.Kind.MISSING_FACT, done_on=None
    )
    if assessment.verdict != Assessment.Verdict.AMBER:
        for task in open_tasks:
            finish_task(task=task)
    elif not open_tasks.exists():
        what = ", ".join(FACTS.get(fact, fact) for fact in assessment.missing)
        make_task(
            citizen_id=application.citizen_id,
            key=f"missing_fact:{application.pk}:{assessment.pk}",
            kind=CaseTask.Kind.MISSING_FACT,
            text=f"Er ontbreekt een gegeven voor de toets: {what}."[:300],
        )


@transaction.atomic
def report_missing_norms(*, application: Application, error: NormsMissing) -> None:
    """The norms for today are not there: the desk calls the citizen; the answers stay."""
    make_task(
        citizen_id=application.citizen_id,
        key=f"norms_missing:{application.pk}:{half_year(clock.today())}",
        kind=CaseTask.Kind.NORMS_MISSING,
        text=f"De normen ontbreken: {error}"[:300],
    )
