"""The proof of equal treatment in /beheer/: which plans have it, and the full list of one plan for an auditor or a court."""

from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from arrangements.models import CertificateList
from arrangements.operations.open_certificate_list import open_certificate_list
from arrangements.queries.certificates import FILE_TYPE, check_file, file_of
from infra.downloads import foreign_file
from infra.read_only_admin import ReadOnlyAdmin


@admin.register(CertificateList)
class CertificateListAdmin(ReadOnlyAdmin):
    list_display = ("label", "citizen", "made_on", "file_link")
    list_select_related = ("citizen",)
    search_fields = ("subject", "root")
    fields = ("subject", "label", "citizen", "made_on", "root", "key_id", "checks", "file_link")
    readonly_fields = ("checks", "file_link")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CertificateList]:
        """Without the lists themselves: those are opened one by one, and that is written down."""
        return super().get_queryset(request).defer("document")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.file)
        return [
            path("<uuid:certificate_list>/lijst.json", view, name="arrangements_certificatelist_file"),
            *super().get_urls(),
        ]

    @admin.display(description="volledige lijst")
    def file_link(self, row: CertificateList) -> str:
        address = reverse("admin:arrangements_certificatelist_file", args=[row.public_id])
        return format_html('<a href="{}">download voor een accountant of rechter (JSON)</a>', address)

    @admin.display(description="controle")
    def checks(self, row: CertificateList) -> str:
        """What the check says now, one line each."""
        found = check_file(file_of(row)).checks
        return "\n".join(
            f"{'goed' if check.good else 'FOUT'}: {check.title}{''.join(f' – {fault}' for fault in check.faults)}"
            for check in found
        )

    def file(self, request: HttpRequest, certificate_list: UUID) -> HttpResponse:
        """The signed list, for the desk to hand to an auditor."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = open_certificate_list(certificate_list=certificate_list)
        if found is None:
            raise Http404
        return foreign_file(found, media_type=FILE_TYPE, name=f"volledige-lijst-{certificate_list}.json")
