"""Pages of coach and desk about who is responsible: handing a case over, being away, standing in."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.models import Absence, CaseWorker
from accounts.operations.report_absence import (
    AlreadyAway,
    StandInAway,
    StandInNotPossible,
    end_absence,
    possible_stand_ins,
    report_absence,
)
from accounts.policies import PageRequest, page
from arrangements.operations.hand_over_case import CannotTakeOver, hand_over_case, possible_directors
from citizen_portal.current import user_now
from citizen_portal.forms.director import AbsenceForm, HandOverForm
from citizen_portal.views.coach import coach_now, for_client, living_mandate
from infra import clock, scope


@page("coach")
def hand_over(request: PageRequest, client: UUID) -> HttpResponse:
    """Give a case to the desk, or to a coach this client lets help. Only by the director."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    citizen = mandate.citizen
    context = {"mandate": mandate, "citizen": citizen}
    if citizen.director_id != mandate.coach_id:
        return render(request, "coach/hand_over.html", context | {"director": citizen.director})
    with scope.act_as(for_client(request, mandate)):
        form = HandOverForm(request.POST if request.method == "POST" else None, workers=possible_directors(citizen))
        if request.method == "POST" and form.is_valid():
            try:
                hand_over_case(citizen=citizen, to=form.to, note=form.cleaned_data["note"], by=user_now(request))
            except CannotTakeOver:
                form.add_error("to", "Deze collega kan de zaak nu niet overnemen. Kies een ander.")
            else:
                messages.success(request, f"{form.to.name} is nu contactpersoon. Uw cliënt krijgt daar bericht van.")
                return redirect("coach:client", mandate.public_id)
    return render(request, "coach/hand_over.html", context | {"form": form})


@page("coach")
def absence(request: PageRequest) -> HttpResponse:
    """When I am away, who takes the phone, and for whom I take it."""
    me, today = coach_now(request), clock.today()
    workers = list(possible_stand_ins(me))
    form = AbsenceForm(
        request.POST if request.method == "POST" else None, workers=workers, initial={"from_date": today}
    )
    if request.method == "POST" and form.is_valid() and _report(request, form, me):
        messages.success(request, f"{form.stand_in.name} neemt dan waar. Uw cliënten zien die naam en dat nummer.")
        return redirect("coach:afwezig")
    to_come = Absence.objects.filter(until_date__gte=today).select_related("case_worker", "stand_in")
    context = {
        "form": form,
        "anybody": bool(workers),
        "mine": to_come.filter(case_worker=me),
        "others": to_come.filter(stand_in=me),
        "today": today,
    }
    return render(request, "coach/absence.html", context)


def _report(request: PageRequest, form: AbsenceForm, me: CaseWorker) -> bool:
    """Whether it was saved; else the form says why not."""
    given = form.cleaned_data
    try:
        report_absence(
            case_worker=me,
            stand_in=form.stand_in,
            from_date=given["from_date"],
            until_date=given["until_date"],
            user=user_now(request),
        )
    except AlreadyAway:
        form.add_error("from_date", "U bent al afwezig op een van deze dagen. Kies andere dagen.")
    except StandInAway:
        form.add_error("stand_in", "Deze collega is er dan ook niet. Kies een ander.")
    except StandInNotPossible:
        form.add_error("stand_in", "Deze collega kan niet waarnemen. Kies een ander.")
    else:
        return True
    return False


@page("coach", methods=("POST",))
def back_again(request: PageRequest, absence: UUID) -> HttpResponse:
    """Back earlier, or not gone at all."""
    row = Absence.objects.filter(public_id=absence, case_worker_id=request.actor.coach_id).first()
    if row is None:
        raise Http404
    end_absence(absence=row)
    messages.success(request, "U bent er weer. Uw cliënten zien nu uw eigen nummer.")
    return redirect("coach:afwezig")
