import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.proposal import Proposal
from creditors.models import Creditor
from infra.db.scoped import ScopedManager


class CertificateList(models.Model):
    """Everything the equality certificates of one plan commit to: all lines of everybody, with the salts. Never changed.

    For the citizen, and for an auditor by way of the desk. `subject` names the plan, now a version of a proposal.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject = models.CharField("onderwerp", max_length=80, unique=True)
    label = models.CharField("naam", max_length=80)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    proposal = models.ForeignKey(Proposal, models.PROTECT, null=True, related_name="+")
    root = models.CharField("vastlegging", max_length=64)
    document = models.JSONField()
    key_id = models.CharField("sleutel", max_length=16)
    signature = models.CharField("handtekening", max_length=128)
    made_on = models.DateField("gemaakt op")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["CertificateList"](citizen="citizen_id")

    class Meta:
        verbose_name = "bewijs van gelijke behandeling"
        verbose_name_plural = "bewijzen van gelijke behandeling"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"bewijs {self.subject}"


class EqualityCertificate(models.Model):
    """The statement of one creditor: its own lines, of the others only totals. Never changed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    full_list = models.ForeignKey(CertificateList, models.PROTECT, related_name="certificates")
    proposal = models.ForeignKey(Proposal, models.PROTECT, null=True, related_name="+")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="+")
    document = models.JSONField()
    key_id = models.CharField(max_length=16)
    signature = models.CharField(max_length=128)
    made_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["EqualityCertificate"](creditor="creditor_id")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["full_list", "creditor"], name="one_certificate_per_creditor"),
        ]

    def __str__(self) -> str:
        return f"verklaring {self.public_id}"
