import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.arrangement import Arrangement
from creditors.models import Creditor
from infra.db.scoped import ScopedManager


class Beslag(models.Model):
    """Somebody seizes income or goods of the citizen: the plan stands still for all, and nobody is in default.

    `creditor` when the party that seizes takes part or is known here; else its name as it was told. In cents per month.
    """

    class Reporter(models.TextChoices):
        CITIZEN = "citizen", "Burger"
        COACH = "coach", "Coach"
        DESK = "desk", "Loket"
        CREDITOR = "creditor", "Organisatie"

    class Letter(models.TextChoices):
        INCOME = "income", "Beslag op loon of uitkering"
        BANK = "bank", "Beslag op een bankrekening"
        GOODS = "goods", "Beslag op spullen"
        WARNING = "warning", "Een brief dat er beslag komt"
        UNKNOWN = "unknown", "Niet bekend"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="beslagen")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    creditor = models.ForeignKey(Creditor, models.PROTECT, null=True, related_name="+")
    party_name = models.CharField(max_length=100, help_text="wie beslag legt, zoals het is verteld")
    letter = models.CharField("welke brief", max_length=8, choices=Letter, default=Letter.UNKNOWN)
    claim_cents = models.BigIntegerField(null=True, help_text="voor welk bedrag")
    taken_cents = models.BigIntegerField(null=True, help_text="wat per maand wordt ingehouden")
    reporter = models.CharField(max_length=8, choices=Reporter)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reported_by_creditor = models.ForeignKey(Creditor, models.PROTECT, null=True, related_name="+")
    reported_on = models.DateField()
    suspended_on = models.DateField(null=True, help_text="op deze dag is de regeling stilgezet")
    lifted_on = models.DateField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lifted_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["Beslag"](citizen="citizen_id", creditor="reported_by_creditor_id")

    class Meta:
        verbose_name = "beslag"
        verbose_name_plural = "beslagen"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(claim_cents__isnull=True) | models.Q(claim_cents__gte=0))
                & (models.Q(taken_cents__isnull=True) | models.Q(taken_cents__gte=0)),
                name="beslag_amounts_are_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_on__isnull=True) | ~models.Q(lifted_reason=""),
                name="lifted_beslag_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"beslag {self.public_id}"
