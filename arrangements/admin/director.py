"""The desk in /beheer/: who is away, handing a case over, bewind and the consent of a bewindvoerder.

Each form calls the operation the coach's page calls. What belongs to a citizen is written in the scope of that one citizen.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from accounts.models import Absence, Bewind, BewindConsent, CaseWorker, HandOver, MandateText, User
from accounts.operations.report_absence import AlreadyAway, StandInNotPossible, report_absence
from arrangements.operations.bewind_consent import BewindOver, BewindvoerderUnknown, record_bewind_consent
from arrangements.operations.hand_over_case import CannotTakeOver, hand_over_case
from arrangements.operations.open_photo import open_consent_photo
from arrangements.operations.record_bewind import Bewindvoerder, record_bewind
from arrangements.queries.bewind import bewind_of
from infra import clock, scope
from infra.downloads import foreign_file
from infra.read_only_admin import DeskAdmin, ReadOnlyAdmin, is_desk
from infra.scope import Scope

if TYPE_CHECKING:
    _AbsenceForm = forms.ModelForm[Absence]
    _ConsentForm = forms.ModelForm[BewindConsent]
else:
    _AbsenceForm = _ConsentForm = forms.ModelForm

REFUSALS: dict[type[Exception], str] = {
    AlreadyAway: "Deze medewerker is al afwezig op een van deze dagen.",
    StandInNotPossible: "Deze collega kan niet waarnemen: afwezig op die dagen, niet actief, of van een andere organisatie.",
    CannotTakeOver: "Deze collega kan de zaak niet overnemen: een coach heeft een machtiging van de burger nodig.",
    BewindvoerderUnknown: "Vul eerst de naam van de bewindvoerder in.",
    BewindOver: "Dit bewind is gestopt, of er is een andere bewindvoerder.",
}


def _login(request: HttpRequest) -> int:
    if request.user.pk is None:
        raise PermissionDenied
    return request.user.pk


def _desk_worker(request: HttpRequest) -> CaseWorker:
    """Who of the desk this is: on file it says who did it and who saw a paper."""
    worker = CaseWorker.objects.filter(user_id=_login(request), active=True).first()
    if worker is None:
        raise PermissionDenied
    return worker


def _for_citizen(request: HttpRequest, citizen_id: int) -> Scope:
    worker = _desk_worker(request)
    return Scope(user_id=_login(request), citizen_id=citizen_id, coach_id=worker.pk, reason="loket werkt voor burger")


def _user(request: HttpRequest) -> User:
    return User.objects.get(pk=_login(request))


class _ByOperation(DeskAdmin):
    """Added by an operation, afterwards only read. A refusal is a sentence above the form.

    `do` runs the operation for what was asked on the form, and returns the row it made.
    """

    do: Callable[[HttpRequest, Any], Any]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_desk(request) and CaseWorker.objects.filter(user_id=_login(request), active=True).exists()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except tuple(REFUSALS) as error:
            said = next(text for kind, text in REFUSALS.items() if isinstance(error, kind))
            messages.error(request, f"Er is niets bewaard. {said}")
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        made = self.do(request, obj)
        # The operation made the row; the form's own object takes its place for the log and the message.
        obj.__dict__.update(made.__dict__)


class AbsenceForm(_AbsenceForm):
    class Meta:
        model = Absence
        fields = ("case_worker", "stand_in", "from_date", "until_date")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        starts, ends = given.get("from_date"), given.get("until_date")
        if starts and ends and (ends < starts or ends < clock.today()):
            raise ValidationError("De laatste dag ligt voor de eerste, of is al voorbij.", code="days")
        return given


@admin.register(Absence)
class AbsenceAdmin(_ByOperation):
    form = AbsenceForm
    list_display = ("case_worker", "stand_in", "from_date", "until_date")
    list_select_related = ("case_worker", "stand_in")
    autocomplete_fields = ("case_worker", "stand_in")
    ordering = ("-until_date",)

    def do(self, request: HttpRequest, asked: Absence) -> Absence:
        return report_absence(
            case_worker=asked.case_worker,
            stand_in=asked.stand_in,
            from_date=asked.from_date,
            until_date=asked.until_date,
            user=_user(request),
        )


@admin.register(HandOver)
class HandOverAdmin(_ByOperation):
    """A note is for the new director: a colleague sees that there was a hand-over, not what was written."""

    list_display = ("handed_on", "citizen_name", "from_worker", "to_worker", "reason")
    list_filter = ("reason",)
    list_select_related = ("citizen", "from_worker", "to_worker")
    autocomplete_fields = ("citizen", "to_worker")

    @admin.display(description="burger")
    def citizen_name(self, row: HandOver) -> str:
        return row.citizen.full_name

    def get_fields(self, request: HttpRequest, obj: HandOver | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("citizen", "to_worker", "note")
        shown = ("citizen", "from_worker", "to_worker", "reason", "made_by_user", "handed_on")
        return (*shown, "note") if obj.to_worker.user_id == _login(request) else shown

    def do(self, request: HttpRequest, asked: HandOver) -> HandOver:
        with scope.act_as(_for_citizen(request, asked.citizen_id)):
            return hand_over_case(citizen=asked.citizen, to=asked.to_worker, note=asked.note, by=_user(request))


@admin.register(Bewind)
class BewindAdmin(_ByOperation):
    list_display = ("citizen_name", "name", "organisation", "phone", "since", "ended_on")
    list_select_related = ("citizen",)
    search_fields = ("name", "organisation", "citizen__family_name")
    autocomplete_fields = ("citizen",)

    @admin.display(description="burger")
    def citizen_name(self, row: Bewind) -> str:
        return row.citizen.full_name

    def get_fields(self, request: HttpRequest, obj: Bewind | None = None) -> tuple[str, ...]:
        fields = ("citizen", "name", "organisation", "phone", "email", "since")
        return fields if obj is None else (*fields, "told_by", "ended_on")

    def do(self, request: HttpRequest, asked: Bewind) -> Bewind:
        who = Bewindvoerder(
            name=asked.name,
            organisation=asked.organisation,
            phone=asked.phone,
            email=asked.email,
            since=asked.since,
        )
        with scope.act_as(_for_citizen(request, asked.citizen_id)):
            return record_bewind(citizen=asked.citizen, who=who)


class BewindConsentForm(_ConsentForm):
    seen = forms.BooleanField(
        label="Ik heb het papier met de handtekening van de bewindvoerder gezien",
        error_messages={"required": "Zet een vinkje als u het papier zag. Zonder papier kan het niet."},
    )

    class Meta:
        model = BewindConsent
        # Without the bewind: its choices belong to citizens, and are only known in the scope of a request.
        fields = ("consent_on",)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("consent_on") and given["consent_on"] > clock.today():
            self.add_error("consent_on", "Deze datum moet nog komen. Kijk nog eens op het papier.")
        return given


@admin.register(BewindConsent)
class BewindConsentAdmin(_ByOperation):
    """With the photo of the paper behind a link of its own; who looked at it is written down."""

    list_display = ("consent_on", "bewind", "citizen_name", "recorded_by", "withdrawn_on")
    list_select_related = ("bewind", "citizen", "recorded_by")
    autocomplete_fields = ("bewind",)

    @admin.display(description="burger")
    def citizen_name(self, row: BewindConsent) -> str:
        return row.citizen.full_name

    def get_queryset(self, request: HttpRequest) -> QuerySet[BewindConsent]:
        """Without the photos: each is megabytes."""
        return super().get_queryset(request).defer("photo")

    def get_form(
        self, request: HttpRequest, obj: BewindConsent | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return super().get_form(request, obj, change, **({"form": BewindConsentForm} if obj is None else {}) | kwargs)

    def get_fields(self, request: HttpRequest, obj: BewindConsent | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("bewind", "consent_on", "seen")
        return (
            "bewind",
            "citizen",
            "consent_on",
            "recorded_by",
            "recorded_on",
            "text_version",
            "text",
            "text_hash",
            "photo_link",
            "withdrawn_on",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("photo_link",) if obj else ()

    def do(self, request: HttpRequest, asked: BewindConsent) -> BewindConsent:
        with scope.act_as(_for_citizen(request, asked.bewind.citizen_id)):
            found = bewind_of(asked.bewind.citizen_id)
            if found is None or found.bewind.pk != asked.bewind_id:
                raise BewindOver
            return record_bewind_consent(
                bewind=found.bewind, consent_on=asked.consent_on, recorded_by=_desk_worker(request)
            )

    def get_urls(self) -> list[URLPattern]:
        photo = self.admin_site.admin_view(self.photo)
        return [path("<uuid:consent>/foto/", photo, name="accounts_bewindconsent_photo"), *super().get_urls()]

    @admin.display(description="foto")
    def photo_link(self, row: BewindConsent) -> str:
        if not row.photo_type:
            return "–"
        return format_html(
            '<a href="{}">bekijk foto</a>', reverse("admin:accounts_bewindconsent_photo", args=[row.public_id])
        )

    def photo(self, request: HttpRequest, consent: UUID) -> HttpResponse:
        """The photo as it came, for the desk."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = open_consent_photo(consent=consent)
        if found is None:
            raise Http404
        return foreign_file(found.content, media_type=found.media_type, name=found.name, inline=found.shown)


@admin.register(MandateText)
class MandateTextAdmin(ReadOnlyAdmin):
    list_display = ("given_on", "citizen", "coach", "text_version", "valid_until")
    list_select_related = ("citizen", "coach")
