import uuid

from django.db import models
from django.utils import timezone

from arrangements.models.arrangement import Arrangement
from arrangements.models.claim import Claim
from creditors.models import Creditor
from infra.db.scoped import ScopedManager


class PayoutBatch(models.Model):
    """Doorbetaling: one transfer to one creditor in one run, with its pain.001 file.

    The same batch always gives the same bytes.
    """

    class State(models.TextChoices):
        BUILT = "built", "Gemaakt"
        SUBMITTED = "submitted", "Aangeboden aan de bank"
        BOOKED = "booked", "Overgemaakt"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="payouts")
    run_date = models.DateField()
    number = models.CharField(max_length=35, unique=True)
    total_cents = models.BigIntegerField()
    line_count = models.PositiveIntegerField()
    iban = models.CharField(max_length=34)
    state = models.CharField(max_length=10, choices=State, default=State.BUILT)
    file = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    booked_on = models.DateField(null=True)

    objects = ScopedManager["PayoutBatch"](creditor="creditor_id")

    class Meta:
        verbose_name = "doorbetaling"
        verbose_name_plural = "doorbetalingen"
        ordering = ["-run_date", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["creditor", "run_date"], name="one_payout_per_creditor_and_run"),
            models.CheckConstraint(condition=models.Q(total_cents__gt=0), name="payout_is_positive"),
        ]

    def __str__(self) -> str:
        return self.number


class PayoutLine(models.Model):
    """What one claim gets in one payout; `end_to_end_id` is derived, so the file can be made again."""

    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="lines")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="payout_lines")
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="payout_lines")
    amount_cents = models.BigIntegerField()
    reference = models.CharField(max_length=60)
    end_to_end_id = models.CharField(max_length=35, unique=True)

    objects = ScopedManager["PayoutLine"](creditor="creditor_id")

    class Meta:
        ordering = ["batch", "id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "claim"], name="one_payout_line_per_claim"),
            models.CheckConstraint(condition=models.Q(amount_cents__gt=0), name="payout_line_is_positive"),
        ]

    def __str__(self) -> str:
        return self.end_to_end_id
