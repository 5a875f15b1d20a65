"""Paying on in /beheer/: two people release a run, hand in its file, and check other account numbers of creditors."""

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from accounts.models import User
from arrangements.models import MoneyRun, PayoutBatch, PayoutFile, PayoutLine, RunApproval
from arrangements.operations.approve_run import CannotApprove, approve_run
from arrangements.operations.block_iban import NotBlocked, ask_unblock
from arrangements.operations.change_iban import (
    OPEN,
    CannotChangeIban,
    approve_iban_change,
    refuse_iban_change,
)
from arrangements.operations.pay_out import ask_run
from arrangements.operations.submit_run import ask_mark_submitted, export_file
from arrangements.operations.withdraw_run import ask_withdraw
from arrangements.payments.registry import channel
from arrangements.queries.remittance import books_allow
from arrangements.queries.run_release import run_page, runs
from creditors.models import Creditor, IbanChange
from infra import clock
from infra.downloads import foreign_file
from infra.read_only_admin import ReadOnlyAdmin, ReadOnlyInline, is_desk
from kernel.cents import format_euro

_RELEASE: Final = "arrangements_run_release"
_ASK: Final = "arrangements_run_ask"
_DECIDE: Final = "creditors_ibanchange_decide"
_UNBLOCK: Final = "creditors_iban_unblock"


def _user(request: HttpRequest) -> User:
    user = request.user
    if not is_desk(request) or not isinstance(user, User):
        raise PermissionDenied
    return user


class ApproveForm(forms.Form):
    """The total that was on the screen, and the yes to the names."""

    total_cents = forms.IntegerField(widget=forms.HiddenInput)
    names_checked = forms.BooleanField(
        label="Ik heb de namen en rekeningnummers nagekeken, in elk geval waar iets nieuw is", required=False
    )


