"""The bank in /beheer/: statements are handed in and looked over, and a person decides what the rules leave open."""

from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods

from accounts.models import User
from arrangements.models import Arrangement, BankFile, BankLine, BankStatement, MoneyDecision
from arrangements.operations.decide_bank_line import (
    CannotDecide,
    approve_decision,
    decide_bank_line,
    withdraw_decision,
)
from arrangements.operations.hand_in_statement import hand_in_statement
from arrangements.payments.bank_file import FileRefused
from arrangements.payments.camt053 import UPLOAD_LIMIT
from arrangements.queries.bank_queue import found_by, unplaced, waiting_lines
from infra import clock, scope
from infra.read_only_admin import ReadOnlyAdmin, is_desk
from infra.scope import Scope
from kernel.cents import format_euro

QUEUE: Final = "admin:arrangements_bank_queue"
DECIDE: Final = "admin:arrangements_bank_decide"
STATEMENTS: Final = "admin:arrangements_statements"
_PER_PAGE: Final = 25
_STYLE: Final = {"all": ("arrangements/bank.css",)}
_SAID: Final = {
    MoneyDecision.Kind.PLACE: "Het geld wordt bij de regeling geboekt.",
    MoneyDecision.Kind.TOP_UP: "Het geld wordt geboekt als eigen geld.",
    MoneyDecision.Kind.SEND_BACK: "Uw voorstel staat klaar. Een collega moet het goedkeuren.",
}


class StatementForm(forms.Form):
    """One file of the bank."""

    file = forms.FileField(
        label="Bestand van de bank (camt.053)",
        help_text="Een XML-bestand van ten hoogste 10 MB. Het gaat er helemaal in, of helemaal niet.",
        widget=forms.FileInput(attrs={"accept": ".xml,.camt,application/xml,text/xml"}),
        error_messages={
            "required": "Kies eerst een bestand.",
            "missing": "Kies eerst een bestand.",
            "empty": "Het bestand is leeg. Download het opnieuw bij de bank.",
            "invalid": "Kies eerst een bestand.",
            "max_length": "De naam van het bestand is te lang. Geef het een kortere naam.",
        },
    )

    def clean_file(self) -> Any:
        given = self.cleaned_data["file"]
        if given.size > UPLOAD_LIMIT:
            raise forms.ValidationError(
                f"Het bestand is groter dan {UPLOAD_LIMIT // 1_000_000} MB. Vraag de bank om kleinere bestanden, per dag.",
                code="size",
            )
        return given


def _user(request: HttpRequest) -> User:
    if not is_desk(request) or not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _desk(user: User, citizen_id: int | None = None) -> Scope:
    return Scope(user_id=user.pk, citizen_id=citizen_id, desk=True, reason="loket kijkt naar geld van de bank")


@admin.register(BankFile)
class BankFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "state", "reason", "uploaded_by", "created_at")
    list_filter = ("state",)
    list_select_related = ("uploaded_by",)
    exclude = ("content",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankFile]:
        """Without the files themselves: each may be megabytes."""
        return super().get_queryset(request).defer("content")


@admin.register(BankStatement)
class BankStatementAdmin(ReadOnlyAdmin):
    """Statements, and the page where one is handed in."""

    class Media:
        css: ClassVar = _STYLE

    list_display = ("identification", "number", "closed_on", "opening", "closing", "gap_before")
    list_filter = ("gap_before",)

    @admin.display(description="beginsaldo")
    def opening(self, row: BankStatement) -> str:
        return format_euro(row.opening_cents, whole=False)

    @admin.display(description="eindsaldo")
    def closing(self, row: BankStatement) -> str:
        return format_euro(row.closing_cents, whole=False)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.statements_view))
        return [path("overzicht/", view, name=STATEMENTS.removeprefix("admin:")), *super().get_urls()]

    def statements_view(self, request: HttpRequest) -> HttpResponse:
        """Hand in a file; below it what came of the last ones, and the statements with their balances and gaps."""
        user = _user(request)
        form = StatementForm(request.POST, request.FILES) if request.method == "POST" else StatementForm()
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data["file"]
            try:
                with scope.act_as(_desk(user)):
                    row, is_new = hand_in_statement(name=given.name, content=given.read(), user=user)
            except FileRefused as refused:
                form.add_error("file", str(refused))
            else:
                if is_new:
                    messages.success(request, "Het bestand is binnen. Wij lezen het nu; de uitkomst staat hieronder.")
                elif row.state == BankFile.State.REFUSED:
                    messages.info(request, "Dit bestand was geweigerd. Wij lezen het nog een keer.")
                else:
                    messages.info(request, "Dit bestand stond er al in. Er is niets veranderd.")
                return HttpResponseRedirect(reverse(STATEMENTS))
        statements = BankStatement.objects.select_related("file").defer("file__content").annotate(rows=Count("lines"))
        page = Paginator(statements.order_by("-closed_on", "-number", "-id"), _PER_PAGE).get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": "Afschriften van de bank",
            "form": form,
            "files": BankFile.objects.defer("content").select_related("uploaded_by")[:10],
            "page": page,
            "waiting": unplaced().count(),
        }
        return TemplateResponse(request, "admin/arrangements/bankstatement/statements.html", context)


