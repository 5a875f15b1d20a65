"""Withholding in /beheer/: who withholds, the specifications, and what a person must look at."""

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from accounts.models import User
from arrangements.domain.withholding_file import FAULTS_SHOWN
from arrangements.models import Withholder, WithholdingFile, WithholdingLine
from arrangements.operations.book_withholding import CannotPlace, ask_place_withheld
from arrangements.operations.import_withholding import (
    AlreadyImported,
    CannotImport,
    CannotWithdraw,
    import_withholding,
    withdraw_withholding,
)
from arrangements.queries.refunds import unplaced_of_file
from arrangements.queries.withholding import differing
from infra import audit
from infra.read_only_admin import DeskAdmin, ReadOnlyAdmin, is_desk
from kernel.identifiers import is_iban, mask_iban, normalize_iban

if TYPE_CHECKING:
    _WithholderForm = forms.ModelForm[Withholder]
else:
    _WithholderForm = forms.ModelForm

OVERVIEW: Final = "arrangements_withholding"
FILE: Final = "arrangements_withholding_file"


class WithholderForm(_WithholderForm):
    """Refuses an account number that cannot exist: by it we know whose transfer it is."""

    class Meta:
        model = Withholder
        fields = ("name", "iban", "email")

    def clean_iban(self) -> str:
        text = str(self.cleaned_data["iban"])
        if not is_iban(text):
            raise forms.ValidationError("Deze IBAN bestaat niet. Kijk de cijfers nog eens na.", code="iban")
        bare = normalize_iban(text)
        if Withholder.objects.filter(iban=bare).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Deze rekening hoort al bij een andere gemeente.", code="iban")
        return bare


