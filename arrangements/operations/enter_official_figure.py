from django.db import transaction

from arrangements.models import Application, Assessment, CaseTask
from arrangements.operations.application import save_answers
from arrangements.operations.assess_application import FactsMissing, assess_application
from arrangements.operations.finish_task import finish_task


@transaction.atomic
def enter_official_figure(*, application: Application, cents: int, source: str) -> Assessment | None:
    """A helper saw a paper with the official beslagvrije voet (cents per month) and enters it with its source.

    The only way to a higher amount when the gate is not sure: a better fact, never a decision to go under the floor
    (domain.md 1.4). Assesses anew where enough is known, and then closes the task that asked for the fact; returns the
    new assessment, or None while other answers are missing. ValueError for a closed application or a negative figure.
    """
    if cents < 0:
        raise ValueError("an official figure is not negative")
    row = save_answers(
        application=application,
        answers={"official_beslagvrije_voet_cents": cents, "official_beslagvrije_voet_source": source[:100]},
    )
    try:
        assessment = assess_application(application=row)
    except FactsMissing:
        return None
    if assessment.verdict != Assessment.Verdict.AMBER:
        for task in CaseTask.objects.filter(citizen_id=row.citizen_id, kind=CaseTask.Kind.MISSING_FACT, done_on=None):
            finish_task(task=task)
    return assessment
