"""The technical rows in /beheer/, read-only."""

from django.contrib import admin

from infra.models import AuditLine, Job, Message
from infra.read_only_admin import ReadOnlyAdmin

admin.site.site_header = "Beheer van Eén Plan"
admin.site.site_title = "Beheer van Eén Plan"
admin.site.index_title = "Overzicht"
admin.site.site_url = None


@admin.register(AuditLine)
class AuditLineAdmin(ReadOnlyAdmin):
    list_display = ("at", "business_date", "action", "object_type", "object_id", "from_state", "to_state", "by_system")
    list_filter = ("action", "by_system")
    search_fields = ("object_id", "action")
    ordering = ("-at",)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "business_date", "kind", "channel", "to_name", "subject", "sent_at")
    list_filter = ("channel", "kind")
    search_fields = ("to_address", "to_name", "subject")
    ordering = ("-created_at",)


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "kind", "state", "attempts", "progress_done", "progress_total", "finished_at")
    list_filter = ("state", "kind")
    ordering = ("-created_at",)
