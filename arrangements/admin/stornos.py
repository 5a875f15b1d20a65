"""Stornos in /beheer/: which payments banks took back, what is still open, and writing one off with two people."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods

from accounts.models import User
from arrangements.models import MoneyDecision, Storno, StornoPart
from arrangements.operations.write_off_storno import (
    SAY_WHY,
    CannotWriteOff,
    approve_write_off,
    propose_write_off,
    withdraw_write_off,
)
from arrangements.queries.stornos import stornos_for_desk
from infra.read_only_admin import ReadOnlyAdmin, ReadOnlyInline, is_desk

LIST_NAME: Final = "arrangements_stornos"
WRITE_OFF_NAME: Final = "arrangements_storno_write_off"
LIMIT: Final = 200


class WriteOffForm(forms.Form):
    """Why it is not paid back."""

    note = forms.CharField(
        label="Waarom betaalt de burger dit niet terug?",
        help_text="Ten hoogste 200 tekens. Noem geen andere personen.",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        error_messages={"required": SAY_WHY, "max_length": "Gebruik ten hoogste 200 tekens."},
    )


class StornoPartInline(ReadOnlyInline):
    model = StornoPart
    fields = ("creditor", "claim", "amount_cents", "open_cents")


@admin.register(Storno)
class StornoAdmin(ReadOnlyAdmin):
    list_display = ("happened_on", "citizen", "way", "amount_cents", "open_cents", "won_on", "written_off_on")
    list_filter = ("way",)
    list_select_related = ("citizen",)
    inlines = (StornoPartInline,)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("overzicht/", view(self.overview), name=LIST_NAME),
            path("<uuid:storno>/afboeken/", view(self.write_off), name=WRITE_OFF_NAME),
            *super().get_urls(),
        ]

    def overview(self, request: HttpRequest) -> HttpResponse:
        """What citizens still have to pay back; with ?alles=1 every storno."""
        if not is_desk(request):
            raise PermissionDenied
        everything = "alles" in request.GET
        rows = stornos_for_desk(only_open=not everything, limit=LIMIT)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,  # noqa: SLF001  as Django's own admin templates want it
            "title": "Storno's",
            "rows": rows,
            "everything": everything,
            "more": len(rows) == LIMIT,
            "limit": LIMIT,
            "open_cents": sum(row.storno.open_cents for row in rows),
        }
        return TemplateResponse(request, "admin/arrangements/storno/overview.html", context)

    def write_off(self, request: HttpRequest, storno: UUID) -> HttpResponse:
        """One person proposes, a second one approves; until then it can be withdrawn."""
        return _write_off(request, storno, self.admin_site.each_context(request))


@require_http_methods(["GET", "POST"])
def _write_off(request: HttpRequest, public_id: UUID, site: dict[str, Any]) -> HttpResponse:
    user = request.user
    if not is_desk(request) or not isinstance(user, User):
        raise PermissionDenied
    row = get_object_or_404(Storno.objects.select_related("citizen", "arrangement"), public_id=public_id)
    decision = MoneyDecision.objects.select_related("decided_by").filter(storno=row, done_on=None).first()
    form = WriteOffForm(request.POST if request.method == "POST" and decision is None else None)
    if request.method == "POST":
        try:
            said = _do(request, row, decision, form, user)
        except CannotWriteOff as refused:
            messages.error(request, str(refused))
            said = ""
            if decision is not None:
                return HttpResponseRedirect(request.get_full_path())
        if said:
            messages.success(request, said)
            return HttpResponseRedirect(reverse(f"admin:{LIST_NAME}"))
    context = {
        **site,
        "opts": Storno._meta,  # noqa: SLF001  as Django's own admin templates want it
        "title": "Storno afboeken",
        "storno": row,
        "decision": decision,
        "own": decision is not None and decision.decided_by_id == user.pk,
        "approved": decision is not None and decision.approved_by_id is not None,
        "form": form,
        "back": reverse(f"admin:{LIST_NAME}"),
    }
    return TemplateResponse(request, "admin/arrangements/storno/write_off.html", context)


def _do(request: HttpRequest, row: Storno, decision: MoneyDecision | None, form: WriteOffForm, user: User) -> str:
    """What was asked on the page; the sentence that says it is done, "" when the form has to be looked at again."""
    if decision is None:
        if not form.is_valid():
            return ""
        propose_write_off(storno=row, user=user, note=form.cleaned_data["note"])
        return "Uw voorstel is bewaard. Een collega keurt het goed."
    if "intrekken" in request.POST:
        withdraw_write_off(decision=decision)
        return "Het voorstel is ingetrokken. De storno blijft open."
    approve_write_off(decision=decision, user=user)
    return "De storno wordt afgeboekt. De burger krijgt bericht."
