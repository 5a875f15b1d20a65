from django.conf import settings
from django.db import models
from django.utils import timezone

from arrangements.models.arrangement import Arrangement
from arrangements.models.bank_statement import BankLine
from arrangements.models.payment import ProviderEvent
from arrangements.models.storno import Storno


class MoneyDecision(models.Model):
    """What a person at the desk decided about money that the rules leave to a person. The worker carries it out."""

    class Kind(models.TextChoices):
        PLACE = "place", "Hoort bij deze regeling"
        TOP_UP = "top_up", "Is eigen geld"
        SEND_BACK = "send_back", "Terug naar de afzender"
        WRITE_OFF = "write_off", "De storno wordt afgeboekt"
        CLOSE_EVENT = "close_event", "Het bericht is bekeken"

    kind = models.CharField(max_length=11, choices=Kind)
    bank_line = models.ForeignKey(BankLine, models.PROTECT, null=True, related_name="decisions")
    storno = models.ForeignKey(Storno, models.PROTECT, null=True, related_name="decisions")
    event = models.ForeignKey(ProviderEvent, models.PROTECT, null=True, related_name="decisions")
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_on = models.DateField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_on = models.DateField(null=True)
    done_on = models.DateField(null=True)
    outcome = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "besluit over geld"
        verbose_name_plural = "besluiten over geld"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("decided_by")),
                name="money_decision_has_four_eyes",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["write_off", "send_back"], done_on__isnull=False)
                | models.Q(approved_by__isnull=False),
                name="some_money_decisions_need_two",
            ),
            models.UniqueConstraint(
                fields=["bank_line"],
                condition=models.Q(done_on=None, bank_line__isnull=False),
                name="one_open_decision_per_bank_line",
            ),
            models.UniqueConstraint(
                fields=["storno"],
                condition=models.Q(done_on=None, storno__isnull=False),
                name="one_open_decision_per_storno",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
