import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.claim import Claim
from creditors.models import Creditor
from infra.db.scoped import ScopedManager


class ClaimDispute(models.Model):
    """The citizen says a claim is not right. In a running plan its part is parked until it is settled (features.md C21)."""

    class Reason(models.TextChoices):
        NOT_MINE = "not_mine", "Deze schuld is niet van mij"
        ALREADY_PAID = "already_paid", "Dit heb ik al betaald"
        AMOUNT = "amount", "Het bedrag klopt niet"
        COURT = "court", "Er loopt een zaak bij de rechter"
        OTHER = "other", "Iets anders"

    class Outcome(models.TextChoices):
        STANDS = "stands", "De vordering klopt"
        CORRECTED = "corrected", "Het bedrag is aangepast"
        WITHDRAWN = "withdrawn", "De vordering is ingetrokken"
        DROPPED = "dropped", "De burger betwist niet meer"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="disputes")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=Reason)
    note = models.CharField(max_length=300, blank=True, help_text="voor de organisatie, in eigen woorden")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    opened_on = models.DateField()
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["ClaimDispute"](citizen="citizen_id", creditor="creditor_id")

    class Meta:
        verbose_name = "betwisting"
        verbose_name_plural = "betwistingen"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=models.Q(closed_on__isnull=True), name="one_open_dispute_per_claim"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_on__isnull=True, outcome="")
                | (models.Q(closed_on__isnull=False) & ~models.Q(outcome="")),
                name="closed_dispute_has_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"betwisting {self.public_id}"
