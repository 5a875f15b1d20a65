"""People in /beheer/: logins, coaches and desk workers; citizens and mandates read-only."""

import uuid
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.http import HttpRequest

from accounts import desk_words  # noqa: F401  names the columns
from accounts.models import CaseWorker, Citizen, IdentityAnchor, Mandate, User
from infra import audit, jobs
from infra.read_only_admin import DeskAdmin, ReadOnlyAdmin, is_desk


@admin.register(User)
class UserAdmin(DeskAdmin):
    """The desk makes logins for organisations and coaches; who belongs to the desk, only a superuser decides."""

    list_display = ("email", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email",)
    ordering = ("email",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("email", "is_active", "is_staff") if _is_superuser(request) else ("email", "is_active")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_desk(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # Somebody of the desk could otherwise take over a colleague's login by changing its address.
        return is_desk(request) and (_is_superuser(request) or obj is None or not (obj.is_staff or obj.is_superuser))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Where the code to log in goes to is decided once; a new address is a new login.
        return ("email",) if obj else ()

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.email = obj.email.lower()
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True, verified=False)
        audit.record("user_saved", object_type="user", object_id=obj.pk, details={"fields": form.changed_data})


@admin.register(CaseWorker)
class CaseWorkerAdmin(DeskAdmin):
    list_display = ("name", "kind", "organisation", "phone", "is_default_director", "active")
    list_filter = ("kind", "active")
    search_fields = ("name", "organisation")
    list_select_related = ("user",)
    fields = ("user", "kind", "name", "organisation", "phone", "is_default_director", "active")
    autocomplete_fields = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_desk(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_desk(request)

    def save_model(self, request: HttpRequest, obj: CaseWorker, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit.record(
            "case_worker_saved", object_type="case_worker", object_id=obj.pk, details={"fields": form.changed_data}
        )
        if not obj.active and "active" in form.changed_data:
            # Who does not work here any more keeps no cases: they go to the desk, now and not tonight.
            jobs.enqueue("release_cases", key=f"release_cases:{uuid.uuid4()}")


@admin.register(Citizen)
class CitizenAdmin(ReadOnlyAdmin):
    list_display = ("full_name", "birth_date", "phone", "director", "enrolled_on")
    search_fields = ("family_name", "first_name", "user__email")
    list_select_related = ("director",)
    exclude = ("match_key",)
    ordering = ("-enrolled_on", "family_name")


@admin.register(Mandate)
class MandateAdmin(ReadOnlyAdmin):
    list_display = ("citizen_name", "coach", "valid_from", "valid_until", "ended_at")
    list_select_related = ("citizen", "coach")

    @admin.display(description="burger")
    def citizen_name(self, mandate: Mandate) -> str:
        return mandate.citizen.full_name


@admin.register(IdentityAnchor)
class IdentityAnchorAdmin(ReadOnlyAdmin):
    list_display = ("citizen", "kind", "seen_by", "anchored_on")
    list_filter = ("kind",)
    list_select_related = ("citizen", "seen_by")


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
