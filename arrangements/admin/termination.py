"""Stopping a plan from /beheer/: a decision of the desk, on a ground of the agreement, in two steps."""

from typing import TYPE_CHECKING, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.models import User
from arrangements.domain.deciders import Decider
from arrangements.domain.ladder import ladder_done
from arrangements.domain.lifecycle import UNDER_WAY
from arrangements.domain.termination import MEANING, CannotTerminate, TerminationGround
from arrangements.models import Arrangement
from arrangements.operations.terminate_arrangement import SAY_WHY, terminate_arrangement
from arrangements.queries.overdue import late_ones, overdue
from infra import clock, scope
from infra.read_only_admin import is_desk
from infra.scope import Scope

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite

URL_NAME: Final = "arrangements_arrangement_stop"


class TerminationForm(forms.Form):
    """Ground and note; the second step asks for the yes."""

    ground = forms.ChoiceField(
        label="De reden, zoals die in de overeenkomst staat",
        choices=[(ground.value, ground.agreement_text) for ground in TerminationGround],
        widget=forms.RadioSelect,
        error_messages={"required": "Kies een reden."},
    )
    independent = forms.BooleanField(
        label="Iemand die onafhankelijk is, heeft vastgesteld dat het met opzet niet waar is",
        help_text="Alleen nodig bij die reden. Noem in de toelichting wie, en wanneer.",
        required=False,
    )
    note = forms.CharField(
        label="Toelichting: waarom, en hoe is de burger gehoord?",
        help_text="Ten hoogste 300 tekens. Noem geen andere personen.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        error_messages={"required": SAY_WHY},
    )


@require_http_methods(["GET", "POST"])
def stop_view(request: HttpRequest, pk: int, *, site: "AdminSite") -> HttpResponse:
    """First what it means and why; then, with everything that was typed on the screen, the yes."""
    if not is_desk(request):
        raise PermissionDenied
    row = get_object_or_404(Arrangement.objects.select_related("citizen"), pk=pk)
    back = reverse("admin:arrangements_arrangement_change", args=[pk])
    if row.state not in UNDER_WAY:
        messages.info(request, "Deze regeling loopt niet meer.")
        return HttpResponseRedirect(back)
    today = clock.today()
    with scope.act_as(_for(request, row)):
        late = overdue(pk, today)
        done = ladder_done(late_ones(pk, today))
    form = TerminationForm(request.POST if request.method == "POST" else None)
    ask = request.method == "POST" and form.is_valid()
    if ask and "zeker" in request.POST:
        try:
            _stop(request, row, form)
        except CannotTerminate as refused:
            form.add_error(None, str(refused))
            ask = False
        else:
            messages.success(request, "De regeling is gestopt. Iedereen krijgt bericht, met een overzicht.")
            return HttpResponseRedirect(back)
    context = {
        **site.each_context(request),
        "opts": Arrangement._meta,  # noqa: SLF001  as Django's own admin templates want it
        "title": "Weet u het zeker?" if ask else "Stop deze regeling",
        "arrangement": row,
        "form": form,
        "ask": ask,
        "meaning": MEANING,
        "late": late,
        "ladder_done": done,
        "ground_text": TerminationGround(form.cleaned_data["ground"]).agreement_text if ask else "",
        "back": back,
    }
    return TemplateResponse(request, "admin/arrangements/arrangement/stop.html", context)


def _for(request: HttpRequest, row: Arrangement) -> Scope:
    """The desk acts in this one case."""
    return Scope(user_id=request.user.pk, citizen_id=row.citizen_id, desk=True, reason="loket stopt een regeling")


def _stop(request: HttpRequest, row: Arrangement, form: TerminationForm) -> None:
    user = request.user
    assert isinstance(user, User)  # noqa: S101  is_desk has looked
    with scope.act_as(_for(request, row)):
        terminate_arrangement(
            arrangement=row,
            decider=Decider.DESK,
            user=user,
            ground=TerminationGround(form.cleaned_data["ground"]),
            note=form.cleaned_data["note"],
            independently_established=form.cleaned_data["independent"],
        )


def stop_url(row: Arrangement) -> str:
    """Where the desk stops this one."""
    return reverse(f"admin:{URL_NAME}", args=[row.pk])
