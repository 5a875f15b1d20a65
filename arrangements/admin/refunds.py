"""Giving money back, in /beheer/: what is asked, what waits for a second person, what is on its way."""

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from accounts.models import User
from arrangements.domain.lifecycle import PaymentState
from arrangements.domain.refund import CannotRefund
from arrangements.models import Arrangement, BankLine, PayoutFile, Receipt, Refund
from arrangements.operations.ask_refund import approve_refund, ask_refund, withdraw_refund
from arrangements.queries.refunds import due_to_citizen, free_of_line, free_of_payment
from infra import scope
from infra.downloads import foreign_file
from infra.forms import EuroField
from infra.read_only_admin import ReadOnlyAdmin, is_desk
from infra.scope import Scope
from kernel.cents import format_euro
from kernel.identifiers import format_iban

if TYPE_CHECKING:
    from django.http import QueryDict

OVERVIEW: Final = "arrangements_refunds"
ASK: Final = "arrangements_refund_ask"
APPROVE: Final = "arrangements_refund_approve"
FILE: Final = "arrangements_refund_file"
_FOR_CITIZEN: Final = [one for one in Refund.Reason.choices if one[0] != Refund.Reason.UNIDENTIFIED]


class RefundForm(forms.Form):
    """Of an arrangement: how much, why, and where to. For money of nobody only how much: it goes where it came from."""

    reason = forms.ChoiceField(label="Waarom", choices=_FOR_CITIZEN, error_messages={"required": "Kies een reden."})
    amount = EuroField(label="Bedrag in euro", allow_zero=False)
    payment = forms.ChoiceField(
        label="Waarheen",
        required=False,
        help_text="Via de aanbieder komt het op de rekening waarmee de burger betaalde. Dan is geen IBAN nodig.",
    )
    iban = forms.CharField(label="IBAN", required=False, max_length=40, widget=forms.TextInput(attrs={"size": 28}))
    account_name = forms.CharField(
        label="Naam bij de rekening",
        required=False,
        max_length=70,
        help_text="Zoals de burger die aan u noemde. De collega die goedkeurt, kijkt of zij past.",
    )

    def __init__(self, *args: Any, payments: list[tuple[str, str]], unknown: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if unknown:
            for name in ("reason", "payment", "iban", "account_name"):
                del self.fields[name]
        else:
            choices = [*payments, ("", "Naar een rekening, met IBAN")]
            self.fields["payment"].choices = choices  # type: ignore[attr-defined]  # of a ChoiceField


class ApprovalForm(forms.Form):
    """The second person says what was looked at."""

    name_checked = forms.BooleanField(
        label="Ik heb gekeken of de naam bij de rekening past bij degene van wie het geld is",
        error_messages={"required": "Kijk eerst naar de naam, en zet dan het vinkje."},
    )


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = (
        "end_to_end_id",
        "reason",
        "amount_cents",
        "state",
        "asked_on",
        "approved_on",
        "paid_on",
        "page_link",
    )
    list_filter = ("state", "reason")
    search_fields = ("end_to_end_id", "arrangement__payment_reference")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        both, read = require_http_methods(["GET", "HEAD", "POST"]), require_http_methods(["GET", "HEAD"])
        return [
            path("werk/", view(read(self.overview)), name=OVERVIEW),
            path("nieuw/", view(both(self.ask)), name=ASK),
            path("<int:pk>/nakijken/", view(both(self.look)), name=APPROVE),
            path("bestand/<uuid:file>/", view(read(self.file)), name=FILE),
            *super().get_urls(),
        ]

    @admin.display(description="nakijken")
    def page_link(self, row: Refund) -> str:
        return format_html('<a href="{}">bekijk</a>', reverse(f"admin:{APPROVE}", args=[row.pk]))

    def overview(self, request: HttpRequest) -> HttpResponse:
        """What waits for a second person, what is on its way, and what came back."""
        _desk_user(request)
        rows = Refund.objects.select_related("arrangement__citizen", "asked_by")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Terugbetalingen",
            "asked": rows.filter(state=Refund.State.ASKED).order_by("asked_on", "pk"),
            "under_way": rows.filter(state__in=[Refund.State.APPROVED, Refund.State.SUBMITTED]).order_by("pk"),
            "failed": rows.filter(state=Refund.State.FAILED)[:50],
            "files": PayoutFile.objects.filter(run=None, refunds__isnull=False).defer("packed").distinct()[:20],
        }
        return TemplateResponse(request, "admin/arrangements/refund/overview.html", context)

    def ask(self, request: HttpRequest) -> HttpResponse:
        """The form of the first person, filled in with what is due and where it came from."""
        user = _desk_user(request)
        arrangement, line = _subject(request.GET)
        if arrangement is None and line is None:
            messages.info(request, "Kies eerst een regeling, of een regel van de bank die niet is geplaatst.")
            return HttpResponseRedirect(reverse(f"admin:{OVERVIEW}"))
        receipts = _payments_back(arrangement) if arrangement is not None else []
        available = due_to_citizen(arrangement.pk).free_cents if arrangement else free_of_line(_sure(line))
        form = RefundForm(
            request.POST if request.method == "POST" else None,
            payments=[(str(one.payment_id), _way_back(one)) for one in receipts],
            unknown=arrangement is None,
            initial=_first_guess(arrangement, receipts, available),
        )
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            chosen = next((one.payment for one in receipts if str(one.payment_id) == given.get("payment")), None)
            try:
                with scope.act_as(_scope(user, arrangement)):
                    made = ask_refund(
                        reason=Refund.Reason(given["reason"]) if arrangement else Refund.Reason.UNIDENTIFIED,
                        user=user,
                        arrangement=arrangement,
                        bank_line=line if arrangement is None else None,
                        payment=chosen,
                        amount_cents=given["amount"],
                        iban=given.get("iban", "") if chosen is None else "",
                        account_name=given.get("account_name", "") if chosen is None else "",
                    )
            except CannotRefund as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused))
            else:
                messages.success(request, "De terugbetaling wacht op een tweede medewerker.")
                return HttpResponseRedirect(reverse(f"admin:{APPROVE}", args=[made.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Geld terugbetalen",
            "form": form,
            "arrangement": arrangement,
            "line": line if arrangement is None else None,
            "available": available,
            "back": reverse(f"admin:{OVERVIEW}"),
        }
        status = 400 if form.errors else 200
        return TemplateResponse(request, "admin/arrangements/refund/ask.html", context, status=status)

    def look(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page of the second person: amount, where the money came from, the name; and yes or not after all."""
        user = _desk_user(request)
        refund = get_object_or_404(
            Refund.objects.select_related("arrangement__citizen", "bank_line", "payment", "asked_by", "approved_by"),
            pk=pk,
        )
        yes = request.method == "POST" and "goedkeuren" in request.POST
        form = ApprovalForm(request.POST if yes else None)
        refused = ""
        if request.method == "POST" and (not yes or form.is_valid()):
            try:
                with scope.act_as(_scope(user, refund.arrangement)):
                    if yes:
                        approve_refund(refund=refund, user=user)
                    else:
                        withdraw_refund(refund=refund, user=user)
            except CannotRefund as error:
                refused = str(error)
            else:
                messages.success(
                    request, "De terugbetaling is goedgekeurd." if yes else "De terugbetaling is ingetrokken."
                )
                return HttpResponseRedirect(reverse(f"admin:{OVERVIEW}"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Terugbetaling nakijken",
            "refund": refund,
            "form": form,
            "refused": refused,
            "own": refund.asked_by_id == user.pk,
            "iban": format_iban(refund.iban) if refund.iban else "",
            "came_from": _came_from(refund),
            "due": due_to_citizen(refund.arrangement_id) if refund.arrangement_id else None,
            "waits": refund.state == Refund.State.ASKED,
            "may_withdraw": refund.state in (Refund.State.ASKED, Refund.State.APPROVED) and refund.file_id is None,
            "back": reverse(f"admin:{OVERVIEW}"),
        }
        return TemplateResponse(request, "admin/arrangements/refund/look.html", context, status=409 if refused else 200)

    def file(self, request: HttpRequest, file: Any) -> HttpResponse:
        """The pain.001 file with refunds, for whoever hands it in at the bank."""
        _desk_user(request)
        row = get_object_or_404(PayoutFile.objects.filter(run=None, refunds__isnull=False).distinct(), public_id=file)
        return foreign_file(row.content, media_type="application/xml", name=f"{row.message_id}.xml")


def ask_url(*, arrangement_id: int) -> str:
    """The form, filled in for this arrangement."""
    return f"{reverse(f'admin:{ASK}')}?{urlencode({'regeling': arrangement_id})}"


def _desk_user(request: HttpRequest) -> User:
    if not is_desk(request) or not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _scope(user: User, arrangement: Arrangement | None) -> Scope:
    return Scope(
        user_id=user.pk,
        citizen_id=arrangement.citizen_id if arrangement else None,
        desk=True,
        reason="loket betaalt geld terug",
    )


def _sure(line: BankLine | None) -> BankLine:
    assert line is not None  # noqa: S101  one of the two is there
    return line


def _subject(asked: "QueryDict") -> tuple[Arrangement | None, BankLine | None]:
    """What the money is of, as the address says; nothing when it says nothing that exists."""
    arrangement_id, line_id = _number(asked.get("regeling", "")), _number(asked.get("bankregel", ""))
    arrangement = (
        Arrangement.objects.select_related("citizen").filter(pk=arrangement_id).first() if arrangement_id else None
    )
    line = BankLine.objects.filter(pk=line_id, amount_cents__gt=0).first() if line_id and arrangement is None else None
    return arrangement, line


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _payments_back(arrangement: Arrangement) -> list[Receipt]:
    """Receipts through a provider of which something can go back that way, the newest first."""
    receipts = (
        Receipt.objects.filter(
            arrangement=arrangement,
            extra_cents__gt=0,
            payment__state__in=[PaymentState.SUCCEEDED, PaymentState.SETTLED],
        )
        .select_related("payment")
        .order_by("-pk")
    )
    return [one for one in receipts if one.payment is not None and free_of_payment(one.payment) > 0]


def _way_back(receipt: Receipt) -> str:
    return (
        f"Via de aanbieder: de betaling van {format_euro(receipt.amount_cents, whole=False)} "
        f"op {receipt.received_on:%d-%m-%Y}"
    )


def _first_guess(arrangement: Arrangement | None, receipts: list[Receipt], available: int) -> dict[str, Any]:
    """What most likely is right; the person changes it."""
    if arrangement is None:
        return {"amount": available}
    last = (
        Receipt.objects.filter(arrangement=arrangement, extra_cents__gt=0)
        .select_related("bank_line")
        .order_by("-pk")
        .first()
    )
    sender = last.bank_line if last is not None else None
    after_end = last is not None and last.kind == Receipt.Kind.AFTER_END
    if last is None:
        reason = Refund.Reason.DISPUTE_LOST
    else:
        reason = Refund.Reason.AFTER_END if after_end else Refund.Reason.OVERPAID
    return {
        "amount": min(available, receipts[0].extra_cents) if receipts else available,
        "reason": reason,
        "payment": str(receipts[0].payment_id) if receipts else "",
        "iban": format_iban(sender.counterparty_iban) if sender and not receipts else "",
        "account_name": sender.counterparty_name if sender and not receipts else "",
    }


def _came_from(refund: Refund) -> list[str]:
    """Where the money came from, in sentences for whoever approves."""
    if refund.arrangement is None and refund.bank_line is not None:
        line = refund.bank_line
        amount = format_euro(line.amount_cents, whole=False)
        sender = f"{line.counterparty_name or 'onbekend'}, {format_iban(line.counterparty_iban)}"
        return [f"Op {line.booked_on:%d-%m-%Y} kwam {amount} van {sender}. Tekst: {line.text or 'geen'}"]
    receipts = Receipt.objects.filter(arrangement=refund.arrangement, extra_cents__gt=0).select_related("bank_line")
    return [
        f"Op {one.received_on:%d-%m-%Y} kwam {format_euro(one.amount_cents, whole=False)} "
        f"({one.get_source_display().lower()}{_sender(one)}). Daarvan gaat terug: {format_euro(one.extra_cents, whole=False)}"
        for one in receipts.order_by("-pk")[:20]
    ] or ["Het geld stond apart voor een schuld die niemand meer vraagt."]


def _sender(receipt: Receipt) -> str:
    if receipt.bank_line is None:
        return ""
    return (
        f", van {receipt.bank_line.counterparty_name or 'onbekend'}, {format_iban(receipt.bank_line.counterparty_iban)}"
    )
