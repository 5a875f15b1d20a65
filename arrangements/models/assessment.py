import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from infra.db.scoped import ScopedManager


class Assessment(models.Model):
    """One answer of the affordability gate, kept for ever with its inputs and its trace. Amounts in cents per month."""

    class Verdict(models.TextChoices):
        GREEN = "green", "Past"
        AMBER = "amber", "Eerst meer weten"
        RED = "red", "Te veel"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="assessments")
    on_date = models.DateField()
    inputs = models.JSONField()
    norms_key = models.CharField(max_length=20)
    uses_example_norms = models.BooleanField(default=False)
    declared_cents = models.BigIntegerField()
    verdict = models.CharField(max_length=5, choices=Verdict)
    capacity_low_cents = models.BigIntegerField()
    capacity_high_cents = models.BigIntegerField()
    floor_low_cents = models.BigIntegerField()
    floor_high_cents = models.BigIntegerField()
    trace = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["Assessment"](citizen="citizen_id")

    class Meta:
        verbose_name = "toets"
        verbose_name_plural = "toetsen"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(verdict="green") | models.Q(declared_cents__lte=models.F("capacity_low_cents")),
                name="green_means_within_the_capacity",
            )
        ]

    def __str__(self) -> str:
        return f"toets {self.on_date}: {self.verdict}"