@admin.register(BankLine)
class BankLineAdmin(ReadOnlyAdmin):
    """Lines of the bank, and the queue of those that a person must decide about."""

    class Media:
        css: ClassVar = _STYLE

    list_display = ("booked_on", "amount", "counterparty_name", "meaning", "evidence", "arrangement")
    list_filter = ("meaning", ("statement", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("arrangement", "statement")
    search_fields = ("counterparty_name", "structured_reference", "end_to_end_id")

    @admin.display(description="bedrag", ordering="amount_cents")
    def amount(self, row: BankLine) -> str:
        return format_euro(row.amount_cents, whole=False)

    def get_urls(self) -> list[URLPattern]:
        queue = self.admin_site.admin_view(require_http_methods(["GET", "HEAD"])(self.queue_view))
        decide = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.decide_view))
        return [
            path("te-doen/", queue, name=QUEUE.removeprefix("admin:")),
            path("<int:pk>/beslissen/", decide, name=DECIDE.removeprefix("admin:")),
            *super().get_urls(),
        ]

    def queue_view(self, request: HttpRequest) -> HttpResponse:
        """What nobody placed, the oldest first."""
        _user(request)
        page = Paginator(unplaced(), _PER_PAGE).get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": "Geld dat een mens moet plaatsen",
            "page": page,
            "rows": waiting_lines(list(page.object_list), clock.today()),
        }
        return TemplateResponse(request, "admin/arrangements/bankline/queue.html", context)

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One line: place it, call it our own money, or send it back."""
        user = _user(request)
        line = get_object_or_404(BankLine.objects.select_related("statement", "arrangement"), pk=pk)
        refused = ""
        if request.method == "POST":
            try:
                messages.success(request, _decide(request, user, line))
            except CannotDecide as error:
                refused = str(error)
            else:
                return HttpResponseRedirect(reverse(QUEUE))
        asked = (request.POST if request.method == "POST" else request.GET).get("zoek", "").strip()[:40]
        (row,) = waiting_lines([line], clock.today())
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": f"Wat is deze {format_euro(line.amount_cents, whole=False)}?",
            "row": row,
            "refused": refused,
            "asked": asked,
            "found": found_by(asked) if asked else [],
            "own_proposal": row.decision is not None and row.decision.decided_by_id == user.pk,
            "done": MoneyDecision.objects.filter(bank_line=line, done_on__isnull=False).select_related("decided_by"),
        }
        return TemplateResponse(
            request, "admin/arrangements/bankline/decide.html", context, status=409 if refused else 200
        )


def _decide(request: HttpRequest, user: User, line: BankLine) -> str:
    """Carry out the button that was pressed; what to say about it. Raises CannotDecide."""
    action = request.POST.get("besluit", "")
    if action in ("goedkeuren", "intrekken"):
        decision = MoneyDecision.objects.filter(bank_line=line, done_on=None).first()
        if decision is None:
            raise CannotDecide("Hierover is al besloten. Kijk de lijst nog een keer na.")
        with scope.act_as(_desk(user)):
            if action == "goedkeuren":
                approve_decision(decision=decision, user=user)
                return "Goedgekeurd. Het geld gaat terug naar de afzender."
            withdraw_decision(decision=decision)
            return "Het voorstel is ingetrokken."
    if action not in _SAID:
        raise CannotDecide("Kies wat er met dit geld moet gebeuren.")
    kind = MoneyDecision.Kind(action)
    arrangement = None
    if kind == MoneyDecision.Kind.PLACE:
        number = request.POST.get("regeling", "")
        if number.isascii() and number.isdigit() and len(number) <= 9:
            arrangement = Arrangement.objects.filter(pk=int(number)).first()
    with scope.act_as(_desk(user, arrangement.citizen_id if arrangement is not None else None)):
        decide_bank_line(line=line, kind=kind, user=user, arrangement=arrangement, note=request.POST.get("note", ""))
    return _SAID[kind]
