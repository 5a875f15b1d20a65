import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.claim import Claim
from creditors.models import Creditor
from infra.db.scoped import ScopedManager


class ClaimTransfer(models.Model):
    """A claim, or a part of it, goes to another owner from a date (inclusive): what is paid from then on is the owner's.

    `amount_cents` is the part that goes, of what is open then; None when all of it goes. The old claim keeps its history.
    An owner we do not know yet stands in `to_name` alone: the transfer waits until an organisation of that name takes part.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="transfers")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="+", help_text="de oude eigenaar")
    to_creditor = models.ForeignKey(
        Creditor, models.PROTECT, null=True, related_name="+", help_text="de nieuwe eigenaar, als die meedoet"
    )
    to_name = models.CharField("naam van de nieuwe eigenaar", max_length=100, default="")
    to_reference = models.CharField("kenmerk bij de nieuwe eigenaar", max_length=60, blank=True)
    amount_cents = models.BigIntegerField(null=True)
    from_date = models.DateField()
    new_claim = models.OneToOneField(Claim, models.PROTECT, null=True, related_name="came_from")
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reported_on = models.DateField()
    applied_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["ClaimTransfer"](citizen="citizen_id", creditor="creditor_id")

    class Meta:
        verbose_name = "overdracht"
        verbose_name_plural = "overdrachten"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=models.Q(applied_on__isnull=True), name="one_waiting_transfer_per_claim"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_cents__isnull=True) | models.Q(amount_cents__gt=0),
                name="transferred_part_is_positive",
            ),
            models.CheckConstraint(
                condition=~models.Q(creditor=models.F("to_creditor")), name="transfer_goes_to_somebody_else"
            ),
            models.CheckConstraint(
                condition=models.Q(applied_on__isnull=True)
                | models.Q(new_claim__isnull=False, to_creditor__isnull=False),
                name="applied_transfer_has_the_new_claim",
            ),
        ]

    def __str__(self) -> str:
        return f"overdracht {self.public_id}"
