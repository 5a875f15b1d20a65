import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from creditors.models.creditor import Creditor
from infra.db.scoped import ScopedManager


class ClaimImport(models.Model):
    """One uploaded file with claims: all of its rows are stored, or none."""

    class State(models.TextChoices):
        WAITING = "waiting", "Wacht"
        CHECKING = "checking", "Wordt gecontroleerd"
        STORED = "stored", "Opgeslagen"
        REFUSED = "refused", "Niet opgeslagen"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="imports")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    error_count = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list, help_text="de eerste 1000 fouten: regel, kolom, reden")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ScopedManager["ClaimImport"](creditor="creditor_id")

    class Meta:
        verbose_name = "bestand met vorderingen"
        verbose_name_plural = "bestanden met vorderingen"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "sha256"],
                condition=~models.Q(state="refused"),
                name="same_file_is_imported_once",
            )
        ]

    def __str__(self) -> str:
        return self.file_name
