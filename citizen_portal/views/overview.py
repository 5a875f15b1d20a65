"""The first page of a citizen: what is next, the balances, how far we are (ux.md C1, C18, C29)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.contact import contact_of
from accounts.policies import PageRequest, page
from arrangements.models import Application, Assessment, Claim
from arrangements.operations.assess_application import has_norms_today
from arrangements.queries.overview import citizen_overview
from arrangements.queries.stornos import open_stornos
from citizen_portal import change_presenters, presenters, steps, variation_presenters
from citizen_portal.current import (
    citizen_now,
    draft_of,
    ended_proposal,
    latest_assessment,
    open_application,
    sent_proposal,
)


def _after_the_questions(*, ready: bool, waits: bool, nothing: bool, stuck: str) -> str:
    """The page that is next when every question has its answer. `stuck`: the page that says why it cannot go on now."""
    if ready:
        return "controle"
    if waits:
        return "nog-even"
    return "niets-missen" if nothing else stuck or "missen"


def _stuck(application: Application) -> str:
    """Where it is told why there is no proposal although an amount was chosen: no norms, or nothing to divide."""
    if application.declared_cents is None:
        return ""
    if not has_norms_today():
        return "geen-normen"
    return "geen-bedragen" if latest_assessment(application, Assessment.Verdict.GREEN) is not None else ""


@page("citizen", methods=("GET", "HEAD"))
def overview(request: PageRequest) -> HttpResponse:
    """Before there is an arrangement: the next task. After that: the balances, to the cent."""
    citizen = citizen_now()
    found = citizen_overview(citizen.pk)
    proposal = sent_proposal()
    application = open_application()
    # A new application after an arrangement has ended is a later matter; a newer proposal is shown first.
    context: dict[str, Any]
    if found is not None and (proposal is None or proposal.pk == found.arrangement.proposal_id):
        context = presenters.overview(found, citizen) | {
            "change": change_presenters.on_overview(found.arrangement),
            "variation": variation_presenters.on_overview(found.arrangement),
            "stornos": open_stornos(),
        }
        return render(request, "citizen/overview.html", context)
    if application is not None:
        name = steps.first_open_page(application, citizen, acting=request.mandate is not None)
        step = steps.BY_NAME.get(name)
        ready = step is None and draft_of(application) is not None
        waits = step is None and not ready and latest_assessment(application, Assessment.Verdict.AMBER) is not None
        nothing = step is None and not ready and application.declared_cents == 0
        stuck = _stuck(application) if step is None and not (ready or waits or nothing) else ""
        after = _after_the_questions(ready=ready, waits=waits, nothing=nothing, stuck=stuck)
        context = {
            "step": step,
            "questions": steps.QUESTIONS,
            "waits": waits,
            "nothing": nothing,
            "next_url": request.page(name if step else after),
            "ready": ready,
            "stuck": stuck,
        }
    elif proposal is not None:
        context = {"proposal": proposal, "status": presenters.status(proposal, citizen)}
    else:
        context = {"nothing_yet": True, "stopped": ended_proposal() is not None}
    claims = Claim.objects.filter(citizen=citizen).select_related("creditor").order_by("creditor__name")
    return render(
        request,
        "citizen/next_task.html",
        context
        | {
            "citizen": citizen,
            "director": contact_of(citizen.director),
            "claims": presenters.claims_list(list(claims)),
        },
    )
