"""Another way of paying when life changes: the plan goes on, with one free month (features.md P16)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.policies import PageRequest, page
from arrangements.domain.deciders import ChangeGround
from arrangements.domain.shift import ShiftRefused
from arrangements.models import Arrangement, Installment
from arrangements.models.arrangement import PayWay
from arrangements.operations.bridge_payment import (
    BridgeGround,
    bridge_payment,
    foresee_bridge,
    way_sentence,
    what_happens,
)
from arrangements.operations.shift_plan import check_can_shift
from citizen_portal.current import contact_now, plan_now
from citizen_portal.deciding import decider_of
from citizen_portal.forms.shifts import BridgeForm
from infra import clock


@page("citizen")
def pay_differently(request: PageRequest) -> HttpResponse:
    """What happened and how somebody pays from then on; what it does; the deed."""
    plan = plan_now()
    if plan is None:
        return redirect(request.page("overzicht"))
    asked = request.POST if request.method == "POST" else request.GET
    chosen = _choice(asked.get("reden", ""), asked.get("manier", ""))
    if request.method == "POST" and "zeker" in request.POST and chosen is not None:
        return _switch(request, plan, *chosen)
    director = contact_now()
    form = BridgeForm(request.POST if request.method == "POST" else None)
    try:
        check_can_shift(plan)
        bridge = foresee_bridge(plan, chosen[1] if chosen else PayWay(plan.pay_way))
    except ShiftRefused as refused:
        return render(request, "citizen/pay_differently.html", {"refused": str(refused), "director": director})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        return redirect(f"{request.page('anders-betalen')}?reden={given['ground']}&manier={given['pay_way']}")
    if request.method != "POST" and chosen is not None:
        context = {"lines": what_happens(bridge), "ground": chosen[0], "pay_way": chosen[1], "director": director}
        return render(request, "citizen/pay_differently_preview.html", context)
    return render(request, "citizen/pay_differently.html", {"form": form, "director": director})


def _choice(ground: str, way: str) -> tuple[BridgeGround, PayWay] | None:
    try:
        return BridgeGround(ground), PayWay(way)
    except ValueError:
        return None


def _switch(request: PageRequest, plan: Arrangement, ground: BridgeGround, way: PayWay) -> HttpResponse:
    try:
        bridge_payment(arrangement=plan, ground=ground, pay_way=way, decider=decider_of(request))
    except ShiftRefused as refused:
        plan.refresh_from_db()
        free = _free_month(plan)
        if free is None or free.moved_on != clock.today() or plan.pay_way != way:
            messages.warning(request, str(refused))
            return redirect(request.page("anders-betalen"))
        # The second of two clicks: it is done.
    return redirect(request.page("anders-betalen-klaar"))


def _free_month(plan: Arrangement) -> Installment | None:
    return (
        Installment.objects.filter(arrangement=plan, moved_ground=ChangeGround.BRIDGE)
        .order_by("-moved_on", "-pk")
        .first()
    )


@page("citizen", methods=("GET", "HEAD"))
def done(request: PageRequest) -> HttpResponse:
    """How somebody pays now, and the free month there was."""
    plan = plan_now()
    free = _free_month(plan) if plan else None
    if plan is None or free is None:
        return redirect(request.page("lukt-niet"))
    context = {"way": way_sentence(PayWay(plan.pay_way)), "free": free, "director": contact_now()}
    return render(request, "citizen/pay_differently_done.html", context)
