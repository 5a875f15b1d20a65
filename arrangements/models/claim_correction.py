import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.arrangement import Arrangement
from arrangements.models.claim import Claim
from creditors.models import Creditor
from infra.db.scoped import ScopedManager


class ClaimCorrection(models.Model):
    """The explicit correction of a claim that stands in an arrangement, in cents: the only way a frozen claim moves.

    `before_cents` and `after_cents` are what was outstanding at the start of the arrangement. `applied_on` is empty while
    a creditor whose share falls has not said yes.
    """

    class Reason(models.TextChoices):
        PAYMENT_NOT_BOOKED = "payment_not_booked", "Een betaling was niet verwerkt"
        COSTS_WRONG = "costs_wrong", "Rente of kosten klopten niet"
        DOUBLE = "double", "De vordering stond er dubbel in"
        PAID_ELSEWHERE = "paid_elsewhere", "De vordering is op een andere manier betaald"
        SETTLED_IN_COURT = "settled_in_court", "De rechter heeft anders beslist"
        MISTAKE = "mistake", "Een andere fout in het bedrag"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="corrections")
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="corrections")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="+")
    before_cents = models.BigIntegerField()
    after_cents = models.BigIntegerField()
    reason = models.CharField(max_length=20, choices=Reason)
    note = models.CharField(max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_on = models.DateField()
    applied_on = models.DateField(null=True)
    refused_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["ClaimCorrection"](citizen="citizen_id", creditor="creditor_id")

    class Meta:
        verbose_name = "correctie"
        verbose_name_plural = "correcties"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(before_cents__gte=0, after_cents__gte=0)
                & ~models.Q(before_cents=models.F("after_cents")),
                name="correction_changes_the_amount",
            ),
            models.CheckConstraint(condition=~models.Q(note=""), name="correction_has_a_note"),
            models.UniqueConstraint(
                fields=["claim"],
                condition=models.Q(applied_on__isnull=True, refused_on__isnull=True),
                name="one_waiting_correction_per_claim",
            ),
        ]

    def __str__(self) -> str:
        return f"correctie {self.public_id}"