class WithdrawForm(forms.Form):
    """Why the run does not go on."""

    reason = forms.CharField(
        label="Waarom gaat deze run niet door?",
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class AskRunForm(forms.Form):
    """For whom: one creditor, or all."""

    creditor = forms.ModelChoiceField(
        label="Voor welke organisatie?",
        queryset=Creditor.objects.filter(participates=True),
        empty_label="Alle organisaties",
        required=False,
        error_messages={"invalid_choice": "Kies een organisatie uit de lijst."},
    )


@admin.register(MoneyRun)
class MoneyRunAdmin(ReadOnlyAdmin):
    """All runs. What is done with one is on its own page."""

    change_list_template = "admin/arrangements/moneyrun/change_list.html"
    list_display = (
        "period",
        "kind",
        "run_date",
        "state",
        "total",
        "batch_count",
        "line_count",
        "approved",
        "release_link",
    )
    list_filter = ("kind", "state")
    exclude = ("public_id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[MoneyRun]:
        return runs()

    def get_urls(self) -> list[URLPattern]:
        allow = require_http_methods(["GET", "HEAD", "POST"])
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/vrijgeven/", view(allow(self.release_view)), name=_RELEASE),
            path("nieuw/", view(allow(self.ask_view)), name=_ASK),
            *super().get_urls(),
        ]

    @admin.display(description="totaal", ordering="total_cents")
    def total(self, run: MoneyRun) -> str:
        return format_euro(run.total_cents, whole=False)

    @admin.display(description="goedgekeurd door")
    def approved(self, run: MoneyRun) -> str:
        return f"{getattr(run, 'approved', 0)} van 2"

    @admin.display(description="bekijken")
    def release_link(self, run: MoneyRun) -> str:
        label = "nakijken en vrijgeven" if run.state == MoneyRun.State.BUILT else "bekijken"
        return format_html('<a href="{}">{}</a>', reverse(f"admin:{_RELEASE}", args=[run.pk]), label)

    def release_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Totals, what is new and who is left out; and what may be done with the run now."""
        user = _user(request)
        run = get_object_or_404(MoneyRun, pk=pk)
        approve = ApproveForm(initial={"total_cents": run.total_cents})
        withdraw = WithdrawForm()
        refused = ""
        if request.method == "POST":
            try:
                answer = self._do(request, run, user)
            except CannotApprove as error:
                refused = str(error)
                approve = ApproveForm(request.POST if "approve" in request.POST else None, initial=approve.initial)
                withdraw = WithdrawForm(request.POST if "withdraw" in request.POST else None)
                run.refresh_from_db()
            else:
                return answer or HttpResponseRedirect(request.path)
        shown = run_page(run)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Run {run.period}",
            "shown": shown,
            "run": run,
            "refused": refused,
            "approve": approve,
            "withdraw": withdraw,
            "own": any(one.user_id == user.pk for one in shown.approvals),
            "books_allow": books_allow(clock.today()),
            "by_hand": channel() is None,
            "is_built": run.state == MoneyRun.State.BUILT,
            "is_released": run.state in (MoneyRun.State.RELEASED, MoneyRun.State.SUBMITTED, MoneyRun.State.DONE),
        }
        return TemplateResponse(
            request, "admin/arrangements/moneyrun/release.html", context, status=409 if refused else 200
        )

    def _do(self, request: HttpRequest, run: MoneyRun, user: User) -> HttpResponse | None:
        if "approve" in request.POST:
            form = ApproveForm(request.POST)
            if not form.is_valid():
                raise CannotApprove("Het totaal ontbreekt. Laad de pagina opnieuw.")
            approve_run(
                run=run,
                user=user,
                total_cents=form.cleaned_data["total_cents"],
                names_checked=form.cleaned_data["names_checked"],
            )
            messages.success(request, "Goedgekeurd. Met twee goedkeuringen gaat de run naar de bank.")
        elif "withdraw" in request.POST:
            ask_withdraw(run=run, user=user, reason=request.POST.get("reason", ""))
            messages.success(request, "De run wordt ingetrokken. Het geld wacht weer op een volgende run.")
        elif "file" in request.POST:
            return self._file(request, run, user)
        return None

    def _file(self, request: HttpRequest, run: MoneyRun, user: User) -> HttpResponse | None:
        number = request.POST.get("file", "")
        file = PayoutFile.objects.filter(run=run, pk=int(number) if number.isdecimal() else 0).first()
        if file is None:
            raise CannotApprove("Dit bestand hoort niet bij deze run. Laad de pagina opnieuw.")
        if "handed_in" in request.POST:
            ask_mark_submitted(file=file, user=user)
            messages.success(request, "Genoteerd: het bestand is bij de bank.")
            return None
        content, _export = export_file(file=file, user=user, again=bool(request.POST.get("again")))
        return foreign_file(content, media_type="application/xml", name=f"{file.message_id}.xml", inline=False)

    def ask_view(self, request: HttpRequest) -> HttpResponse:
        """A run between the monthly ones, for one creditor or for all. Two people release it like any other."""
        user = _user(request)
        form = AskRunForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                ask_run(user=user, creditor=form.cleaned_data["creditor"])
            except CannotApprove as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, "De run wordt gemaakt. Hij staat zo in de lijst.")
                return HttpResponseRedirect(reverse("admin:arrangements_moneyrun_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Nu doorbetalen",
            "form": form,
        }
        return TemplateResponse(request, "admin/arrangements/moneyrun/ask.html", context)


@admin.register(RunApproval)
class RunApprovalAdmin(ReadOnlyAdmin):
    list_display = ("run", "user", "total_cents", "names_checked", "approved_on")
    list_select_related = ("run", "user")


class PayoutLineInline(ReadOnlyInline):
    model = PayoutLine
    fields = ("reference", "amount_cents", "set_off_cents", "end_to_end_id", "returned_on", "return_reason")


@admin.register(PayoutBatch)
class PayoutBatchAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "creditor",
        "run_date",
        "total_cents",
        "set_off_cents",
        "line_count",
        "state",
        "booked_on",
    )
    list_filter = ("state",)
    search_fields = ("number", "creditor__name")
    list_select_related = ("creditor",)
    inlines = (PayoutLineInline,)


class DecideForm(forms.Form):
    """How it was checked, or why not."""

    how_checked = forms.CharField(
        label="Hoe is dit gecontroleerd?",
        help_text="Bel een nummer dat u al kende, niet een nummer uit de aanvraag. Schrijf op wie u sprak, en wanneer.",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
    )


@admin.register(IbanChange)
class IbanChangeAdmin(ReadOnlyAdmin):
    """Another account for a creditor: asked in the console, checked here by somebody else."""

    change_list_template = "admin/creditors/ibanchange/change_list.html"
    list_display = ("creditor", "old_iban", "iban", "state", "asked_by", "asked_on", "effective_on", "decide_link")
    list_filter = ("state",)
    list_select_related = ("creditor", "asked_by")

    def get_urls(self) -> list[URLPattern]:
        allow = require_http_methods(["GET", "HEAD", "POST"])
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/controleren/", view(allow(self.decide_view)), name=_DECIDE),
            path("organisatie/<int:pk>/", view(allow(self.unblock_view)), name=_UNBLOCK),
            *super().get_urls(),
        ]

    @admin.display(description="controleren")
    def decide_link(self, change: IbanChange) -> str:
        if change.state not in OPEN:
            return "–"
        return format_html('<a href="{}">controleren</a>', reverse(f"admin:{_DECIDE}", args=[change.pk]))

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Old and new beside each other; approve with how it was checked, or refuse with why."""
        user = _user(request)
        change = get_object_or_404(IbanChange.objects.select_related("creditor", "asked_by"), pk=pk)
        form = DecideForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            decide = approve_iban_change if "approve" in request.POST else refuse_iban_change
            try:
                decide(change=change, user=user, how_checked=form.cleaned_data["how_checked"])
            except CannotChangeIban as error:
                form.add_error(None, str(error))
                change.refresh_from_db()
            else:
                messages.success(request, "Opgeslagen. De organisatie krijgt bericht.")
                return HttpResponseRedirect(reverse("admin:creditors_ibanchange_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Rekeningnummer van {change.creditor}",
            "change": change,
            "form": form,
            "open": change.state in OPEN,
            "asked": change.state == IbanChange.State.ASKED,
            "own": change.asked_by_id == user.pk,
        }
        return TemplateResponse(
            request, "admin/creditors/ibanchange/decide.html", context, status=409 if form.errors else 200
        )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        blocked = Creditor.objects.exclude(iban_blocked_on=None).order_by("name")
        return super().changelist_view(request, {"blocked": blocked, **(extra_context or {})})

    def unblock_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The account of a creditor is right after all: say how that was checked."""
        user = _user(request)
        creditor = get_object_or_404(Creditor, pk=pk)
        form = DecideForm(request.POST if request.method == "POST" else None)
        back = reverse("admin:creditors_ibanchange_changelist")
        if request.method == "POST" and form.is_valid():
            try:
                ask_unblock(creditor=creditor, user=user, how_checked=form.cleaned_data["how_checked"])
            except ValueError:
                form.add_error("how_checked", "Schrijf op hoe u de rekening heeft gecontroleerd.")
            except NotBlocked:
                messages.info(request, "Deze rekening is niet geblokkeerd.")
                return HttpResponseRedirect(back)
            else:
                messages.success(request, "De rekening is vrij. De volgende run betaalt weer.")
                return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Rekening van {creditor} vrijgeven",
            "creditor": creditor,
            "form": form,
        }
        return TemplateResponse(
            request, "admin/creditors/ibanchange/unblock.html", context, status=409 if form.errors else 200
        )
