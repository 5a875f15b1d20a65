"""Norms in /beheer/: one person enters, a second one approves, and then nobody changes them. And what reruns found."""

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from affordability.norm_names import CERTAINTY_LABELS, NORM_GROUPS
from affordability.norms import AMOUNT_NAMES, next_half_year
from arrangements.documents.content import long_date
from arrangements.models import NormsEntry, NormsRerun, NormsRerunLine
from arrangements.operations.norms import (
    CannotSaveNorms,
    ChangedMeanwhile,
    NormsApproved,
    NormsDoNotFit,
    NormsExist,
    NormsIncomplete,
    OwnEntry,
    approve_norms,
    change_norms,
    draft_hash,
    enter_norms,
)
from arrangements.queries.norm_records import half_year_state, open_half_years, real_records
from arrangements.queries.norm_review import latest_norms, norm_text, review
from arrangements.queries.norm_words import IMPOSSIBLE, half_year_name, maximum_lines, missing_lines, state_lines
from infra import clock
from infra.read_only_admin import DeskAdmin, ReadOnlyAdmin, is_desk
from kernel.cents import AmountError, format_euro, parse_euro

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[NormsEntry]
    _CharField = forms.CharField
else:
    _ModelForm = forms.ModelForm
    _CharField = forms.CharField

_PERCENT: Final = re.compile(r"([0-9]{1,2})(?:[.,]([0-9]{1,4}))?\s*%?")
_MANY_DECIMALS: Final = re.compile(r"[0-9]{1,2}[.,][0-9]{5,}\s*%?")
# Made up belongs in the folder of examples, not in what the desk enters.
_CERTAINTIES: Final = [("", "— kies —"), *((mark, text) for mark, text in CERTAINTY_LABELS.items() if mark != "E")]
CHANGED_MEANWHILE: Final = (
    "Een collega heeft deze normen net gewijzigd. Wat u typte, staat er nog. "
    "Open de normen in een nieuw tabblad en vergelijk."
)


class EuroField(_CharField):
    """Euros as people write them; cents out, None when empty."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_euro(text)
        except AmountError as error:
            raise forms.ValidationError(str(error), code="amount") from error


class PercentField(_CharField):
    """A percentage as people write it, "13,73" or "27 %"; the text of a record out ("13.73"), "" when empty."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        if _MANY_DECIMALS.fullmatch(text):
            raise forms.ValidationError("Vul niet meer dan 4 cijfers na de komma in.", code="percent")
        found = _PERCENT.fullmatch(text)
        if found is None:
            raise forms.ValidationError("Vul een percentage in. Bijvoorbeeld 13,73.", code="percent")
        whole, decimals = found.groups()
        return f"{int(whole)}.{decimals}" if decimals else str(int(whole))


def _names() -> Iterator[tuple[str, str]]:
    for group in NORM_GROUPS:
        yield from group.labels.items()


