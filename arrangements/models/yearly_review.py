from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.application import Application
from arrangements.models.arrangement import Arrangement
from infra.db.scoped import ScopedManager


class YearlyReview(models.Model):
    """One year of a running arrangement: when the citizen was asked to look at the figures, and when that was done."""

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="reviews")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    due_on = models.DateField(help_text="de dag waarop de regeling weer een jaar loopt")
    asked_on = models.DateField()
    task_made_on = models.DateField(null=True, help_text="niet op tijd gedaan: de contactpersoon belt")
    done_on = models.DateField(null=True)
    application = models.OneToOneField(Application, models.PROTECT, null=True, related_name="review")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["YearlyReview"](citizen="citizen_id")

    class Meta:
        verbose_name = "jaarlijkse controle"
        verbose_name_plural = "jaarlijkse controles"
        ordering = ["-due_on"]
        constraints = [
            models.UniqueConstraint(fields=["arrangement", "due_on"], name="one_review_per_year"),
            models.CheckConstraint(
                condition=models.Q(done_on__isnull=True, application__isnull=True)
                | models.Q(done_on__isnull=False, application__isnull=False),
                name="a_review_that_is_done_has_its_figures",
            ),
        ]
        indexes = [
            models.Index(fields=["asked_on"], condition=models.Q(done_on__isnull=True), name="review_not_done"),
        ]

    def __str__(self) -> str:
        return f"jaarlijkse controle van {self.due_on}"
