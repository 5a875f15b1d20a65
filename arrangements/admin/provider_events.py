"""Messages of providers in /beheer/: which ones nobody could place, and what the desk says about them."""

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from accounts.models import User
from arrangements.models import MoneyDecision, ProviderEvent
from arrangements.operations.close_event import CannotClose, close_event
from infra import scope
from infra.read_only_admin import ReadOnlyAdmin, is_desk
from infra.scope import Scope

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

URL_NAME: Final = "arrangements_providerevent_seen"


class WhereFilter(admin.SimpleListFilter):
    """Where a message is: with a person, on its way, or done."""

    title = "waar ligt het"
    parameter_name = "waar"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, str]]:
        return [("mens", "Bij een mens"), ("onderweg", "Wordt nog geprobeerd"), ("klaar", "Verwerkt")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ProviderEvent]) -> QuerySet[ProviderEvent]:
        if self.value() == "mens":
            return queryset.filter(handled_at=None, shown_on__isnull=False)
        if self.value() == "onderweg":
            return queryset.filter(handled_at=None, shown_on=None)
        if self.value() == "klaar":
            return queryset.filter(handled_at__isnull=False)
        return queryset


class SeenForm(forms.Form):
    """What the person saw."""

    note = forms.CharField(
        label="Wat heeft u gezien?",
        help_text="Ten hoogste 200 tekens. Noem geen personen. Dit bericht wordt daarna niet meer geprobeerd.",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        error_messages={
            "required": "Schrijf op wat u heeft gezien. Bijvoorbeeld: dit is een testbetaling van de bank.",
            "max_length": "Schrijf ten hoogste 200 tekens op.",
        },
    )


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnlyAdmin):
    """Kept as they came. One that nobody could place for a day is a person's to look at."""

    list_display = ("received_at", "provider", "event_id", "kind", "outcome", "handled_at", "shown_on", "decide")
    list_filter = (WhereFilter, "provider", "kind")
    exclude = ("raw",)
    ordering = ("-received_at",)

    @admin.display(description="besluit")
    def decide(self, row: ProviderEvent) -> str:
        if row.handled_at is not None or row.shown_on is None:
            return "–"
        return format_html('<a href="{}">bekijk</a>', reverse(f"admin:{URL_NAME}", args=[row.pk]))

    def get_urls(self) -> list[URLPattern]:
        seen = self.admin_site.admin_view(self.seen)
        return [path("<uuid:event>/bekeken/", seen, name=URL_NAME), *super().get_urls()]

    def seen(self, request: HttpRequest, event: UUID) -> HttpResponse:
        """What came in, and a field for what the person says about it."""
        if not is_desk(request):
            raise PermissionDenied
        user = request.user
        assert isinstance(user, User)  # noqa: S101  is_desk has looked
        row = get_object_or_404(ProviderEvent.objects.defer("raw"), pk=event)
        back = f"{reverse('admin:arrangements_providerevent_changelist')}?waar=mens"
        form = SeenForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                with scope.act_as(Scope(user_id=user.pk, desk=True, reason="loket bekijkt een bericht van de bank")):
                    close_event(event=row, user=user, note=form.cleaned_data["note"])
            except CannotClose as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, "Het bericht is bekeken. Het wordt niet meer geprobeerd.")
                return HttpResponseRedirect(back)
        decided = MoneyDecision.objects.filter(event=row).select_related("decided_by").first()
        context = {
            **self.admin_site.each_context(request),
            "opts": ProviderEvent._meta,  # noqa: SLF001  as Django's own admin templates want it
            "title": "Bericht van de bank",
            "event": row,
            "decided": decided,
            "form": form,
            "back": back,
        }
        return TemplateResponse(request, "admin/arrangements/providerevent/seen.html", context)
