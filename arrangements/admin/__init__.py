"""The core in /beheer/: everything can be seen, nothing can be changed. Amounts are in cents."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join

from arrangements.admin import (
    bank,
    certificates,
    desk_words,
    director,
    money,
    monthly_run,
    norms,
    payouts,
    provider_events,
    refunds,
    refusal,
    stornos,
    termination,
    withholding,
)
from arrangements.domain.lifecycle import UNDER_WAY
from arrangements.models import (
    Answer,
    Application,
    Arrangement,
    ArrangementLine,
    Assessment,
    CaseTask,
    Claim,
    Document,
    Installment,
    Kwijtschelding,
    LedgerEntry,
    OfficialFigure,
    Payment,
    Proposal,
    ProposalLine,
    ProviderCall,
    Receipt,
)
from arrangements.operations.open_photo import open_photo
from infra.downloads import foreign_file
from infra.read_only_admin import ReadOnlyAdmin, ReadOnlyInline

__all__ = [
    "bank",
    "certificates",
    "desk_words",
    "director",
    "money",
    "monthly_run",
    "norms",
    "payouts",
    "provider_events",
    "refunds",
    "refusal",
    "stornos",
    "termination",
    "withholding",
]


class ProposalLineInline(ReadOnlyInline):
    model = ProposalLine
    fields = ("position", "creditor", "outstanding_cents", "share_cents", "waived_cents", "remains_cents")


class ArrangementLineInline(ReadOnlyInline):
    model = ArrangementLine
    fields = ("position", "creditor", "outstanding_cents", "share_cents", "paid_cents", "waived_cents", "remains_cents")


class InstallmentInline(ReadOnlyInline):
    model = Installment
    fields = ("number", "due_date", "amount_cents", "paid_cents", "state", "paid_on")


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    list_display = ("reference", "creditor", "debtor_name", "state", "told_cents", "confirmed_cents", "is_preferent")
    list_filter = ("state", "is_preferent", "dischargeable")
    search_fields = ("reference", "debtor_name", "creditor__name")
    list_select_related = ("creditor",)


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    """Without the story: that is for whom the citizen chose."""

    list_display = ("public_id", "citizen", "situation", "declared_cents", "consent_at", "closed_at", "updated_at")
    list_select_related = ("citizen",)
    exclude = ("story", "story_cause")


@admin.register(Assessment)
class AssessmentAdmin(ReadOnlyAdmin):
    list_display = (
        "on_date",
        "citizen",
        "verdict",
        "declared_cents",
        "capacity_low_cents",
        "capacity_high_cents",
        "norms_key",
        "uses_example_norms",
    )
    list_filter = ("verdict", "uses_example_norms")
    list_select_related = ("citizen",)


@admin.register(OfficialFigure)
class OfficialFigureAdmin(ReadOnlyAdmin):
    """With the photo of the paper behind a link of its own; who looked at it is written down."""

    list_display = ("entered_on", "citizen", "kind", "amount_cents", "paper", "paper_date", "seen_by", "photo_link")
    list_filter = ("kind", "paper")
    list_select_related = ("citizen", "seen_by")
    readonly_fields = ("photo_link",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OfficialFigure]:
        """Without the photos: each is megabytes."""
        return super().get_queryset(request).defer("photo")

    def get_urls(self) -> list[URLPattern]:
        photo = self.admin_site.admin_view(self.photo)
        return [path("<uuid:figure>/foto/", photo, name="arrangements_officialfigure_photo"), *super().get_urls()]

    @admin.display(description="foto")
    def photo_link(self, row: OfficialFigure) -> str:
        if not row.photo_type:
            return "–"
        return format_html(
            '<a href="{}">bekijk foto</a>', reverse("admin:arrangements_officialfigure_photo", args=[row.public_id])
        )

    def photo(self, request: HttpRequest, figure: UUID) -> HttpResponse:
        """The photo as it came, for the desk."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = open_photo(figure=figure)
        if found is None:
            raise Http404
        return foreign_file(found.content, media_type=found.media_type, name=found.name, inline=found.shown)


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "version",
        "state",
        "monthly_cents",
        "months",
        "creditor_count",
        "submitted_on",
        "answer_by",
    )
    list_filter = ("state",)
    exclude = ("story_shared", "story_cause_shared")
    inlines = (ProposalLineInline,)


