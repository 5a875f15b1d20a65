"""What a coach does around a refusal: which body helps the client further, and letters to organisations nobody knows."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.policies import PageRequest, page
from arrangements.models import CreditorInvitation, MunicipalRoute
from arrangements.operations.choose_municipal_route import record_recognition
from arrangements.operations.invite_creditor import mark_invitation_sent
from arrangements.operations.print_invitation import print_invitation
from citizen_portal.current import user_now
from citizen_portal.forms.coach import RecognitionForm
from citizen_portal.views.coach import for_client, living_mandate
from infra import scope
from infra.downloads import foreign_file

GET = ("GET", "HEAD")


@page("coach")
def recognition(request: PageRequest, client: UUID) -> HttpResponse:
    """Which body helps the client, and whether the law recognises it."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    with scope.act_as(for_client(request, mandate)):
        route = MunicipalRoute.objects.select_related("recorded_by").first()
        if route is None:
            raise Http404
        names = ("body_kind", "body_name", "is_recognised", "ground")
        form = RecognitionForm(
            request.POST if request.method == "POST" else None, initial={name: getattr(route, name) for name in names}
        )
        if request.method == "POST" and form.is_valid():
            record_recognition(route=route, user=user_now(request), **form.cleaned_data)
            messages.success(request, "Het is vastgelegd.")
            return redirect("coach:client", mandate.public_id)
    return render(request, "coach/recognition.html", {"form": form, "mandate": mandate, "route": route})


def _invitation(invited: UUID) -> CreditorInvitation:
    row = CreditorInvitation.objects.select_related("creditor").filter(public_id=invited).first()
    if row is None:
        raise Http404
    return row


@page("coach", methods=GET)
def invitation_letter(request: PageRequest, client: UUID, invited: UUID) -> HttpResponse:
    """The letter to an organisation the client named, to print and send."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    with scope.act_as(for_client(request, mandate)):
        pdf = print_invitation(invitation=_invitation(invited))
    return foreign_file(pdf, media_type="application/pdf", name="uitnodiging.pdf")


@page("coach", methods=("POST",))
def invitation_sent(request: PageRequest, client: UUID, invited: UUID) -> HttpResponse:
    """The letter is on its way."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    with scope.act_as(for_client(request, mandate)):
        mark_invitation_sent(invitation=_invitation(invited), user=user_now(request))
    messages.success(request, "De brief staat als verstuurd.")
    return redirect("coach:client", mandate.public_id)
