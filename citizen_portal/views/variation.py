"""Changes of a running plan that need a yes: asking, following, taking back; and a debt that was found late."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.contact import contact_of
from accounts.policies import PageRequest, page
from arrangements.domain.deciders import ChangeGround, Decider, NotYours
from arrangements.domain.lifecycle import ClaimState
from arrangements.domain.plan_change import PlanImpossible
from arrangements.models import Arrangement, CaseTask
from arrangements.operations.change_plan import CHANGEABLE, PlanNotRunning
from arrangements.operations.collect_claims import add_claim
from arrangements.operations.compute_variation import foresee_pause
from arrangements.operations.join_running_plan import AmountChanged, DoesNotFit, agree_to_join, share_instead
from arrangements.operations.propose_variation import AnotherIsOpen, propose_variation
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.withdraw_variation import withdraw_variation
from arrangements.queries.changes import latest_figures
from arrangements.queries.variations import claims_outside, left_out_creditors, open_variation
from citizen_portal import presenters, variation_presenters
from citizen_portal.current import citizen_now, plan_now, user_now
from citizen_portal.forms.citizen import AddOrganisationForm
from citizen_portal.forms.variation import LongPauseForm, LowerAskedForm
from creditors.models import Creditor
from infra import clock
from kernel.cents import spoken_euro

CHANGE_PAGE = "wijziging"
LATE_PAGE = "nieuwe-schuld"
OPEN_ALREADY = "Er loopt al een vraag. Wacht op het antwoord, of neem de vraag terug."


def _plan() -> Arrangement | None:
    """The plan that can change now."""
    found = plan_now()
    return found if found is not None and found.state in CHANGEABLE else None


def decider_of(request: PageRequest) -> Decider:
    """Who asks: the citizen, or who works for them."""
    if request.mandate is None:
        return Decider.CITIZEN
    return Decider.DESK if request.mandate.coach.kind == "desk" else Decider.COACH


def _ask(request: PageRequest, plan: Arrangement, ground: ChangeGround, wanted: Mapping[str, Any]) -> HttpResponse:
    try:
        propose_variation(
            arrangement=plan, ground=ground, wanted=wanted, decided_by=decider_of(request), user=user_now(request)
        )
    except AnotherIsOpen:
        messages.info(request, OPEN_ALREADY)
    except PlanImpossible as error:
        messages.info(request, str(error))
    except PlanNotRunning:
        return redirect(request.page("overzicht"))
    return redirect(request.page(CHANGE_PAGE))


@page("citizen")
def variation(request: PageRequest) -> HttpResponse:
    """What was asked, how many have to say yes and by when; taking it back."""
    plan = _plan()
    shown = variation_presenters.newest(plan) if plan is not None else None
    if plan is None or shown is None:
        return redirect(request.page("overzicht"))
    if request.method == "POST":
        with suppress(NotYours):  # the question of a creditor: the page has no button for it
            withdraw_variation(variation=shown.variation)
        return redirect(request.page(CHANGE_PAGE))
    if shown.wants_own_yes:
        return redirect(request.page("doet-mee"))
    context = {"shown": shown, "plan": plan, "director": contact_of(citizen_now().director)}
    return render(request, "citizen/variation.html", context)


@page("citizen")
def ask_lower(request: PageRequest) -> HttpResponse:
    """A lower amount on request: the amount, what it does per organisation, and the question."""
    plan = _plan()
    if plan is None:
        return redirect(request.page("overzicht"))
    if open_variation(plan) is not None:
        messages.info(request, OPEN_ALREADY)
        return redirect(request.page(CHANGE_PAGE))
    form = LowerAskedForm(request.POST if request.method == "POST" else None)
    found = None
    if request.method == "POST" and form.is_valid():
        wanted = {"monthly_cents": form.cleaned_data["monthly_cents"]}
        try:
            found = variation_presenters.preview(plan, ground=ChangeGround.LOWERING, wanted=wanted)
        except PlanImpossible:
            form.add_error("monthly_cents", f"Kies een bedrag dat lager is dan {spoken_euro(plan.monthly_cents)}.")
        else:
            if "vraag" in request.POST:
                return _ask(request, plan, ChangeGround.LOWERING, wanted)
    context = {"form": form, "plan": plan, "preview": found}
    return render(request, "citizen/lower_asked.html", context)


@page("citizen")
def ask_pause(request: PageRequest) -> HttpResponse:
    """A longer pause: for how long, what it does to the days, and the question to all organisations."""
    plan = _plan()
    if plan is None:
        return redirect(request.page("overzicht"))
    if open_variation(plan) is not None:
        messages.info(request, OPEN_ALREADY)
        return redirect(request.page(CHANGE_PAGE))
    form = LongPauseForm(request.POST if request.method == "POST" else None)
    found, shift = None, None
    if request.method == "POST" and form.is_valid():
        wanted = {"months": form.cleaned_data["months"]}
        try:
            shift = foresee_pause(plan, wanted["months"], clock.today())
            found = variation_presenters.preview(plan, ground=ChangeGround.LONG_PAUSE, wanted=wanted)
        except PlanImpossible as error:
            form.add_error("months", str(error))
        else:
            if "vraag" in request.POST:
                return _ask(request, plan, ChangeGround.LONG_PAUSE, wanted)
    context = {"form": form, "plan": plan, "preview": found, "shift": shift}
    return render(request, "citizen/long_pause.html", context)


@page("citizen")
def late_claims(request: PageRequest) -> HttpResponse:
    """Nog een schuld gevonden: what is not in the plan, and naming one more."""
    plan = _plan()
    if plan is None:
        return redirect(request.page("overzicht"))
    citizen = citizen_now()
    form = AddOrganisationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        claim = add_claim(citizen=citizen, **form.cleaned_data)
        if not claim.creditor.participates:
            make_task(
                citizen_id=citizen.pk,
                key=f"late_unknown:{claim.pk}",
                kind=CaseTask.Kind.UNKNOWN_CREDITOR,
                text=f"{claim.creditor.name} heeft een schuld naast het plan. Vraag of zij meedoen."[:300],
            )
        messages.success(request, f"Wij vragen {claim.creditor.name} om het bedrag.")
        return redirect(request.page(LATE_PAGE))
    left_out = left_out_creditors(plan)
    rows = [
        {
            "claim": claim,
            "left_out": claim.creditor_id in left_out,
            "ready": claim.state == ClaimState.CONFIRMED and bool(claim.confirmed_cents),
        }
        for claim in claims_outside(plan)
    ]
    known = Creditor.objects.filter(participates=True, named_by_citizen_id=None).order_by("name")
    context = {
        "form": form,
        "rows": rows,
        "open": open_variation(plan) is not None,
        "names": known.values_list("name", flat=True)[:500],
    }
    return render(request, "citizen/late_claims.html", context)


@page("citizen")
def late_claim(request: PageRequest, claim: UUID) -> HttpResponse:
    """What it means when this debt comes into the plan, per organisation, and the question."""
    plan = _plan()
    if plan is None:
        return redirect(request.page("overzicht"))
    left_out = left_out_creditors(plan)
    found = next(
        (one for one in claims_outside(plan) if one.public_id == claim and one.creditor_id not in left_out), None
    )
    if found is None:
        raise Http404
    if open_variation(plan) is not None:
        messages.info(request, OPEN_ALREADY)
        return redirect(request.page(CHANGE_PAGE))
    wanted = {"claims": [found.pk]}
    if request.method == "POST":
        return _ask(request, plan, ChangeGround.LATE_CREDITOR, wanted)
    try:
        preview = variation_presenters.preview(plan, ground=ChangeGround.LATE_CREDITOR, wanted=wanted)
    except PlanImpossible as error:
        messages.info(request, str(error))
        return redirect(request.page(LATE_PAGE))
    return render(request, "citizen/late_claim.html", {"claim": found, "plan": plan, "preview": preview})


@page("citizen_self")
def joins(request: PageRequest) -> HttpResponse:
    """An organisation that was left out wants to come in: the own yes to the new amount, or another way."""
    plan = _plan()
    shown = variation_presenters.on_overview(plan) if plan is not None else None
    if plan is None or shown is None or not shown.wants_own_yes:
        return redirect(request.page(CHANGE_PAGE))
    variation, does_not_fit = shown.variation, False
    try:
        found = variation_presenters.preview(plan, ground=ChangeGround.JOINS_LATER, wanted=variation.wanted)
    except PlanImpossible as error:
        messages.info(request, str(error))
        return redirect(request.page("overzicht"))
    if request.method == "POST" and "nee" in request.POST:
        withdraw_variation(variation=variation, reason="de burger zegt nee")
        return redirect(request.page(CHANGE_PAGE))
    if request.method == "POST" and "verdeel" in request.POST:
        try:
            share_instead(variation=variation, decided_by=Decider.CITIZEN, user=user_now(request))
        except PlanImpossible as error:
            messages.info(request, str(error))
        return redirect(request.page(CHANGE_PAGE))
    if request.method == "POST":
        try:
            agree_to_join(variation=variation, seen_monthly_cents=int(request.POST.get("bedrag", "") or 0))
        except DoesNotFit:
            does_not_fit = True
        except (AmountChanged, ValueError):
            messages.info(request, "Het bedrag is veranderd. Lees het nog een keer.")
        except PlanNotRunning:
            return redirect(request.page("overzicht"))
        else:
            return redirect(request.page(CHANGE_PAGE))
    context = {
        "shown": shown,
        "name": Creditor.objects.get(pk=variation.wanted["creditor"]).name,
        "preview": found,
        "does_not_fit": does_not_fit,
        "figures": presenters.figures(latest_figures(plan)),
    }
    return render(request, "citizen/joins.html", context)
