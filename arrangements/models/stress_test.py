import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.assessment import Assessment
from infra.db.scoped import ScopedManager


class StressTest(models.Model):
    """How much of a setback a plan survives, as computed when it was proposed; with inputs and dated assumptions.

    For citizen and coach: no organisation ever reads it. Amounts in cents per month.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="stress_tests")
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="stress_tests")
    on_date = models.DateField()
    monthly_cents = models.BigIntegerField()
    months = models.PositiveSmallIntegerField()
    assumptions_key = models.CharField(max_length=20)
    inputs = models.JSONField()
    outcome = models.JSONField()
    is_thin = models.BooleanField()
    suggested_cents = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["StressTest"](citizen="citizen_id")

    class Meta:
        verbose_name = "schoktoets"
        verbose_name_plural = "schoktoetsen"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"schoktoets {self.on_date}"
