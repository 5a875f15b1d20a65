from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.arrangement import Arrangement
from arrangements.models.claim import Claim
from creditors.models import Creditor
from infra.db.scoped import ScopedManager


class Kwijtschelding(models.Model):
    """The rest of one claim that nobody has to pay any more, granted by the system as promised at the signature. In cents."""

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="kwijtscheldingen")
    claim = models.OneToOneField(Claim, models.PROTECT, related_name="kwijtschelding")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="+")
    waived_cents = models.BigIntegerField()
    remains_cents = models.BigIntegerField()
    granted_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["Kwijtschelding"](citizen="citizen_id", creditor="creditor_id")

    class Meta:
        verbose_name = "kwijtschelding"
        verbose_name_plural = "kwijtscheldingen"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(waived_cents__gte=0, remains_cents__gte=0), name="kwijtschelding_is_not_negative"
            )
        ]

    def __str__(self) -> str:
        return f"kwijtschelding van {self.granted_on}"
