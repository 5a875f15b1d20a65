import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from creditors.models.creditor import Creditor
from infra.db.scoped import ScopedManager


class IbanChange(models.Model):
    """Another account for what a creditor is paid. One asks, another approves, and then there is a waiting time.

    Fraud with account numbers begins with one convincing letter (reliability.md 27).
    """

    class State(models.TextChoices):
        ASKED = "asked", "Wacht op controle"
        APPROVED = "approved", "Gaat in na de wachttijd"
        APPLIED = "applied", "Ingegaan"
        REFUSED = "refused", "Afgewezen"
        WITHDRAWN = "withdrawn", "Ingetrokken"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="iban_changes")
    old_iban = models.CharField(max_length=34, blank=True)
    iban = models.CharField(max_length=34)
    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_on = models.DateField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField(null=True)
    how_checked = models.CharField(
        max_length=200, blank=True, help_text="hoe de naam en de rekening zijn gecontroleerd"
    )
    effective_on = models.DateField(null=True, help_text="vanaf deze dag, deze dag telt mee")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["IbanChange"](creditor="creditor_id")

    class Meta:
        verbose_name = "wijziging van een rekeningnummer"
        verbose_name_plural = "wijzigingen van rekeningnummers"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by=None)
                | ~models.Q(decided_by=models.F("asked_by"))
                | models.Q(state="withdrawn"),
                name="iban_change_has_four_eyes",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "applied"])
                | models.Q(decided_by__isnull=False, effective_on__isnull=False),
                name="approved_iban_change_says_who_and_when",
            ),
            models.UniqueConstraint(
                fields=["creditor"],
                condition=models.Q(state__in=["asked", "approved"]),
                name="one_open_iban_change_per_creditor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.creditor_id} …{self.iban[-4:]}"
