from django.db import models
from django.utils import timezone

from arrangements.models.payment import Payment


class ProviderSettlement(models.Model):
    """What a provider paid out to the segregated account, with what it kept. In cents; net is gross less fees."""

    class State(models.TextChoices):
        ON_ITS_WAY = "on_its_way", "Onderweg"
        PAID = "paid", "Bijgeschreven"
        FAILED = "failed", "Mislukt"

    provider = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=100)
    gross_cents = models.BigIntegerField()
    fee_cents = models.BigIntegerField()
    net_cents = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.ON_ITS_WAY)
    paid_out_on = models.DateField(help_text="volgens de aanbieder")
    booked_on = models.DateField(null=True, help_text="op het afschrift van de bank")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "uitbetaling van de aanbieder"
        verbose_name_plural = "uitbetalingen van de aanbieder"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_id"], name="one_settlement_per_provider_id"),
            models.CheckConstraint(
                condition=models.Q(gross_cents=models.F("net_cents") + models.F("fee_cents")),
                name="settlement_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.provider_id}"


class ProviderMove(models.Model):
    """One line of a settlement, as the provider wrote it (balance transaction). In cents, + is for us."""

    class Kind(models.TextChoices):
        PAYMENT = "payment", "Betaling"
        FEE = "fee", "Kosten"
        STORNO = "storno", "Storno"
        STORNO_FEE = "storno_fee", "Kosten van een storno"
        STORNO_WON = "storno_won", "Storno teruggedraaid"
        REFUND = "refund", "Terugbetaling"

    settlement = models.ForeignKey(ProviderSettlement, models.PROTECT, related_name="moves")
    provider = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=100, help_text="van deze regel bij de aanbieder")
    kind = models.CharField(max_length=10, choices=Kind)
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="+")
    amount_cents = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_id"], name="one_move_per_provider_id"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.provider_id}"
