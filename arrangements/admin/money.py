"""Money in /beheer/: where a working day starts, the daily check, and the ledger for a stranger's eyes."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods

from arrangements.domain.ledger_journal import FORMATS
from arrangements.models import Reconciliation
from arrangements.operations.export_ledger import WrongPeriod, export_ledger, record_export
from arrangements.queries.money_desk import waiting
from arrangements.queries.reconciliation import last_of, newest, newest_per_day
from arrangements.queries.remittance import books_allow
from infra import clock, jobs, scope
from infra.read_only_admin import ReadOnlyAdmin, is_desk
from infra.scope import Scope

_DAYS: Final = 31
#: Where the work of other pages stands.
_PAGES: Final = (
    ("Daglijst van de bank", "admin:arrangements_bank_queue"),
    ("Afschriften", "admin:arrangements_statements"),
    ("Runs en vrijgeven", "admin:arrangements_moneyrun_changelist"),
    ("Maandrun", "admin:arrangements_monthly_run"),
    ("Terugbetalingen", "admin:arrangements_refunds"),
    ("Inhoudingen", "admin:arrangements_withholding"),
    ("Storno's", "admin:arrangements_stornos"),
    ("Rekeningnummers", "admin:creditors_ibanchange_changelist"),
    ("Dagelijkse controle", "admin:arrangements_reconciliation"),
    ("Grootboek downloaden", "admin:arrangements_ledger_export"),
)

admin.site.index_template = "admin/arrangements/index.html"


class DayForm(forms.Form):
    """Which day."""

    dag = forms.DateField(
        label="Dag",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "vDateField"}),
        error_messages={"required": "Kies een dag.", "invalid": "Kies een dag. Bijvoorbeeld 2027-01-31."},
    )

    def clean_dag(self) -> date:
        """Not a day that has yet to come."""
        day: date = self.cleaned_data["dag"]
        if day > clock.today():
            raise forms.ValidationError("Deze dag moet nog komen. Kies vandaag of een eerdere dag.")
        return day


class ExportForm(forms.Form):
    """Which period, and for which program."""

    van = forms.DateField(
        label="Van",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "vDateField"}),
        error_messages={"required": "Vul de eerste dag in.", "invalid": "Vul een dag in. Bijvoorbeeld 2027-01-01."},
    )
    tot = forms.DateField(
        label="Tot en met",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "vDateField"}),
        error_messages={"required": "Vul de laatste dag in.", "invalid": "Vul een dag in. Bijvoorbeeld 2027-01-31."},
    )
    soort = forms.ChoiceField(label="Voor", choices=[(name, name) for name in FORMATS], initial="beancount")

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first, and not after today."""
        given = super().clean() or {}
        first, last = given.get("van"), given.get("tot")
        if first and last and last < first:
            self.add_error("tot", "De laatste dag ligt voor de eerste. Wissel ze om.")
        elif last and last > clock.today():
            self.add_error("tot", "Deze dag moet nog komen. Kies vandaag of een eerdere dag.")
        return given


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    """Every check that was made, and the pages about money that belong to no single row."""

    list_display = ("day", "colour", "red_lines", "entry_count", "made_at")
    list_filter = ("is_green",)
    date_hierarchy = "day"
    fields = ("day", "colour", "red_lines", "entry_count", "entry_hash", "made_at", "page_link")
    readonly_fields = fields

    @admin.display(description="uitkomst")
    def colour(self, row: Reconciliation) -> str:
        return "groen" if row.is_green else "rood"

    @admin.display(description="rode regels")
    def red_lines(self, row: Reconciliation) -> str:
        return ", ".join(str(check["number"]) for check in row.checks if not check["is_green"]) or "geen"

    @admin.display(description="regels")
    def page_link(self, row: Reconciliation) -> str:
        address = reverse("admin:arrangements_reconciliation")
        return format_html('<a href="{}?dag={}">alle cijfers van deze dag</a>', address, row.day.isoformat())

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("geld/", view(require_GET(self.money_view)), name="arrangements_money"),
            path(
                "controle/",
                view(require_http_methods(["GET", "HEAD", "POST"])(self.day_view)),
                name="arrangements_reconciliation",
            ),
            path("grootboek/", view(require_GET(self.export_view)), name="arrangements_ledger_export"),
            *super().get_urls(),
        ]

    def _context(self, request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
        if not is_desk(request):
            raise PermissionDenied
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **more}

    def money_view(self, request: HttpRequest) -> HttpResponse:
        """Today at a glance: the light, what is short, and what waits for a person."""
        today = clock.today()
        last = newest()
        heaps = [(heap, reverse(heap.url_name)) for heap in waiting()]
        context = self._context(
            request,
            "Geld",
            today=today,
            last=last,
            may_pay=books_allow(today),
            cover=last.checks[3] if last and len(last.checks) > 3 else None,
            red=[check for check in last.checks if not check["is_green"]] if last else [],
            heaps=[(heap, address) for heap, address in heaps if heap.count],
            empty=[heap.label for heap, _address_of in heaps if not heap.count],
            pages=[(label, reverse(name)) for label, name in _PAGES],
        )
        return TemplateResponse(request, "admin/arrangements/reconciliation/money.html", context)

    def day_view(self, request: HttpRequest) -> HttpResponse:
        """The seven lines of a day, and the button to have it checked again."""
        if not is_desk(request):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        shown = newest()
        yesterday = clock.today() - timedelta(days=1)
        form = DayForm(asked if "dag" in asked else None, initial={"dag": shown.day if shown else yesterday})
        day = shown.day if shown else yesterday
        if form.is_bound and form.is_valid():
            day = form.cleaned_data["dag"]
        if request.method == "POST" and form.is_bound and form.is_valid():
            with transaction.atomic():
                moment = f"{clock.now():%Y%m%d%H%M%S}"
                jobs.enqueue(
                    "reconcile",
                    key=f"reconcile:{day.isoformat()}:{moment}",
                    arguments={"day": day.isoformat()},
                )
            messages.success(request, "De controle is gestart. Vernieuw de pagina over een minuut.")
            return HttpResponseRedirect(f"{reverse('admin:arrangements_reconciliation')}?dag={day.isoformat()}")
        context = self._context(
            request,
            "Dagelijkse controle van de boeken",
            form=form,
            day=day,
            row=None if form.is_bound and not form.is_valid() else last_of(day),
            days=newest_per_day(most=_DAYS),
        )
        status = 400 if form.is_bound and not form.is_valid() else 200
        return TemplateResponse(request, "admin/arrangements/reconciliation/day.html", context, status=status)

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """The ledger of a period as a file for another program; who took it along is written down."""
        if not is_desk(request):
            raise PermissionDenied
        form = ExportForm(request.GET if "van" in request.GET or "tot" in request.GET else None)
        if form.is_bound and form.is_valid():
            first, last, kind = form.cleaned_data["van"], form.cleaned_data["tot"], form.cleaned_data["soort"]
            try:
                record_export(first=first, last=last, kind=kind)
                lines = export_ledger(first=first, last=last, kind=kind)
            except WrongPeriod as refused:
                form.add_error(None, str(refused))
            else:
                response = StreamingHttpResponse(
                    _in_scope(scope.current(), lines),
                    content_type="text/plain; charset=utf-8",
                    headers={
                        "Content-Disposition": f'attachment; filename="grootboek-{first}-{last}.{FORMATS[kind]}"',
                        "X-Content-Type-Options": "nosniff",
                    },
                )
                add_never_cache_headers(response)
                return response
        context = self._context(request, "Grootboek downloaden", form=form)
        status = 400 if form.is_bound else 200
        return TemplateResponse(request, "admin/arrangements/reconciliation/export.html", context, status=status)


def _in_scope(who: Scope, lines: Iterator[str], size: int = 500) -> Iterator[bytes]:
    """The lines in pieces, each read on behalf of who asked: the server reads them after the request is over."""
    while True:
        with scope.act_as(who):
            piece = [line for line, _number in zip(lines, range(size), strict=False)]
        if not piece:
            return
        yield "".join(piece).encode()
