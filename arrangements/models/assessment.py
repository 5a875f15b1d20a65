import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from affordability.gate import bounds_may_be_used
from arrangements.models.application import Application
from infra.db.scoped import ScopedManager


class Assessment(models.Model):
    """One answer of the affordability gate, kept for ever with inputs, norms, steps and outcome. Cents per month.

    It can be done over from this row alone (`affordability.replay`): `norms` is the whole record that was used, `rules` the
    version of the formula. The four bounds are empty only when the income itself is not known.
    """

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
    purpose = models.CharField(max_length=6, choices=Application.Purpose, default=Application.Purpose.FIRST)
    rules = models.CharField(max_length=10, blank=True)
    norms = models.JSONField(default=dict)
    missing = models.JSONField(default=list, help_text="welke gegevens het zeker zouden maken")
    capacity_low_cents = models.BigIntegerField(null=True)
    capacity_high_cents = models.BigIntegerField(null=True)
    floor_low_cents = models.BigIntegerField(null=True)
    floor_high_cents = models.BigIntegerField(null=True)
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
            ),
            # NULL in a comparison is not false for a check: say it.
            models.CheckConstraint(
                condition=models.Q(
                    capacity_low_cents__isnull=False,
                    capacity_high_cents__isnull=False,
                    floor_low_cents__isnull=False,
                    floor_high_cents__isnull=False,
                )
                | models.Q(
                    verdict="amber",
                    capacity_low_cents__isnull=True,
                    capacity_high_cents__isnull=True,
                    floor_low_cents__isnull=True,
                    floor_high_cents__isnull=True,
                ),
                name="bounds_are_empty_only_without_an_income",
            ),
        ]

    @property
    def sure_cents(self) -> int:
        """The most that is surely possible, in cents per month; 0 while more than the payslip is missing (domain.md 1.4)."""
        return (self.capacity_low_cents or 0) if bounds_may_be_used(self.missing) else 0

    def __str__(self) -> str:
        return f"toets {self.on_date}: {self.verdict}"
