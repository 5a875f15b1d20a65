"""Somebody seizes: telling it stops the plan for all. The citizen tells; whoever helps also lifts it and hands it over."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.models import CaseWorker, Mandate
from accounts.policies import PageRequest, page
from arrangements.documents.content import weekday_date
from arrangements.domain.deciders import Decider
from arrangements.domain.lifecycle import ArrangementState
from arrangements.domain.policy_values import policy_on
from arrangements.models import Arrangement, Beslag, Document
from arrangements.operations.lift_beslag import NothingToLift, lift_beslag
from arrangements.operations.report_beslag import report_beslag
from arrangements.operations.report_change import PlanIsOver
from arrangements.queries.beslag import beslagen, comparison_document, living_beslagen, party_of
from arrangements.queries.changes import plan_under_way
from citizen_portal.current import citizen_now, plan_now, user_now
from citizen_portal.forms.beslag import BeslagForm
from citizen_portal.forms.coach import LiftForm
from citizen_portal.views.coach import for_client, living_mandate
from citizen_portal.views.proposal import pdf_response
from creditors.models import Creditor
from infra import clock, scope
from kernel.working_days import add_working_days

GET = ("GET", "HEAD")


def _creditors(plan: Arrangement) -> list[Creditor]:
    return list(Creditor.objects.filter(pk__in=plan.lines.values("creditor_id")).order_by("name"))


def _row(plan: Arrangement, one: Beslag) -> dict[str, object]:
    return {"beslag": one, "party": party_of(one), "paper": comparison_document(plan, one)}


@page("citizen")
def report(request: PageRequest) -> HttpResponse:
    """Tell of a beslag; after that: what happens now."""
    plan = plan_now()
    if plan is None:
        return redirect(request.page("overzicht"))
    citizen = citizen_now()
    form = BeslagForm(request.POST if request.method == "POST" else None, creditors=_creditors(plan))
    if request.method == "POST" and form.is_valid():
        try:
            report_beslag(arrangement=plan, decider=_decider_of(request), user=user_now(request), **form.report)
        except PlanIsOver:
            return redirect(request.page("overzicht"))
        return redirect(request.page("beslag"))
    living = [_row(plan, one) for one in living_beslagen(plan)]
    another = bool(living) and request.method == "GET" and "nog-een" not in request.GET
    context = {
        "form": None if another else form,
        "living": living,
        "told": another,
        "stands_still": plan.state == ArrangementState.SUSPENDED,
        "director": citizen.director,
        "call_by": add_working_days(clock.today(), policy_on(clock.today()).beslag_working_days),
    }
    return render(request, "citizen/beslag.html", {key: value for key, value in context.items() if value is not None})


def _decider_of(request: PageRequest) -> Decider:
    if request.mandate is None:
        return Decider.CITIZEN
    return decider_of(request.mandate.coach)


def decider_of(worker: CaseWorker) -> Decider:
    """As whom somebody who helps decides."""
    return Decider.DESK if worker.kind == CaseWorker.Kind.DESK else Decider.COACH


# --- pages of whoever helps --------------------------------------------------------------------------------------------


def _over(request: PageRequest) -> HttpResponse:
    return render(request, "coach/mandate_over.html", status=404)


@page("coach")
def coach_beslag(request: PageRequest, client: UUID) -> HttpResponse:
    """What is seized of this client, telling of a new one, and the papers for who seizes."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return _over(request)
    with scope.act_as(for_client(request, mandate)):
        plan = plan_under_way(mandate.citizen_id)
        form = None
        if plan is not None:
            form = BeslagForm(
                request.POST if request.method == "POST" else None, creditors=_creditors(plan), of_client=True
            )
            if request.method == "POST" and form.is_valid():
                report_beslag(
                    arrangement=plan, decider=decider_of(mandate.coach), user=mandate.coach.user, **form.report
                )
                messages.success(request, "Het beslag is gemeld. De regeling staat stil voor alle organisaties.")
                return redirect("coach:beslag", mandate.public_id)
        context = {
            "mandate": mandate,
            "plan": plan,
            "stands_still": plan is not None and plan.state == ArrangementState.SUSPENDED,
            "rows": [_row(plan, one) for one in beslagen(plan)] if plan else [],
            "call_by": weekday_date(add_working_days(clock.today(), policy_on(clock.today()).beslag_working_days)),
        }
        return render(request, "coach/beslag.html", context | ({"form": form} if form is not None else {}))


def _found(mandate: Mandate, public_id: UUID) -> Beslag:
    found = Beslag.objects.select_related("creditor", "arrangement").filter(public_id=public_id).first()
    if found is None or found.citizen_id != mandate.citizen_id:
        raise Http404
    return found


@page("coach")
def lift(request: PageRequest, client: UUID, beslag: UUID) -> HttpResponse:
    """This beslag is over, with the reason."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return _over(request)
    with scope.act_as(for_client(request, mandate)):
        found = _found(mandate, beslag)
        form = LiftForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                lift_beslag(
                    beslag=found,
                    decider=decider_of(mandate.coach),
                    user=mandate.coach.user,
                    reason=form.cleaned_data["reason"],
                )
            except NothingToLift:
                messages.info(request, "Dit beslag was al opgeheven.")
            else:
                rest = len(living_beslagen(found.arrangement))
                messages.success(
                    request,
                    "Het beslag is opgeheven. De regeling gaat zo verder. Iedereen krijgt bericht."
                    if not rest
                    else f"Het beslag is opgeheven. Er {'is' if rest == 1 else 'zijn'} nog {rest}. De regeling staat stil.",
                )
            return redirect("coach:beslag", mandate.public_id)
        if found.lifted_on is not None:
            return redirect("coach:beslag", mandate.public_id)
        context = {"mandate": mandate, "party": party_of(found), "form": form}
        return render(request, "coach/lift_beslag.html", context)


def _paper(mandate: Mandate, public_id: UUID) -> Document:
    found = _found(mandate, public_id)
    paper = comparison_document(found.arrangement, found)
    if paper is None:
        raise Http404
    return paper


@page("coach", methods=GET)
def comparison(request: PageRequest, client: UUID, beslag: UUID) -> HttpResponse:
    """The comparison for a party outside the plan, as a page."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return _over(request)
    with scope.act_as(for_client(request, mandate)):
        paper = _paper(mandate, beslag)
    return render(request, "coach/comparison.html", {"mandate": mandate, "beslag_id": beslag, "content": paper.content})


@page("coach", methods=GET)
def comparison_pdf(request: PageRequest, client: UUID, beslag: UUID) -> HttpResponse:
    """The same to send."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return _over(request)
    with scope.act_as(for_client(request, mandate)):
        return pdf_response(_paper(mandate, beslag))
