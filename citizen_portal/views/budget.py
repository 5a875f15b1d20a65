"""The budget: four parts, what is left, and the coach's mark. Optional; nobody has to make one for a proposal."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.policies import PageRequest, page
from affordability.budget import overlaps_to_ask
from affordability.reference_amounts import default_buffer
from arrangements.models import Application
from arrangements.operations.application import save_budget
from arrangements.operations.mark_budget import (
    AlreadyMarked,
    FiguresChanged,
    MarkRefused,
    answered_lines,
    figures_hash,
    mark_budget,
)
from arrangements.queries.budget import budget_file, references_for
from citizen_portal import budget_presenters
from citizen_portal.budget_presenters import Part
from citizen_portal.current import citizen_now, open_application, sent_proposal
from citizen_portal.forms.budget import BudgetGroupForm
from infra import clock


def _no_application(request: PageRequest) -> HttpResponse:
    return redirect(request.page("status" if sent_proposal() else "begin"))


@page("citizen", methods=("GET", "HEAD"))
def overview(request: PageRequest) -> HttpResponse:
    """The whole budget on one page."""
    application = open_application()
    if application is None:
        return _no_application(request)
    found = budget_file(application, citizen_now())
    context = budget_presenters.overview(application, found)
    return render(
        request,
        "citizen/budget.html",
        {
            **context,
            "may_mark": request.mandate is not None and context["started"] and not context["mark_holds"],
            "figures_hash": figures_hash(application),
        },
    )


def _part_page(part: Part) -> Callable[..., HttpResponse]:
    @page("citizen")
    def lines(request: PageRequest) -> HttpResponse:
        application, citizen, today = open_application(), citizen_now(), clock.today()
        if application is None:
            return _no_application(request)
        answered = answered_lines(application)
        form = BudgetGroupForm(
            part.group,
            request.POST if request.method == "POST" else None,
            stored=application.budget,
            notes=application.budget_notes,
            references=references_for(application, citizen, today),
            asks=overlaps_to_ask(application.budget, holiday=application.holiday_allowance),
            buffer=default_buffer(today) if "buffer" not in answered else None,
        )
        if request.method == "POST" and form.is_valid():
            first_time = part.group in budget_file(application, citizen).budget.unanswered
            application = save_budget(application=application, lines=form.lines(), notes=form.notes())
            unanswered = budget_file(application, citizen).budget.unanswered
            following = next((one for one in budget_presenters.PARTS if one.group in unanswered), None)
            return redirect(request.page(following.page if first_time and following else "budget"))
        return render(request, "citizen/budget_part.html", {"form": form, "part": part})

    return lines


income, fixed, reserve, household = (_part_page(part) for part in budget_presenters.PARTS)


@page("citizen", methods=("POST",))
def mark(request: PageRequest) -> HttpResponse:
    """The coach looked at these figures. The citizen's own budget cannot be marked by the citizen."""
    application = open_application()
    if application is None:
        return _no_application(request)
    if request.mandate is None:
        raise PermissionDenied
    mark_and_tell(request, application)
    return redirect(request.page("budget"))


def mark_and_tell(request: PageRequest, application: Application) -> None:
    """Give the mark, and say so, or why not. Scope: a coach acting for this client."""
    try:
        given = mark_budget(application=application, seen_hash=request.POST.get("gezien", ""))
    except MarkRefused as refusal:
        say_why(request, refusal)
    else:
        messages.success(request, f"Dit budget is nagekeken. Het nummer is {given.number}.")


def say_why(request: PageRequest, refusal: MarkRefused) -> None:
    """Tell the coach why there is no mark."""
    if isinstance(refusal, FiguresChanged):
        messages.warning(request, "De bedragen zijn net veranderd. Kijk ze nog een keer na.")
    elif isinstance(refusal, AlreadyMarked):
        messages.info(request, "Dit budget was al nagekeken.")
    else:
        messages.warning(request, "U kunt dit budget nu niet nakijken.")
