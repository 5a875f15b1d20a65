"""A lower amount after a proven fall of the capacity: at once, as agreed at the signature; nobody is asked, no default."""

from collections.abc import Collection
from enum import StrEnum

from django.db import transaction

from accounts.models import User
from affordability.gate import assess_with
from affordability.norms import NormsMissing
from affordability.replay import household_from_json
from arrangements.domain.deciders import ChangeGround, Decider
from arrangements.domain.plan_change import PlanImpossible
from arrangements.models import Application, CaseTask, OfficialFigure, Variation
from arrangements.operations.assess_application import norms_on
from arrangements.operations.finish_task import finish_task
from arrangements.operations.lock_household import lock_household
from arrangements.operations.propose_variation import propose_variation
from arrangements.operations.withdraw_variation import give_way
from arrangements.queries.changes import assessment_of, comparison_of, last_reported, task_key
from arrangements.queries.household import fits_beside_partner
from arrangements.queries.variations import open_variation
from infra import clock
from kernel.cents import spoken_euro


class Paper(StrEnum):
    """What a person saw that proves the fall."""

    PAYSLIP = "payslip"
    BENEFIT = "benefit"
    OFFICIAL_FIGURE = "official_figure"
    BANK = "bank"
    HOUSEHOLD = "household"
    OTHER = "other"

    @property
    def label(self) -> str:
        """In Dutch, for staff."""
        return {
            Paper.PAYSLIP: "Loonstrook",
            Paper.BENEFIT: "Besluit over de uitkering",
            Paper.OFFICIAL_FIGURE: "Officiële beslagvrije voet of vtlb",
            Paper.BANK: "Bankafschrift",
            Paper.HOUSEHOLD: "Bewijs van wie er woont",
            Paper.OTHER: "Iets anders",
        }[self]


class NotProven(Exception):
    """The figures do not give a sure lower amount, or nobody saw a paper. `str()` of it is a Dutch sentence."""


def sure_amount(change: Application) -> int:
    """The most that is surely possible by this change that was passed on, in cents per month. NotProven when nothing is.

    0 is no lowering: then there is no plan left to lower, and a person has to talk about it.
    """
    found = assessment_of(change)
    newest = change.arrangement is not None and last_reported(change.arrangement) == change
    lower = comparison_of(change, found).lower_amount if newest else None
    if found is None or lower is None:
        raise NotProven("Uit de doorgegeven gegevens volgt geen lager bedrag.")
    if lower == 0:
        raise NotProven("Er is nu niets te missen. Bespreek een pauze, of stoppen en de hulp van de gemeente.")
    return lower


def officially_seen(change: Application) -> bool:
    """Whether an official figure was entered for this change that a person of us saw: that is a proof by itself."""
    return OfficialFigure.objects.filter(application=change, seen_by__isnull=False).exists()


@transaction.atomic
def lower_amount(
    *, change: Application, monthly_cents: int, papers: Collection[Paper], decided_by: Decider, user: User
) -> Variation:
    """From now on `monthly_cents` per month: not above what is surely possible by the figures passed on in `change`.

    A coach or the desk decides, never the citizen alone, and says which papers were seen: kinds, kept with the variation and
    in the audit. Instalments whose day has not come fall; what was missed before stays owed as it was: late is paid, and a
    longer talk about it is a pause or a lowering with consent. An open variation gives way to it. The worker computes,
    applies and tells. Raises NotYours, NotProven, PlanNotRunning, PlanImpossible.
    """
    lock_household(change.citizen_id)
    if change.arrangement is None:
        raise ValueError("this application is no change")
    seen = sorted(Paper(one).value for one in papers)
    if officially_seen(change) and Paper.OFFICIAL_FIGURE.value not in seen:
        seen.append(Paper.OFFICIAL_FIGURE.value)
    if not seen:
        raise NotProven("Kies welk bewijs u heeft gezien.")
    _check_amount(change, monthly_cents)
    waiting = open_variation(change.arrangement)
    if waiting is not None:
        if waiting.ground == ChangeGround.PROVEN_FALL:
            raise PlanImpossible("Het bedrag wordt al verlaagd.")
        give_way(variation=waiting, reason="er is een bewezen daling")
    assessment = assessment_of(change)
    for task in CaseTask.objects.filter(key=task_key(change), done_on=None):
        finish_task(task=task)
    return propose_variation(
        arrangement=change.arrangement,
        ground=ChangeGround.PROVEN_FALL,
        wanted={
            "monthly_cents": monthly_cents,
            "assessment": assessment.pk if assessment else None,
            "change": change.pk,
            "papers": seen,
        },
        decided_by=decided_by,
        user=user,
    )


def _check_amount(change: Application, monthly_cents: int) -> None:
    """The gate has the last word: by the norms of today, beside what the partner promised. Raises NotProven."""
    sure = sure_amount(change)
    if not 0 < monthly_cents <= sure:
        raise NotProven(f"Kies een bedrag van 1 euro tot en met {spoken_euro(sure)}.")
    assessment = assessment_of(change)
    assert assessment is not None  # noqa: S101  sure_amount said so; for the type checker
    if not fits_beside_partner(citizen_id=change.citizen_id, monthly_cents=monthly_cents, assessment=assessment):
        raise NotProven("Samen met het bedrag van de partner is dit te veel.")
    try:
        record = norms_on(clock.today())
    except NormsMissing as error:
        raise NotProven("De normen van vandaag ontbreken. Er kan nu niet worden gerekend.") from error
    if record.key != assessment.norms_key:
        judged = assess_with(household_from_json(assessment.inputs), monthly_cents, record)
        if judged.sure_capacity < monthly_cents:
            raise NotProven("Met de normen van vandaag is dit te veel. Geef de gegevens opnieuw door.")