@admin.register(Withholder)
class WithholderAdmin(DeskAdmin):
    """Added and changed by the desk, with a line in the log."""

    form = WithholderForm
    list_display = ("name", "shown_iban", "email")
    search_fields = ("name",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_desk(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_desk(request)

    @admin.display(description="rekening")
    def shown_iban(self, row: Withholder) -> str:
        return mask_iban(row.iban)

    def save_model(self, request: HttpRequest, obj: Withholder, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit.record(
            "withholder_saved", object_type="withholder", object_id=obj.pk, details={"fields": form.changed_data}
        )


class SpecificationForm(forms.Form):
    """The file, of whom it is and what stands with the transfer."""

    withholder = forms.ModelChoiceField(
        Withholder.objects.none(),
        label="Gemeente",
        empty_label="Kies een gemeente",
        error_messages={"required": "Kies een gemeente. Staat zij er niet bij? Voeg haar eerst toe."},
    )
    reference = forms.CharField(
        label="Omschrijving die de gemeente bij de overboeking zet",
        help_text="5 tot 35 letters en cijfers, bijvoorbeeld INH-2026-11.",
        max_length=35,
        error_messages={"required": "Vul de omschrijving van de overboeking in."},
    )
    file = forms.FileField(
        label="Bestand (CSV of XLSX)",
        help_text="Twee kolommen: betalingskenmerk en bedrag.",
        error_messages={"required": "Kies een bestand.", "empty": "Dit bestand is leeg."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["withholder"].queryset = Withholder.objects.all()  # type: ignore[attr-defined]  # of a ModelChoiceField


@admin.register(WithholdingFile)
class WithholdingFileAdmin(ReadOnlyAdmin):
    list_display = ("reference", "withholder", "total_cents", "state", "created_at", "booked_on", "page_link")
    list_filter = ("state", "withholder")
    list_select_related = ("withholder",)
    search_fields = ("reference", "withholder__name")
    exclude = ("sha256", "bank_line")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        both = require_http_methods(["GET", "HEAD", "POST"])
        return [
            path("werk/", view(both(self.overview)), name=OVERVIEW),
            path("<int:pk>/regels/", view(both(self.file_page)), name=FILE),
            *super().get_urls(),
        ]

    @admin.display(description="regels")
    def page_link(self, row: WithholdingFile) -> str:
        return format_html('<a href="{}">bekijk</a>', reverse(f"admin:{FILE}", args=[row.pk]))

    def overview(self, request: HttpRequest) -> HttpResponse:
        """Hand in a specification; which ones wait, and where amounts differ."""
        user = _desk_user(request)
        form = SpecificationForm(request.POST, request.FILES) if request.method == "POST" else SpecificationForm()
        faults: list[Any] = []
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            uploaded: UploadedFile[Any] = given["file"]
            try:
                made = import_withholding(
                    withholder=given["withholder"], reference=given["reference"], content=uploaded.read(), user=user
                )
            except AlreadyImported as before:
                form.add_error("file", f"Dit bestand staat er al in, met omschrijving {before.file.reference}.")
            except CannotImport as refused:
                faults = list(refused.faults)
                form.add_error(None, "Er is niets bewaard. Verbeter dit en kies het bestand opnieuw.")
            else:
                messages.success(request, "Het bestand staat klaar. Het wordt verdeeld zodra het geld er is.")
                return HttpResponseRedirect(reverse(f"admin:{FILE}", args=[made.pk]))
        rows = WithholdingFile.objects.select_related("withholder").annotate(
            line_count=Count("lines"), unknown=Count("lines", filter=Q(lines__arrangement=None))
        )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Inhoudingen op een uitkering",
            "form": form,
            "faults": faults[:FAULTS_SHOWN],
            "more_faults": max(len(faults) - FAULTS_SHOWN, 0),
            "waiting": rows.filter(state=WithholdingFile.State.WAITING),
            "differing": differing(),
            "unknown": [
                row
                for row in rows.filter(state=WithholdingFile.State.BOOKED, unknown__gt=0)[:100]
                if unplaced_of_file(row) > 0
            ],
        }
        status = 400 if form.errors else 200
        return TemplateResponse(request, "admin/arrangements/withholding/overview.html", context, status=status)

    def file_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One specification: what is booked, what is of nobody, and taking it back while it waits."""
        user = _desk_user(request)
        file = get_object_or_404(WithholdingFile.objects.select_related("withholder"), pk=pk)
        refused = ""
        if request.method == "POST":
            try:
                said = self._decide(request, file, user)
            except (CannotPlace, CannotWithdraw) as error:
                refused = str(error) or "Dit bestand is al geboekt of ingetrokken."
            else:
                messages.success(request, said)
                return HttpResponseRedirect(request.path)
        lines = WithholdingLine.objects.filter(file=file)
        unplaced = unplaced_of_file(file)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Inhouding {file.reference}",
            "file": file,
            "refused": refused,
            "typed": request.POST,
            "count": lines.count(),
            "booked": lines.filter(receipt__isnull=False).count(),
            "unknown": lines.filter(arrangement=None),
            "unplaced_cents": unplaced,
            "refund_url": f"{reverse('admin:arrangements_refund_ask')}?bankregel={file.bank_line_id}"
            if unplaced
            else "",
            "back": reverse(f"admin:{OVERVIEW}"),
        }
        return TemplateResponse(
            request, "admin/arrangements/withholding/file.html", context, status=409 if refused else 200
        )

    def _decide(self, request: HttpRequest, file: WithholdingFile, user: User) -> str:
        if "intrekken" in request.POST:
            withdraw_withholding(file_id=file.pk, user=user)
            return "Het bestand is ingetrokken. U kunt het goede bestand erin zetten."
        line = request.POST.get("regel", "")
        if not line.isascii() or not line.isdigit() or not file.lines.filter(pk=int(line)).exists():
            raise CannotPlace("Kies een regel van dit bestand.")
        ask_place_withheld(line_id=int(line), payment_reference=request.POST.get("kenmerk", ""), user=user)
        return "Dit bedrag wordt bij deze regeling geboekt. Dat duurt een ogenblik."


def _desk_user(request: HttpRequest) -> User:
    if not is_desk(request) or not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
