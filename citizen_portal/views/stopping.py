"""Stopping the own plan, in two steps: first what it means, with the way back; then the deed."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.policies import PageRequest, page
from arrangements.domain.deciders import Decider
from arrangements.domain.termination import MEANING, CannotTerminate, TerminationGround
from arrangements.models import Arrangement, Document
from arrangements.operations.ask_call import ask_call
from arrangements.operations.terminate_arrangement import terminate_arrangement
from citizen_portal.current import contact_now, plan_now, user_now


def signed_meaning(plan: Arrangement) -> list[str]:
    """What stopping means, in the words this citizen signed; those of today for an agreement of before they were in it."""
    signed = Document.objects.filter(arrangement=plan, kind=Document.Kind.AGREEMENT).first()
    sections = signed.content["sections"] if signed else []
    return next((list(one["points"]) for one in sections if one["key"] == "na-stoppen"), list(MEANING))


@page("citizen_self")
def consequences(request: PageRequest) -> HttpResponse:
    """Step one: what it means, and what can be done instead. Nothing happens here but a call that is asked for."""
    plan = plan_now()
    if plan is None:
        return redirect(request.page("overzicht"))
    if request.method == "POST":
        ask_call(arrangement=plan)
        messages.success(request, f"{contact_now().name} belt u. Uw plan gaat gewoon door.")
        return redirect(request.page("overzicht"))
    context = {"director": contact_now(), "meaning": signed_meaning(plan)}
    return render(request, "citizen/stopping.html", context)


@page("citizen_self")
def sure(request: PageRequest) -> HttpResponse:
    """Step two: sure?"""
    plan = plan_now()
    if plan is None:
        return redirect(request.page("overzicht"))
    if request.method == "POST":
        try:
            terminate_arrangement(
                arrangement=plan,
                decider=Decider.CITIZEN,
                user=user_now(request),
                ground=TerminationGround.OWN_WISH,
            )
        except CannotTerminate as refused:
            messages.warning(request, str(refused))
        return redirect(request.page("overzicht"))
    return render(request, "citizen/stopping_sure.html", {"director": contact_now()})
