"""Lukt betalen niet: the ways there are, one instalment later, and asking for a pause (ux.md C22, features.md C9, B14)."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.policies import PageRequest, page
from arrangements.domain.deciders import ChangeGround
from arrangements.domain.lifecycle import ArrangementState, InstallmentState
from arrangements.domain.shift import ShiftRefused
from arrangements.models import Arrangement, Installment
from arrangements.operations.ask_break import ask_break, asked_break
from arrangements.operations.move_installment import foresee_move, movable, move_installment
from arrangements.operations.shift_plan import break_months_left, check_can_shift
from citizen_portal.current import citizen_now, contact_now, plan_now
from citizen_portal.deciding import decider_of
from citizen_portal.forms.shifts import MoveForm
from infra import clock

GET = ("GET", "HEAD")


def paused_until(plan: Arrangement) -> date | None:
    """The last day of the pause that is now; None without one."""
    return plan.paused_until if plan.state == ArrangementState.PAUSED else None


@page("citizen", methods=GET)
def ways(request: PageRequest) -> HttpResponse:
    """Which ways there are; each shows what it changes before anything is done."""
    plan = plan_now()
    if plan is None:
        return redirect(request.page("overzicht"))
    return render(request, "citizen/cannot_pay.html", {"paused_until": paused_until(plan), "director": contact_now()})


@page("citizen")
def later(request: PageRequest) -> HttpResponse:
    """One instalment later: choose a day, see what it does, do it."""
    plan = plan_now()
    if plan is None:
        return redirect(request.page("overzicht"))
    if request.method == "POST" and "zeker" in request.POST:
        return _move(request, plan)
    decider = decider_of(request)
    director = contact_now()
    try:
        check_can_shift(plan)
        can = movable(plan, decider)
    except ShiftRefused as refused:
        return render(request, "citizen/later.html", {"refused": str(refused), "director": director})
    earliest = max(clock.today(), can.term.due_date) + timedelta(days=1)
    form = MoveForm(request.POST if request.method == "POST" else None, earliest=earliest, latest=can.latest)
    if request.method == "POST" and form.is_valid():
        return redirect(f"{request.page('later')}?dag={form.cleaned_data['day'].isoformat()}")
    chosen = _day(request.GET.get("dag", "")) if request.method != "POST" else None
    if chosen is not None:
        try:
            shift = foresee_move(plan, can.term.number, chosen, decider)
        except ShiftRefused as refused:
            messages.warning(request, str(refused))
            return redirect(request.page("later"))
        context = {"shift": shift, "term": can.term, "new": shift.replacing[0], "director": director}
        return render(request, "citizen/later_preview.html", context)
    return render(request, "citizen/later.html", {"form": form, "term": can.term, "director": director})


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _move(request: PageRequest, plan: Arrangement) -> HttpResponse:
    day, number = _day(request.POST.get("dag", "")), request.POST.get("termijn", "")
    if day is None or not (number.isascii() and number.isdigit() and len(number) < 5):
        return redirect(request.page("later"))
    try:
        move_installment(arrangement=plan, number=int(number), new_day=day, decider=decider_of(request))
    except ShiftRefused as refused:
        messages.warning(request, str(refused))
        return redirect(request.page("later"))
    return redirect(request.page("later-klaar"))


@page("citizen", methods=GET)
def later_done(request: PageRequest) -> HttpResponse:
    """The instalment that was moved last, as it stands now."""
    moved = (
        Installment.objects.filter(arrangement=plan_now(), replaces__moved_ground=ChangeGround.MOVE)
        .exclude(state=InstallmentState.MOVED)
        .select_related("replaces")
        .order_by("-pk")
        .first()
    )
    if moved is None:
        return redirect(request.page("lukt-niet"))
    return render(request, "citizen/later_done.html", {"moved": moved, "director": contact_now()})


@page("citizen")
def ask_pause(request: PageRequest) -> HttpResponse:
    """Asking for a pause: who helps calls, and decides together with the citizen."""
    plan = plan_now()
    if plan is None:
        return redirect(request.page("overzicht"))
    citizen = citizen_now()
    until = paused_until(plan)
    if request.method == "POST":
        if until is None:
            ask_break(arrangement=plan)
        return redirect(request.page("pauze"))
    context = {
        "paused_until": until,
        "asked": asked_break(plan.citizen_id),
        "left": break_months_left(plan, clock.today()),
        "citizen": citizen,
        "director": citizen.director,
    }
    return render(request, "citizen/ask_pause.html", context)
