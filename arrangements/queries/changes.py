"""The changes and yearly reviews of a running arrangement. Scope: the citizen's, or the coach's who works for them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from affordability.gate import Verdict
from affordability.household import Situation
from arrangements.domain.change import Comparison, Figures, Prognosis, RunningLine, ToCome, compare, foresee
from arrangements.domain.lifecycle import UNDER_WAY, InstallmentState
from arrangements.models import (
    Application,
    Arrangement,
    ArrangementLine,
    Assessment,
    CaseTask,
    Installment,
    OfficialFigure,
    YearlyReview,
)
from arrangements.operations.application import CARRIED_OVER
from infra import clock

# The answers the gate asks for: when one of these is another, an official figure was made for other facts.
FACTS = (
    "situation",
    "members",
    "net_income_cents",
    "taxable_income_cents",
    "taxable_income_unknown",
    "partner_takes_part",
    "partner_income_cents",
    "uncertain",
    "unknown",
)
_PAYSLIP_FOLLOWS = ("net_income_cents", "situation", "partner_takes_part")


def plan_under_way(citizen_id: int) -> Arrangement | None:
    """The arrangement that is signed and not over; None without one. There is never a second one."""
    return Arrangement.objects.filter(citizen_id=citizen_id, state__in=UNDER_WAY).first()


def open_change(arrangement: Arrangement) -> Application | None:
    """The change or review that is being filled in."""
    return Application.objects.filter(arrangement=arrangement, closed_at=None).first()


def last_reported(arrangement: Arrangement) -> Application | None:
    """The change or review that was passed on last."""
    return _reported(arrangement).first()


def _reported(arrangement: Arrangement) -> QuerySet[Application]:
    return Application.objects.filter(arrangement=arrangement, reported_on__isnull=False).order_by("-pk")


def latest_figures(arrangement: Arrangement) -> Application:
    """The newest answers we have of this household: those passed on last, or those of the aanvraag it was signed for."""
    return last_reported(arrangement) or arrangement.proposal.application


def figures_before(change: Application) -> Application:
    """The answers that counted before this change."""
    arrangement = _arrangement_of(change)
    return _reported(arrangement).filter(pk__lt=change.pk).first() or arrangement.proposal.application


def assessment_of(application: Application) -> Assessment | None:
    """The last assessment of these answers."""
    return Assessment.objects.filter(inputs__application=str(application.public_id)).order_by("-pk").first()


def _standing_before(change: Application) -> tuple[Application, Assessment]:
    """The last answers before this change about which the gate said something, with what it said."""
    arrangement = _arrangement_of(change)
    for earlier in _reported(arrangement).filter(pk__lt=change.pk):
        found = assessment_of(earlier)
        if found is not None:
            return earlier, found
    return arrangement.proposal.application, arrangement.proposal.assessment


def comparison_of(change: Application, found: Assessment | None) -> Comparison:
    """Old and new side by side. `found`: what the gate says of the new figures; None when it could not say anything."""
    earlier, said = _standing_before(change)
    monthly = _arrangement_of(change).monthly_cents
    return compare(
        _figures(earlier, said, monthly),
        _figures(change, found, monthly),
        monthly,
        out_of_date=official_is_out_of_date(change) or _payslip_lacks_the_partner(change),
    )


def _figures(application: Application, assessment: Assessment | None, monthly: int) -> Figures:
    if assessment is None:
        return Figures(income=application.net_income_cents)
    return Figures(
        income=application.net_income_cents,
        verdict=_verdict(assessment, monthly),
        floor_low=assessment.floor_low_cents,
        floor_high=assessment.floor_high_cents,
        capacity_low=assessment.capacity_low_cents,
        capacity_high=assessment.capacity_high_cents,
        sure=assessment.sure_cents,
    )


def _verdict(assessment: Assessment, monthly: int) -> Verdict:
    """What the gate said, for `monthly` cents: the amount may have changed since it was asked about another one."""
    low, high = assessment.capacity_low_cents, assessment.capacity_high_cents
    if assessment.declared_cents == monthly or low is None or high is None:
        return Verdict(assessment.verdict)
    if monthly > high:
        return Verdict.RED
    return Verdict.GREEN if monthly <= assessment.sure_cents else Verdict.AMBER


# How an answer was typed; what follows from it stands in other columns.
_AS_TYPED = frozenset({"income_typed", "taxable_typed", "partner_typed", "holiday_allowance"})


def is_changed(change: Application) -> bool:
    """Whether any figure is another than before. Only typed otherwise, with the same outcome, is no change."""
    before = figures_before(change)
    return any(getattr(before, name) != getattr(change, name) for name in CARRIED_OVER - _AS_TYPED)


def changed_facts(change: Application) -> frozenset[str]:
    """Which of `FACTS` are others than before."""
    before = figures_before(change)
    return frozenset(name for name in FACTS if getattr(before, name) != getattr(change, name))


def official_is_out_of_date(change: Application) -> bool:
    """Whether an official figure was taken over from before although the facts it was made for have changed since."""
    official = (change.official_beslagvrije_voet_cents, change.vtlb_cents)
    if official == (None, None) or OfficialFigure.objects.filter(application=change).exists():
        return False
    before = figures_before(change)
    sources = (change.official_beslagvrije_voet_source, change.vtlb_source)
    same_figures = official == (before.official_beslagvrije_voet_cents, before.vtlb_cents)
    same_papers = sources == (before.official_beslagvrije_voet_source, before.vtlb_source)
    return same_figures and same_papers and bool(changed_facts(change))


def payslip_is_out_of_date(change: Application) -> bool:
    """Whether the income changed and the yearly taxable amount is still the old one: a reason to ask for it.

    No reason to doubt a verdict after a fall: too high a taxable amount only raises the floor (475da). And a higher income
    never raises what is paid.
    """
    changed = changed_facts(change)
    return (
        change.taxable_income_cents is not None
        and "taxable_income_cents" not in changed
        and any(name in changed for name in _PAYSLIP_FOLLOWS)
    )


def _payslip_lacks_the_partner(change: Application) -> bool:
    """The taxable amount is of two people together (475da(3)); taken over from before there were two it is too low."""
    return (
        _became_couple(figures_before(change), change)
        and change.taxable_income_cents is not None
        and "taxable_income_cents" not in changed_facts(change)
    )


def _became_couple(before: Application, after: Application) -> bool:
    """Whether somebody who lived without a partner lives with one now."""

    def couple(one: Application) -> bool:
        return bool(one.situation) and Situation(one.situation).is_couple

    return couple(after) and not couple(before)


def prognosis_for(arrangement: Arrangement, monthly_cents: int) -> Prognosis:
    """The plan if it fell to `monthly_cents` per month from now on; lines keyed by the claim's number.

    Counted from where the present version of the plan began, as money is divided.
    """
    lines = ArrangementLine.objects.filter(arrangement=arrangement).order_by("position")
    coming = Installment.objects.filter(arrangement=arrangement, due_date__gte=clock.today()).exclude(
        state__in=(InstallmentState.PAID, InstallmentState.MOVED)
    )
    return foresee(
        monthly_cents,
        [
            RunningLine(
                key=str(line.claim_id),
                share=line.share_cents - line.base_settled_cents,
                paid=line.settled_cents - line.base_settled_cents,
                waived=line.waived_cents,
                remains=line.remains_cents,
                dischargeable=line.dischargeable,
            )
            for line in lines
        ],
        [ToCome(one.amount_cents, one.paid_cents) for one in coming.order_by("due_date", "number")],
    )


@dataclass(frozen=True, slots=True)
class ReportedChange:
    """A change or review that was passed on. `due_on`: the last day on which the director calls; None when nobody has to."""

    application: Application
    assessment: Assessment | None
    comparison: Comparison
    due_on: date | None


def task_key(change: Application) -> str:
    """The key of the task a reported change may have made."""
    return f"changed:{change.pk}"


def reported_change(change: Application) -> ReportedChange:
    """What was passed on, what was found, and who does what next."""
    found = assessment_of(change)
    task = CaseTask.objects.filter(key=task_key(change)).first()
    return ReportedChange(change, found, comparison_of(change, found), task.due_on if task else None)


def call_to_come(change: Application) -> date | None:
    """The last day on which the director calls about this change; None when nobody has to, or it was done."""
    return CaseTask.objects.filter(key=task_key(change), done_on=None).values_list("due_on", flat=True).first()


def review_to_do(arrangement: Arrangement) -> YearlyReview | None:
    """The yearly review the citizen was asked for and has not done; the newest."""
    return YearlyReview.objects.filter(arrangement=arrangement, done_on=None).order_by("-due_on").first()


def _arrangement_of(change: Application) -> Arrangement:
    arrangement = change.arrangement
    assert arrangement is not None  # noqa: S101  a check constraint says so; for the type checker
    return arrangement
