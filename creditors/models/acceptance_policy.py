from django.conf import settings
from django.db import models
from django.utils import timezone

from creditors.models.creditor import Creditor
from infra.db.scoped import ScopedManager


class AcceptancePolicy(models.Model):
    """A creditor's published rule "we say yes from this percentage on". It can only say yes, or leave it to a person."""

    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="policies")
    version = models.PositiveIntegerField()
    minimum_basis_points = models.PositiveIntegerField(
        help_text="laagste percentage van de vordering, in honderdsten van een procent"
    )
    maximum_waived_cents = models.BigIntegerField(
        null=True, help_text="hoogste kwijt te schelden bedrag, in centen; leeg is geen grens"
    )
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, help_text="laatste dag; leeg is tot nader order")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["AcceptancePolicy"](creditor="creditor_id")

    class Meta:
        verbose_name = "beleid"
        verbose_name_plural = "beleid"
        ordering = ["creditor", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["creditor", "version"], name="one_policy_per_version"),
            models.CheckConstraint(
                condition=models.Q(minimum_basis_points__lte=10_000), name="policy_minimum_is_a_percentage"
            ),
            models.UniqueConstraint(
                fields=["creditor"], condition=models.Q(valid_until__isnull=True), name="one_open_policy_per_creditor"
            ),
        ]

    def __str__(self) -> str:
        return f"beleid versie {self.version}"