class NormsEntryForm(_ModelForm):
    """All norms of one half-year. Everything may stay empty while it is a draft; what is typed must be readable."""

    starts = forms.TypedChoiceField(
        label="Halfjaar",
        coerce=date.fromisoformat,
        error_messages={
            "required": "Kies het halfjaar.",
            "invalid_choice": "Voor dit halfjaar zijn er al normen. Kies een ander halfjaar.",
        },
    )
    seen_hash = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = NormsEntry
        fields = ("starts",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["starts"]
            table = self.instance.norms
            self.initial["seen_hash"] = draft_hash(table)
        else:
            choices = [(starts.isoformat(), half_year_name(starts)) for starts in open_half_years(clock.today())]
            # A colleague may have taken the one that was chosen: then it is told at the field.
            self.fields["starts"].choices = choices  # type: ignore[attr-defined]  # of a TypedChoiceField
            table = latest_norms(real_records())
        for name, label in _names():
            parts = table.get(name, {})
            self._add(name, label, norm_text(name, parts), parts.get("source", ""), parts.get("certainty", ""))

    def _add(self, name: str, label: str, value: str, source: str, certainty: str) -> None:
        number = forms.TextInput(attrs={"inputmode": "decimal", "size": 14, "autocomplete": "off"})
        amount = name in AMOUNT_NAMES
        self.fields[f"{name}_value"] = (EuroField if amount else PercentField)(
            label=label, required=False, max_length=40, widget=number
        )
        self.fields[f"{name}_source"] = forms.CharField(
            label="Bron", required=False, max_length=200, widget=forms.TextInput(attrs={"size": 80})
        )
        self.fields[f"{name}_certainty"] = forms.ChoiceField(label="Zekerheid", required=False, choices=_CERTAINTIES)
        for part, initial in (("value", value), ("source", source), ("certainty", certainty)):
            self.initial.setdefault(f"{name}_{part}", initial)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.instance.pk:
            # Locked until the answer is out: what is compared here is what will be changed.
            row = NormsEntry.objects.select_for_update(of=("self",)).get(pk=self.instance.pk)
            if draft_hash(row.norms) != cleaned.get("seen_hash"):
                raise forms.ValidationError(CHANGED_MEANWHILE, code="changed")
        return cleaned

    def norms(self) -> dict[str, dict[str, Any]]:
        """What was typed, for the operation. Only after validation."""
        return {
            name: {
                "cents" if name in AMOUNT_NAMES else "percent": self.cleaned_data[f"{name}_value"],
                "source": self.cleaned_data[f"{name}_source"].strip(),
                "certainty": self.cleaned_data[f"{name}_certainty"],
            }
            for name, _label in _names()
        }


def refusal_lines(error: CannotSaveNorms) -> list[str]:
    """Why it was not done, in Dutch: a sentence, and under it a line for everything that has to be done."""
    if isinstance(error, NormsIncomplete):
        return ["De normen zijn nog niet compleet. Dit ontbreekt:", *missing_lines(error.missing)]
    if isinstance(error, NormsDoNotFit):
        wrong = maximum_lines(error.wrong)
        return ["De maxima kloppen niet:", *wrong] if wrong else [IMPOSSIBLE]
    if isinstance(error, OwnEntry):
        return ["U heeft deze normen zelf ingevoerd of gewijzigd. Een collega moet ze goedkeuren."]
    if isinstance(error, ChangedMeanwhile):
        return ["Een collega heeft deze normen net gewijzigd. Kijk ze nog een keer na."]
    if isinstance(error, NormsApproved):
        return ["Deze normen zijn al goedgekeurd."]
    if isinstance(error, NormsExist):
        return ["Voor dit halfjaar zijn er al normen."]
    return ["Alleen een medewerker van het loket mag dit doen."]


@admin.register(NormsEntry)
class NormsEntryAdmin(DeskAdmin):
    """Enter, change, look over, approve. The form is filled in with the newest norms there are."""

    class Media:
        css: ClassVar = {"all": ("arrangements/norms.css",)}

    list_display = ("half_year", "stage", "entered_by", "approved_by", "approved_at")
    list_select_related = ("entered_by", "approved_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_desk(request)

    def has_change_permission(self, request: HttpRequest, obj: NormsEntry | None = None) -> bool:
        return is_desk(request) and (obj is None or obj.approved_at is None)

    def get_form(self, request: HttpRequest, obj: NormsEntry | None = None, change: bool = False, **kwargs: Any) -> Any:
        # Not made by the factory: the fields are norms, not columns.
        return NormsEntryForm

    def get_fieldsets(self, request: HttpRequest, obj: NormsEntry | None = None) -> Any:
        if obj is not None and obj.approved_at is not None:
            return [(None, {"fields": (*_ABOUT, "approved_by", "approved_at", "table")})]
        head = _ABOUT if obj is not None else ("starts",)
        groups = [
            (group.title, {"fields": [tuple(f"{name}_{part}" for part in _PARTS) for name in group.labels]})
            for group in NORM_GROUPS
        ]
        return [(None, {"fields": (*head, "seen_hash")}), *groups]

    def get_readonly_fields(self, request: HttpRequest, obj: NormsEntry | None = None) -> tuple[str, ...]:
        return (*_ABOUT, "approved_by", "approved_at", "table") if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: NormsEntry, form: Any, change: bool) -> None:
        if change:
            change_norms(entry=obj, norms=form.norms(), seen_hash=form.cleaned_data["seen_hash"])
            return
        obj.pk = enter_norms(starts=form.cleaned_data["starts"], norms=form.norms()).pk

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        shown = NormsEntry.objects.filter(pk=unquote(object_id)).first() if object_id else None
        draft = shown is not None and shown.approved_at is None
        more = {
            "norms_state": state_lines(half_year_state(shown.starts)) if shown is not None and draft else [],
            "review_url": reverse(_REVIEW, args=[shown.pk]) if shown is not None and draft else "",
            "prefilled_from": _newest() if shown is None else "",
        }
        try:
            return super().changeform_view(request, object_id, form_url, {**more, **(extra_context or {})})
        except CannotSaveNorms as error:
            # Two people saved in the same moment; the other one was first.
            messages.error(request, " ".join(refusal_lines(error)))
            return HttpResponseRedirect(reverse("admin:arrangements_normsentry_changelist"))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        today = clock.today()
        states = [state_lines(half_year_state(day)) for day in (today, next_half_year(today))]
        return super().changelist_view(request, {"norms_states": states, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        look = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.review_view))
        return [path("<int:pk>/nakijken/", look, name=_REVIEW.removeprefix("admin:")), *super().get_urls()]

    def review_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Every norm beside the one before, and the button for the second person."""
        entry = get_object_or_404(NormsEntry.objects.select_related("entered_by"), pk=pk)
        address = reverse("admin:arrangements_normsentry_change", args=[pk])
        if entry.approved_at is not None:
            return HttpResponseRedirect(address)
        refused: list[str] = []
        if request.method == "POST":
            try:
                approve_norms(entry=entry, seen_hash=request.POST.get("seen_hash", ""))
            except CannotSaveNorms as error:
                refused = refusal_lines(error)
                entry.refresh_from_db()
            else:
                self.log_change(request, entry, "Goedgekeurd.")
                messages.success(request, f"De normen voor {half_year_name(entry.starts)} zijn goedgekeurd.")
                return HttpResponseRedirect(address)
        state = half_year_state(entry.starts)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": f"Nakijken: normen voor {half_year_name(entry.starts)}",
            "entry": entry,
            "seen_hash": draft_hash(entry.norms),
            "review": review(entry),
            "refused": refused,
            "state": [] if refused else state_lines(state),
            "own": entry.entered_by_id == request.user.pk,
            "ready": not (state.lacks or state.wrong or state.impossible),
        }
        return TemplateResponse(
            request, "admin/arrangements/normsentry/review.html", context, status=409 if refused else 200
        )

    @admin.display(description="halfjaar", ordering="starts")
    def half_year(self, entry: NormsEntry) -> str:
        return half_year_name(entry.starts)

    @admin.display(description="hoe ver")
    def stage(self, entry: NormsEntry) -> str:
        if entry.approved_at is not None:
            return "goedgekeurd"
        state = half_year_state(entry.starts)
        if state.lacks:
            return f"concept: {len(state.lacks)} van {len(list(_names()))} normen niet compleet"
        return "concept: maxima kloppen niet" if state.wrong or state.impossible else "wacht op goedkeuring"

    @admin.display(description="bedragen")
    def table(self, entry: NormsEntry) -> SafeString:
        return render_to_string("admin/arrangements/normsentry/table.html", {"review": review(entry)})


_ABOUT: Final = ("half_year", "entered_by", "entered_at")
_PARTS: Final = ("value", "certainty", "source")
_REVIEW: Final = "admin:arrangements_normsentry_review"


def _newest() -> str:
    records = real_records()
    return long_date(records[-1].starts) if records else ""


@admin.register(NormsRerun)
class NormsRerunAdmin(ReadOnlyAdmin):
    """Per new record: how many plans were looked at, and how many no longer surely fit."""

    list_display = ("norms_key", "on_date", "checked", "touched", "without_figures", "finished_at")
    fields = ("norms_key", "norms_hash", "on_date", "checked", "touched", "without_figures", "finished_at", "plans")

    def get_queryset(self, request: HttpRequest) -> QuerySet[NormsRerun]:
        rows: QuerySet[NormsRerun] = super().get_queryset(request)
        return rows.annotate(unknown=Count("lines", filter=Q(lines__new_capacity_cents__isnull=True)))

    @admin.display(description="plannen zonder inkomen in de toets")
    def without_figures(self, rerun: NormsRerun) -> int:
        return int(getattr(rerun, "unknown", 0))

    @admin.display(description="plannen")
    def plans(self, rerun: NormsRerun) -> SafeString:
        address = reverse("admin:arrangements_normsrerunline_changelist")
        return format_html(
            '<a href="{0}?rerun__id__exact={1}&amp;touched__exact=1">Geraakte plannen</a> · '
            '<a href="{0}?rerun__id__exact={1}&amp;new_capacity_cents__isnull=True">Plannen zonder inkomen in de toets</a> · '
            '<a href="{0}?rerun__id__exact={1}">Alle plannen</a>',
            address,
            rerun.pk,
        )


@admin.register(NormsRerunLine)
class NormsRerunLineAdmin(ReadOnlyAdmin):
    list_display = ("arrangement", "touched", "monthly", "old_verdict", "new_verdict", "capacities")
    list_filter = ("touched", "new_verdict", ("rerun", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("arrangement",)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup == "new_capacity_cents__isnull" or super().lookup_allowed(lookup, value, request)

    @admin.display(description="per maand", ordering="monthly_cents")
    def monthly(self, line: NormsRerunLine) -> str:
        return format_euro(line.monthly_cents, whole=False)

    @admin.display(description="zeker te missen")
    def capacities(self, line: NormsRerunLine) -> str:
        was, now = (
            "onbekend" if cents is None else format_euro(cents, whole=False)
            for cents in (line.old_capacity_cents, line.new_capacity_cents)
        )
        return f"was {was}, nu {now}"
