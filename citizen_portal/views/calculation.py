"""How an outcome was computed: for the citizen the sum, for the coach all steps. One trace behind both."""

from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.policies import PageRequest, page
from arrangements.models import Assessment
from citizen_portal import explanation
from citizen_portal.current import citizen_now
from citizen_portal.views.coach import for_client, living_mandate
from infra import scope

GET = ("GET", "HEAD")
OTHERS_SHOWN = 12


def _of(citizen_id: int) -> QuerySet[Assessment]:
    return Assessment.objects.filter(citizen_id=citizen_id).order_by("-pk")


def _one(citizen_id: int, wanted: UUID | None) -> Assessment | None:
    """The latest, or the one that is asked for; 404 when that one is not this citizen's."""
    if wanted is None:
        return _of(citizen_id).first()
    found = _of(citizen_id).filter(public_id=wanted).first()
    if found is None:
        raise Http404
    return found


@page("citizen", methods=GET)
def calculation(request: PageRequest, assessment: UUID | None = None) -> HttpResponse:
    """The sum in plain words, of the last assessment or of an earlier one."""
    citizen = citizen_now()
    found = _one(citizen.pk, assessment)
    if found is None:
        return redirect(request.page("overzicht"))
    context = explanation.verdict(found, citizen) | {
        "others": _of(citizen.pk).exclude(pk=found.pk)[:OTHERS_SHOWN],
        "norms_from": date.fromisoformat(found.norms_key),
        "chosen": assessment is not None,
    }
    return render(request, "citizen/calculation.html", context)


@page("coach", methods=GET)
def coach_assessment(request: PageRequest, client: UUID, assessment: UUID | None = None) -> HttpResponse:
    """All steps of an assessment of a client."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    with scope.act_as(for_client(request, mandate)):
        found = _one(mandate.citizen_id, assessment)
        context = explanation.all_steps(found) if found else {}
        others = list(_of(mandate.citizen_id).exclude(pk=found.pk)[:OTHERS_SHOWN]) if found else []
    return render(
        request,
        "coach/assessment.html",
        context | {"mandate": mandate, "others": others, "chosen": assessment is not None},
    )
