import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.arrangement import Arrangement
from arrangements.models.bank_statement import BankLine
from arrangements.models.payment import Payment
from arrangements.models.payout import PayoutFile


class Refund(models.Model):
    """Money that goes back to a citizen, or to a sender nobody knows. Two people decide. In cents."""

    class Reason(models.TextChoices):
        OVERPAID = "overpaid", "Te veel betaald"
        AFTER_END = "after_end", "Betaald na het einde"
        DISPUTE_LOST = "dispute_lost", "Niemand krijgt het meer"
        UNIDENTIFIED = "unidentified", "Van een onbekende"

    class State(models.TextChoices):
        ASKED = "asked", "Wacht op een tweede medewerker"
        APPROVED = "approved", "Gaat mee met het volgende bestand"
        SUBMITTED = "submitted", "Aangeboden"
        PAID = "paid", "Betaald"
        FAILED = "failed", "Kwam terug"
        WITHDRAWN = "withdrawn", "Ingetrokken"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reason = models.CharField(max_length=12, choices=Reason)
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, null=True, related_name="refunds")
    citizen = models.ForeignKey(Citizen, models.PROTECT, null=True, related_name="+")
    bank_line = models.ForeignKey(BankLine, models.PROTECT, null=True, related_name="refunds")
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, related_name="refunds", help_text="terug langs dezelfde aanbieder"
    )
    amount_cents = models.BigIntegerField()
    iban = models.CharField(max_length=34, blank=True)
    account_name = models.CharField(max_length=70, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    end_to_end_id = models.CharField(max_length=35, unique=True)
    provider_id = models.CharField(max_length=100, blank=True)
    file = models.ForeignKey(PayoutFile, models.PROTECT, null=True, related_name="refunds")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_on = models.DateField()
    approved_on = models.DateField(null=True)
    paid_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "terugbetaling"
        verbose_name_plural = "terugbetalingen"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_cents__gt=0), name="refund_is_positive"),
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("asked_by")),
                name="refund_has_four_eyes",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["asked", "withdrawn"]) | models.Q(approved_by__isnull=False),
                name="refund_is_approved_before_it_goes",
            ),
            models.CheckConstraint(
                condition=models.Q(arrangement__isnull=False) | models.Q(bank_line__isnull=False),
                name="refund_comes_from_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return self.end_to_end_id
