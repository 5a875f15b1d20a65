"""A coach grants a crisis break: how long and why, what it does, the deed (features.md B14)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.models import Mandate
from accounts.policies import PageRequest, page
from arrangements.domain.break_reason import BreakReason
from arrangements.domain.policy_values import policy_on
from arrangements.domain.shift import ShiftRefused
from arrangements.models import Arrangement
from arrangements.operations.grant_break import AlreadyPaused, foresee_break, grant_break
from arrangements.operations.shift_plan import check_can_shift
from citizen_portal.current import plan_now
from citizen_portal.deciding import decider_of
from citizen_portal.forms.coach import BreakForm
from citizen_portal.views.coach import for_client, living_mandate
from infra import clock, scope


@page("coach")
def grant(request: PageRequest, client: UUID) -> HttpResponse:
    """The break of one client; only while the mandate holds."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    with scope.act_as(for_client(request, mandate)):
        plan = plan_now()
        if plan is None:
            messages.info(request, "Er loopt nu geen regeling.")
            return redirect("coach:client", mandate.public_id)
        return _grant(request, mandate, plan)


def _grant(request: PageRequest, mandate: Mandate, plan: Arrangement) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    chosen = _choice(asked.get("maanden", ""), asked.get("reden", ""))
    context: dict[str, object] = {"mandate": mandate, "citizen": mandate.citizen}
    form = BreakForm(request.POST if request.method == "POST" else None, most=policy_on(clock.today()).break_months)
    try:
        check_can_shift(plan)
        if request.method == "POST" and "zeker" in request.POST and chosen is not None:
            grant_break(arrangement=plan, months=chosen[0], reason=chosen[1], decider=decider_of(request))
            messages.success(request, "De pauze is gegeven. Uw cliënt en alle organisaties krijgen bericht.")
            return redirect("coach:client", mandate.public_id)
        if request.method == "POST" and form.is_valid():
            months, reason = form.cleaned_data["months"], form.cleaned_data["reason"]
            foresee_break(plan, months)
            return redirect(f"{request.path}?maanden={months}&reden={reason}")
        if request.method != "POST" and chosen is not None:
            pause = foresee_break(plan, chosen[0])
            context |= {"pause": pause, "months": chosen[0], "reason": chosen[1]}
            return render(request, "coach/break_preview.html", context)
        foresee_break(plan, 1)
    except AlreadyPaused as paused:
        # Also the second of two clicks.
        messages.info(request, str(paused))
        return redirect("coach:client", mandate.public_id)
    except ShiftRefused as refused:
        return render(request, "coach/break.html", context | {"refused": str(refused)})
    return render(request, "coach/break.html", context | {"form": form})


def _choice(months: str, reason: str) -> tuple[int, BreakReason] | None:
    try:
        return (int(months), BreakReason(reason)) if months in {"1", "2", "3", "4", "5", "6"} else None
    except ValueError:
        return None
