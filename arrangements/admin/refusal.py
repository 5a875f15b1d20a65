"""In /beheer/: organisations that were invited become participating ones, and which body helps somebody further."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from arrangements.models import CreditorInvitation, MunicipalRoute
from arrangements.operations.choose_municipal_route import record_recognition
from arrangements.operations.invite_creditor import mark_invitation_sent
from arrangements.operations.link_named_creditor import CannotLink, link_named_creditor
from arrangements.operations.print_invitation import print_invitation
from creditors.models import Creditor
from infra.downloads import foreign_file
from infra.read_only_admin import DeskAdmin, is_desk

if TYPE_CHECKING:
    _InvitationForm = forms.ModelForm[CreditorInvitation]
    _RouteForm = forms.ModelForm[MunicipalRoute]
else:
    _InvitationForm = _RouteForm = forms.ModelForm


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class InvitationForm(_InvitationForm):
    """What the desk can say of an invitation: the letter went out, and which participating organisation it is."""

    letter_sent = forms.BooleanField(label="De brief is verstuurd", required=False)
    takes_part_as = forms.ModelChoiceField(
        label="Koppel aan deze organisatie",
        queryset=Creditor.objects.none(),
        required=False,
        empty_label="— nog niet —",
        help_text="Alleen organisaties die meedoen. Staat zij er niet? Maak haar eerst aan bij Organisaties.",
    )

    class Meta:
        model = CreditorInvitation
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taking_part = Creditor.objects.filter(participates=True, named_by_citizen_id=None).order_by("name")
        self.fields["takes_part_as"].queryset = taking_part  # type: ignore[attr-defined]  # of a ModelChoiceField
        self.initial["letter_sent"] = self.instance.sent_on is not None


@admin.register(CreditorInvitation)
class CreditorInvitationAdmin(DeskAdmin):
    """The newest answers first; a letter to print; linking, once."""

    form = InvitationForm
    list_display = ("creditor", "made_on", "sent_on", "answered_on", "organisation", "linked_to", "linked_on")
    list_filter = (
        ("answered_on", admin.EmptyFieldListFilter),
        ("linked_on", admin.EmptyFieldListFilter),
        ("sent_on", admin.EmptyFieldListFilter),
    )
    list_select_related = ("creditor", "linked_to")
    ordering = ("linked_on", "-answered_on", "-id")
    readonly_fields = (
        "creditor",
        "made_on",
        "sent_on",
        "letter",
        "answered_on",
        "organisation",
        "contact_name",
        "email",
        "kvk_number",
        "linked_to",
        "linked_on",
    )
    fields = (*readonly_fields, "letter_sent", "takes_part_as")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: CreditorInvitation | None = None) -> bool:
        return is_desk(request) and (obj is None or obj.linked_on is None)

    def get_fields(self, request: HttpRequest, obj: CreditorInvitation | None = None) -> Any:
        return self.fields if self.has_change_permission(request, obj) else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: CreditorInvitation, form: Any, change: bool) -> None:
        if form.cleaned_data["letter_sent"]:
            mark_invitation_sent(invitation=obj, user=_user(request))
        target = form.cleaned_data["takes_part_as"]
        if target is None:
            return
        try:
            link_named_creditor(invitation=obj, creditor=target, user=_user(request))
        except CannotLink:
            messages.error(request, "Deze uitnodiging is al gekoppeld, of de organisatie doet niet meer mee.")

    def get_urls(self) -> list[URLPattern]:
        letter = self.admin_site.admin_view(self.letter_view)
        return [path("<int:pk>/brief/", letter, name="arrangements_creditorinvitation_letter"), *super().get_urls()]

    @admin.display(description="brief")
    def letter(self, row: CreditorInvitation) -> SafeString:
        address = reverse("admin:arrangements_creditorinvitation_letter", args=[row.pk])
        return format_html('<a href="{}">download de brief</a>', address)

    def letter_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The letter, to print and send."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = get_object_or_404(CreditorInvitation.objects.select_related("creditor", "citizen__director"), pk=pk)
        pdf = print_invitation(invitation=row)
        return foreign_file(pdf, media_type="application/pdf", name="uitnodiging.pdf")


class MunicipalRouteForm(_RouteForm):
    """As `record_recognition` wants it, with a sentence at the field."""

    class Meta:
        model = MunicipalRoute
        fields = ("body_kind", "body_name", "is_recognised", "ground")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        decided = given.get("is_recognised") != MunicipalRoute.Recognised.UNKNOWN
        known = decided or given.get("body_kind") != MunicipalRoute.BodyKind.UNKNOWN
        if known and not given.get("body_name"):
            self.add_error("body_name", "Vul de naam in van de organisatie.")
        if decided and not given.get("ground"):
            self.add_error("ground", "Schrijf op waar dat uit blijkt.")
        return given


@admin.register(MunicipalRoute)
class MunicipalRouteAdmin(DeskAdmin):
    """Whose case goes to which body; the desk writes down whether that one is recognised (art. 48 Wck)."""

    form = MunicipalRouteForm
    list_display = ("chosen_on", "citizen", "body_name", "body_kind", "is_recognised", "recorded_by", "recorded_on")
    list_filter = ("is_recognised", "body_kind")
    list_select_related = ("citizen", "recorded_by")
    readonly_fields = ("citizen", "proposal", "chosen_on", "recorded_by", "recorded_on")
    fields = (*readonly_fields, "body_kind", "body_name", "is_recognised", "ground")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: MunicipalRoute | None = None) -> bool:
        return is_desk(request)

    def save_model(self, request: HttpRequest, obj: MunicipalRoute, form: Any, change: bool) -> None:
        given = {name: form.cleaned_data[name] for name in ("body_kind", "body_name", "is_recognised", "ground")}
        record_recognition(route=obj, user=_user(request), **given)
