import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.domain.deciders import ChangeGround
from arrangements.models.arrangement import Arrangement
from arrangements.models.choices import one_of
from arrangements.models.claim import Claim
from creditors.models import Creditor
from infra.db.scoped import ScopedManager


class PlanVersion(models.Model):
    """The running arrangement as it stood after one change of it, whole: what was agreed stays readable. In cents.

    Version 1 is what was signed. `received_cents` is what had been divided at that moment; from there on the shares of
    this version decide. `details` holds numbers only: which assessment, which variation, which claim.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="versions")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    ground = models.CharField(max_length=20, choices=[(one.value, one.label) for one in ChangeGround])
    monthly_cents = models.BigIntegerField()
    pot_cents = models.BigIntegerField()
    received_cents = models.BigIntegerField()
    total_cents = models.BigIntegerField()
    creditor_count = models.PositiveIntegerField()
    last_due_date = models.DateField()
    made_on = models.DateField()
    decided_by = models.CharField(max_length=10, help_text="wie dit besliste, zie domain.deciders")
    decided_by_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    content_hash = models.CharField(max_length=64)
    details = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["PlanVersion"](citizen="citizen_id", creditor="lines__creditor_id")

    class Meta:
        verbose_name = "versie van de regeling"
        verbose_name_plural = "versies van de regeling"
        ordering = ["arrangement", "number"]
        constraints = [
            one_of("ground", ChangeGround, "plan_version_ground_known"),
            models.UniqueConstraint(fields=["arrangement", "number"], name="one_plan_version_per_number"),
            models.CheckConstraint(
                condition=models.Q(received_cents__gte=0) & models.Q(received_cents__lte=models.F("pot_cents")),
                name="plan_version_asks_what_came_in_at_least",
            ),
        ]

    def __str__(self) -> str:
        return f"versie {self.number} van regeling {self.arrangement_id}"


class PlanVersionLine(models.Model):
    """One claim in one version of a running arrangement, in cents; `settled_cents` is what it had by then."""

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="lines")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    outstanding_cents = models.BigIntegerField()
    is_preferent = models.BooleanField()
    dischargeable = models.BooleanField()
    share_cents = models.BigIntegerField()
    waived_cents = models.BigIntegerField()
    remains_cents = models.BigIntegerField()
    settled_cents = models.BigIntegerField()

    objects = ScopedManager["PlanVersionLine"](citizen="citizen_id", creditor="creditor_id")

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "claim"], name="one_line_per_claim_and_plan_version"),
            models.CheckConstraint(
                condition=models.Q(
                    outstanding_cents=models.F("share_cents") + models.F("waived_cents") + models.F("remains_cents")
                ),
                name="plan_version_line_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(settled_cents__gte=0, waived_cents__gte=0, remains_cents__gte=0)
                & models.Q(settled_cents__lte=models.F("share_cents")),
                name="plan_version_takes_nothing_back",
            ),
        ]

    def __str__(self) -> str:
        return f"regel {self.position}"
