import uuid

from django.db import models
from django.utils import timezone

from accounts.models import CaseWorker, Citizen
from arrangements.models.application import Application
from infra.db.scoped import ScopedManager


class BudgetMark(models.Model):
    """A coach checked the figures of an application: number, date, person. Changing a figure drops the mark (features B2)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="budget_marks")
    application = models.ForeignKey(Application, models.PROTECT, related_name="marks")
    coach = models.ForeignKey(CaseWorker, models.PROTECT, related_name="budget_marks")
    figures_hash = models.CharField(max_length=64, help_text="hash van de cijfers die zijn gecontroleerd")
    marked_on = models.DateField()
    dropped_on = models.DateField(null=True)
    dropped_because = models.JSONField(default=list, help_text="namen van de antwoorden die zijn veranderd")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["BudgetMark"](citizen="citizen_id")

    class Meta:
        verbose_name = "controle van een budget"
        verbose_name_plural = "controles van budgetten"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=models.Q(dropped_on__isnull=True),
                name="one_living_mark_per_application",
            ),
        ]

    def __str__(self) -> str:
        return f"controle {self.number}"
