import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.claim import Claim
from infra.db.scoped import ScopedManager


class HouseholdMember(models.Model):
    """Two partners who both owe and take part together: one household, each with their own claims (features C30).

    The rows with the same `household` belong together; each partner sees the own row. Who left has `left_on`.
    """

    household = models.UUIDField(default=uuid.uuid4)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="household_members")
    joined_on = models.DateField()
    left_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["HouseholdMember"](citizen="citizen_id")

    class Meta:
        verbose_name = "lid van een huishouden"
        verbose_name_plural = "leden van huishoudens"
        constraints = [
            models.UniqueConstraint(
                fields=["citizen"], condition=models.Q(left_on__isnull=True), name="one_household_per_citizen"
            ),
        ]
        indexes = [models.Index(fields=["household"], name="household_members")]

    def __str__(self) -> str:
        return f"lid sinds {self.joined_on}"


class HouseholdInvitation(models.Model):
    """The code with which a partner joins. Only its keyed hash is kept; works once."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="household_invitations")
    code_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["HouseholdInvitation"](citizen="citizen_id")

    class Meta:
        verbose_name = "uitnodiging voor een partner"
        verbose_name_plural = "uitnodigingen voor partners"

    def __str__(self) -> str:
        return "uitnodiging voor een partner"


class CoDebtor(models.Model):
    """Somebody else who is liable for the same claim: the only claims of a partner that the other partner sees."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="co_debtors")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="shared_claims", help_text="de medeschuldenaar")
    ground = models.CharField(max_length=100, help_text="waarom zij samen moeten betalen")
    since = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["CoDebtor"](citizen="citizen_id")

    class Meta:
        verbose_name = "medeschuldenaar"
        verbose_name_plural = "medeschuldenaren"
        constraints = [models.UniqueConstraint(fields=["claim", "citizen"], name="one_co_debtor_once_per_claim")]

    def __str__(self) -> str:
        return f"medeschuldenaar sinds {self.since}"