@admin.register(Answer)
class AnswerAdmin(ReadOnlyAdmin):
    list_display = ("creditor", "proposal", "state", "share_cents", "answer_by", "decided_on", "left_out_on")
    list_filter = ("state",)
    search_fields = ("creditor__name",)
    list_select_related = ("creditor", "proposal")


@admin.register(Arrangement)
class ArrangementAdmin(ReadOnlyAdmin):
    list_display = (
        "payment_reference",
        "citizen",
        "state",
        "monthly_cents",
        "months",
        "pot_cents",
        "received_cents",
        "signed_on",
    )
    list_filter = ("state",)
    search_fields = ("payment_reference",)
    list_select_related = ("citizen",)
    readonly_fields = ("stop_link",)
    inlines = (ArrangementLineInline, InstallmentInline)

    def get_urls(self) -> list[URLPattern]:
        stop = self.admin_site.admin_view(self.stop)
        return [path("<int:pk>/stoppen/", stop, name=termination.URL_NAME), *super().get_urls()]

    @admin.display(description="stoppen")
    def stop_link(self, row: Arrangement) -> str:
        if row.state not in UNDER_WAY:
            return "–"
        return format_html('<a href="{}">stop deze regeling</a>', termination.stop_url(row))

    def stop(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A decision of the desk, in two steps."""
        return termination.stop_view(request, pk, site=self.admin_site)


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "arrangement", "amount_cents", "provider", "state", "created_at", "decided_at")
    list_filter = ("state", "provider")
    list_select_related = ("arrangement",)


@admin.register(ProviderCall)
class ProviderCallAdmin(ReadOnlyAdmin):
    """What a person must look at comes first: nobody knows whether it was carried out, so look at the provider by our key."""

    list_display = ("key", "provider", "operation", "state", "called_at", "settled_at", "provider_id")
    list_filter = ("state", "provider", "operation")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """To a person, then unknown, then the newest."""
        waits = [ProviderCall.State.TO_PERSON, ProviderCall.State.UNKNOWN]
        place = Case(*(When(state=state, then=number) for number, state in enumerate(waits)), default=len(waits))
        return [place, "-pk"]


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    list_display = (
        "key",
        "arrangement",
        "amount_cents",
        "divided_cents",
        "extra_cents",
        "repaid_cents",
        "reversed_cents",
        "received_on",
    )
    list_select_related = ("arrangement",)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ("id", "ledger", "kind", "key", "booked_on")
    list_filter = ("ledger", "kind")
    search_fields = ("key",)
    ordering = ("-id",)
    fields = ("ledger", "kind", "key", "booked_on", "posted")
    readonly_fields = fields

    @admin.display(description="regels: rekening, debet, credit (centen)")
    def posted(self, entry: LedgerEntry) -> str:
        rows = entry.postings.filter(booked_on=entry.booked_on).order_by("line")
        return format_html_join(
            "", "<div>{} {} {}</div>", ((row.account, row.debit_cents, row.credit_cents) for row in rows)
        )


@admin.register(Kwijtschelding)
class KwijtscheldingAdmin(ReadOnlyAdmin):
    list_display = ("granted_on", "creditor", "claim", "waived_cents", "remains_cents")
    list_select_related = ("creditor", "claim")


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ("kind", "reference", "arrangement", "citizen", "creditor", "made_on")
    list_filter = ("kind",)
    list_select_related = ("arrangement", "citizen", "creditor")
    exclude = ("pdf",)


@admin.register(CaseTask)
class CaseTaskAdmin(ReadOnlyAdmin):
    list_display = ("due_on", "kind", "citizen", "assigned_to", "text", "done_on", "refund_link")
    list_filter = ("kind",)
    list_select_related = ("citizen", "assigned_to")

    @admin.display(description="terugbetalen")
    def refund_link(self, row: CaseTask) -> str:
        """The form, filled in, for a task about money that goes back."""
        if row.done_on is not None or row.kind not in (CaseTask.Kind.REFUND, CaseTask.Kind.MONEY_AFTER_END):
            return "–"
        plan = (
            Arrangement.objects.filter(citizen_id=row.citizen_id).order_by("-pk").values_list("pk", flat=True).first()
        )
        return (
            "–" if plan is None else format_html('<a href="{}">betaal terug</a>', refunds.ask_url(arrangement_id=plan))
        )
