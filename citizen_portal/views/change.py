"""Living with change: telling that something changed, and the yearly look at all figures (ux.md C22, features.md P11)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.contact import contact_of
from accounts.policies import PageRequest, page
from arrangements.documents.content import weekday_date
from arrangements.models import Application, Arrangement
from arrangements.operations.ask_call import ask_call
from arrangements.operations.report_change import report_change, try_change
from arrangements.operations.start_change import start_change
from arrangements.queries.changes import (
    comparison_of,
    is_changed,
    last_reported,
    latest_figures,
    open_change,
    reported_change,
)
from citizen_portal import change_presenters, presenters
from citizen_portal.change_flow import (
    AS_WELL,
    CHANGED_PAGE,
    COMPARISON_PAGE,
    OTHER_PAGE,
    QUESTIONS_ABOUT,
    REVIEW_PAGE,
    What,
    page_of_missing,
)
from citizen_portal.current import citizen_now, contact_now, plan_now
from citizen_portal.forms.change import ChangedForm

GET = ("GET", "HEAD")
Purpose = Application.Purpose


def _no_plan(request: PageRequest) -> HttpResponse:
    return redirect(request.page("overzicht"))


def _ask(request: PageRequest, *pages: str) -> HttpResponse:
    """To the first of these questions, keeping the second in the address; from the last one on to old and new."""
    first, *more = pages
    return redirect(f"{request.page(first)}?terug=controle" + (f"&{AS_WELL}={more[0]}" if more else ""))


def _call(request: PageRequest, plan: Arrangement) -> HttpResponse:
    citizen = citizen_now()
    until = ask_call(arrangement=plan)
    if not citizen.phone:
        messages.info(request, f"Vul uw telefoonnummer in. Dan kan {contact_of(citizen.director).name} u bellen.")
        return redirect(request.page("gegevens"))
    messages.success(request, f"{contact_of(citizen.director).name} belt u uiterlijk {weekday_date(until)}.")
    return redirect(request.page(CHANGED_PAGE))


@page("citizen")
def changed(request: PageRequest) -> HttpResponse:
    """C22: what changed; or be called. One choice leads straight to the question about it."""
    plan = plan_now()
    if plan is None:
        return _no_plan(request)
    if request.method == "POST" and "bel" in request.POST:
        return _call(request, plan)
    citizen = citizen_now()
    form = ChangedForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        start_change(citizen=citizen, purpose=Purpose.CHANGE)
        questions = QUESTIONS_ABOUT[What(form.cleaned_data["what"])]
        return _ask(request, *questions) if questions else redirect(request.page(OTHER_PAGE))
    begun = open_change(plan)
    context = {
        "form": form,
        "citizen": citizen,
        "director": contact_of(citizen.director),
        "begun": begun is not None and is_changed(begun),
    }
    return render(request, "citizen/changed.html", context)


def _all_figures(request: PageRequest, purpose: Purpose) -> HttpResponse:
    plan = plan_now()
    if plan is None:
        return _no_plan(request)
    change = open_change(plan)
    rows = presenters.figures(change or latest_figures(plan))
    if request.method == "POST" and request.POST.get("wijzig") in {row.page for row in rows}:
        start_change(citizen=citizen_now(), purpose=purpose)
        return _ask(request, request.POST["wijzig"])
    different = {row.label for row in change_presenters.changed_rows(change)} if change else set()
    if request.method == "POST" and "klopt" in request.POST and purpose == Purpose.REVIEW:
        change = start_change(citizen=citizen_now(), purpose=purpose)
        if is_changed(change):
            return redirect(request.page(COMPARISON_PAGE))
        report_change(change=change)
        return redirect(request.page("doorgegeven"))
    context = {
        "rows": [(row, row.label in different) for row in rows],
        "different": change is not None and is_changed(change),
        "review": purpose == Purpose.REVIEW,
        "monthly": plan.monthly_cents,
        "director": contact_now(),
    }
    return render(request, "citizen/figures.html", context)


@page("citizen")
def review(request: PageRequest) -> HttpResponse:
    """Once a year: everything on one page; only what changed is asked."""
    return _all_figures(request, Purpose.REVIEW)


@page("citizen")
def other(request: PageRequest) -> HttpResponse:
    """ "Iets anders": all figures, to choose the one that changed."""
    return _all_figures(request, Purpose.CHANGE)


@page("citizen")
def comparison(request: PageRequest) -> HttpResponse:
    """Old and new side by side, what it does to the plan, and one button."""
    plan = plan_now()
    if plan is None:
        return _no_plan(request)
    change = open_change(plan)
    if change is None:
        # Also the second of two clicks: what was passed on is told again.
        return redirect(request.page("doorgegeven"))
    back = REVIEW_PAGE if change.purpose == Purpose.REVIEW else CHANGED_PAGE
    if not is_changed(change):
        if change.purpose == Purpose.CHANGE:
            messages.info(request, "U heeft nog niets veranderd.")
        return redirect(request.page(back))
    if request.method == "POST":
        report_change(change=change)
        return redirect(request.page("doorgegeven"))
    finding = try_change(change=change)
    found = comparison_of(change, finding.assessment)
    context = change_presenters.comparison(change, found) | {
        "finding": finding,
        "missing_page": page_of_missing(finding),
        "back_url": request.page(back),
        "director": contact_now(),
        "example_norms": finding.assessment is not None and finding.assessment.uses_example_norms,
    }
    return render(request, "citizen/comparison.html", context)


@page("citizen", methods=GET)
def reported(request: PageRequest) -> HttpResponse:
    """What was passed on last, what was found, and who does what by when."""
    plan = plan_now()
    if plan is None:
        return _no_plan(request)
    last = last_reported(plan)
    if last is None:
        return redirect(request.page(CHANGED_PAGE))
    told = reported_change(last)
    citizen = citizen_now()
    context = change_presenters.comparison(last, told.comparison) | {
        "told": told,
        "citizen": citizen,
        "director": contact_of(citizen.director),
        "example_norms": told.assessment is not None and told.assessment.uses_example_norms,
    }
    return render(request, "citizen/change_reported.html", context)
