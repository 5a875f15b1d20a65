from django.db import models
from django.utils import timezone

from creditors.models.claim_import import ClaimImport
from creditors.models.creditor import Creditor
from infra.db.scoped import ScopedManager


class UploadedClaim(models.Model):
    """A claim a creditor sent us. The person is only a keyed hash until somebody proves to be that person.

    Unmatched rows are thrown away on `expires_on` (30 days).
    """

    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="uploaded_claims")
    claim_import = models.ForeignKey(ClaimImport, models.PROTECT, related_name="claims")
    reference = models.CharField(max_length=60)
    customer_number = models.CharField(max_length=60)
    match_key = models.CharField(max_length=64)
    invitation_hash = models.CharField(max_length=64)
    principal_cents = models.BigIntegerField()
    interest_cents = models.BigIntegerField(default=0)
    costs_cents = models.BigIntegerField(default=0)
    outstanding_cents = models.BigIntegerField()
    is_preferent = models.BooleanField(default=False)
    preference_ground = models.CharField(max_length=100, blank=True)
    dischargeable = models.BooleanField(default=True)
    not_dischargeable_ground = models.CharField(max_length=100, blank=True)
    invoice_number = models.CharField(max_length=60, blank=True)
    origin_date = models.DateField(null=True)
    kind = models.CharField(max_length=12, blank=True)
    collector_name = models.CharField(max_length=100, blank=True)
    collector_reference = models.CharField(max_length=60, blank=True)
    deurwaarder_name = models.CharField(max_length=100, blank=True)
    deurwaarder_reference = models.CharField(max_length=60, blank=True)
    expires_on = models.DateField()
    matched_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["UploadedClaim"](creditor="creditor_id")

    class Meta:
        verbose_name = "aangeleverde vordering"
        verbose_name_plural = "aangeleverde vorderingen"
        constraints = [
            models.UniqueConstraint(fields=["creditor", "reference"], name="uploaded_reference_once_per_creditor"),
            models.CheckConstraint(
                condition=models.Q(
                    principal_cents__gte=0, interest_cents__gte=0, costs_cents__gte=0, outstanding_cents__gt=0
                ),
                name="uploaded_amounts_are_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(dischargeable=True) | ~models.Q(not_dischargeable_ground=""),
                name="uploaded_not_dischargeable_has_a_ground",
            ),
            models.CheckConstraint(
                condition=models.Q(is_preferent=False) | ~models.Q(preference_ground=""),
                name="uploaded_preference_has_a_ground",
            ),
        ]
        indexes = [
            models.Index(fields=["match_key"], name="uploaded_by_match_key"),
            models.Index(fields=["invitation_hash"], name="uploaded_by_invitation"),
        ]

    def __str__(self) -> str:
        return self.reference
