"""Organisations in /beheer/: the desk brings them in; what they sent us is read-only."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from creditors.models import AcceptancePolicy, ClaimImport, Creditor, CreditorMember, UploadedClaim
from infra import audit, desk_words
from infra.forms import EuroField
from infra.read_only_admin import DeskAdmin, ReadOnlyAdmin, is_desk
from kernel.identifiers import is_iban, normalize_iban

# The columns of organisations, as the desk reads them.
desk_words.add(
    {
        "asked_by": "Gevraagd door",
        "asked_on": "Gevraagd op",
        "creditor": "Organisatie",
        "effective_on": "Gaat in op",
        "error_count": "Fouten",
        "expires_on": "Verdwijnt op",
        "file_name": "Bestand",
        "iban": "Nieuwe IBAN",
        "matched_at": "Herkend",
        "maximum_waived_cents": "Hoogste kwijtschelding",
        "minimum_basis_points": "Ten minste (honderdsten van een procent)",
        "old_iban": "Oude IBAN",
        "outstanding_cents": "Openstaand",
        "reference": "Kenmerk",
        "role": "Rol",
        "rows_total": "Regels",
        "version": "Versie",
    }
)


if TYPE_CHECKING:
    _CreditorForm = forms.ModelForm[Creditor]
else:
    _CreditorForm = forms.ModelForm


class CreditorForm(_CreditorForm):
    """Refuses an account number that cannot exist: money would go astray."""

    class Meta:
        model = Creditor
        fields = (
            "name",
            "kind",
            "is_health_insurer",
            "participates",
            "iban",
            "email",
            "phone",
            "payout_way",
            "payout_minimum_cents",
            "set_off_agreed",
        )

    payout_minimum_cents = EuroField(
        label="Laagste doorbetaling (€)",
        help_text="Minder blijft staan, maar nooit langer dan drie maanden.",
        required=False,
    )

    def clean_payout_minimum_cents(self) -> int:
        return int(self.cleaned_data["payout_minimum_cents"] or 0)

    def clean_iban(self) -> str:
        text = str(self.cleaned_data["iban"])
        if not text:
            return ""
        if not is_iban(text):
            raise forms.ValidationError("Deze IBAN bestaat niet. Kijk de cijfers nog eens na.", code="iban")
        return normalize_iban(text)


class _Onboarding(DeskAdmin):
    """Added and changed by the desk, with a line in the log; never deleted, only switched off."""

    noun = ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_desk(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_desk(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit.record(
            f"{self.noun}_saved",
            object_type=self.noun,
            object_id=obj.pk,
            creditor_id=getattr(obj, "creditor_id", obj.pk),
            details={"fields": form.changed_data},
        )


@admin.register(Creditor)
class CreditorAdmin(_Onboarding):
    noun = "creditor"
    form = CreditorForm
    list_display = ("name", "kind", "participates", "iban", "iban_blocked_on", "email", "phone")
    list_filter = ("kind", "participates")
    search_fields = ("name",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields: tuple[str, ...] = self.form.Meta.fields
        return fields if obj is not None else tuple(one for one in fields if not one.startswith(("payout_", "set_off")))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # An account number that is there changes only by four eyes and a waiting time (reliability.md 27): see IbanChange.
        return ("iban",) if obj is not None and obj.iban else ()


@admin.register(CreditorMember)
class CreditorMemberAdmin(_Onboarding):
    noun = "creditor_member"
    list_display = ("name", "creditor", "role", "user", "active")
    list_filter = ("role", "active")
    search_fields = ("name", "creditor__name", "user__email")
    list_select_related = ("creditor", "user")
    autocomplete_fields = ("user", "creditor")


@admin.register(AcceptancePolicy)
class AcceptancePolicyAdmin(ReadOnlyAdmin):
    list_display = ("creditor", "version", "minimum_basis_points", "maximum_waived_cents", "valid_from", "valid_until")
    list_select_related = ("creditor",)


@admin.register(ClaimImport)
class ClaimImportAdmin(ReadOnlyAdmin):
    list_display = ("file_name", "creditor", "state", "rows_total", "error_count", "created_at")
    list_filter = ("state",)
    list_select_related = ("creditor",)
    exclude = ("content",)


@admin.register(UploadedClaim)
class UploadedClaimAdmin(ReadOnlyAdmin):
    """Of people who are not ours yet: references and amounts, no hashes."""

    list_display = ("reference", "creditor", "outstanding_cents", "expires_on", "matched_at")
    list_select_related = ("creditor",)
    search_fields = ("reference",)
    exclude = ("match_key", "invitation_hash")
