"""The coach or the desk lowers the amount after a proven fall: a preview per organisation, and which papers were seen."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.models import User
from accounts.policies import PageRequest, page
from arrangements.domain.deciders import ChangeGround, Decider
from arrangements.domain.plan_change import PlanImpossible
from arrangements.models import Application
from arrangements.operations.change_plan import CHANGEABLE, PlanNotRunning
from arrangements.operations.lower_amount import NotProven, Paper, lower_amount, officially_seen, sure_amount
from arrangements.queries.changes import last_reported, plan_under_way
from citizen_portal import variation_presenters
from citizen_portal.forms.coach import LowerAmountForm
from citizen_portal.views.coach import for_client, living_mandate
from infra import scope


@page("coach")
def lower(request: PageRequest, client: UUID) -> HttpResponse:
    """What is surely possible, the new amount, the effect, and one button."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    with scope.act_as(for_client(request, mandate)):
        plan = plan_under_way(mandate.citizen_id)
        change = last_reported(plan) if plan is not None and plan.state in CHANGEABLE else None
        if plan is None or change is None:
            messages.info(request, "Geef eerst door wat er is veranderd. Dan kan het bedrag omlaag.")
            return redirect("coach:client", mandate.public_id)
        try:
            sure = sure_amount(change)
        except NotProven as reason:
            messages.info(request, str(reason))
            return redirect("coach:client", mandate.public_id)
        form = LowerAmountForm(request.POST if request.method == "POST" else None, initial={"monthly_cents": sure})
        if request.method == "POST" and form.is_valid() and "verlaag" in request.POST:
            decider = Decider.DESK if mandate.coach.kind == "desk" else Decider.COACH
            if _lowered(request, form, change, decider):
                return redirect("coach:client", mandate.public_id)
        monthly = form.cleaned_data.get("monthly_cents") or sure if form.is_bound and form.is_valid() else sure
        try:
            found = variation_presenters.preview(
                plan, ground=ChangeGround.PROVEN_FALL, wanted={"monthly_cents": min(monthly, sure)}
            )
        except PlanImpossible as reason:
            messages.info(request, str(reason))
            return redirect("coach:client", mandate.public_id)
        context = {
            "mandate": mandate,
            "form": form,
            "plan": plan,
            "sure": sure,
            "preview": found,
            "officially_seen": officially_seen(change),
        }
        return render(request, "coach/lower_amount.html", context)


def _lowered(request: PageRequest, form: LowerAmountForm, change: Application, decider: Decider) -> bool:
    assert request.actor.user_id is not None  # noqa: S101  the policy said so; for the type checker
    try:
        lower_amount(
            change=change,
            monthly_cents=form.cleaned_data["monthly_cents"],
            papers=[Paper(one) for one in form.cleaned_data["papers"]],
            decided_by=decider,
            user=User.objects.get(pk=request.actor.user_id),
        )
    except NotProven as reason:
        form.add_error("papers" if "bewijs" in str(reason) else "monthly_cents", str(reason))
        return False
    except (PlanImpossible, PlanNotRunning) as reason:
        form.add_error(None, str(reason) or "De regeling loopt niet meer.")
        return False
    messages.success(
        request, "Het bedrag gaat omlaag. Uw cliënt en alle organisaties krijgen bericht. Dit is geen wanbetaling."
    )
    return True
