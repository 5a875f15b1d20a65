import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.arrangement import Arrangement
from creditors.models import Creditor
from infra.db.scoped import ScopedManager


class CreditorTask(models.Model):
    """Something a creditor has to do because of an arrangement, and confirms with the date on which it did."""

    class Kind(models.TextChoices):
        STOP_COLLECTING = "stop_collecting", "Stop met innen"
        CAK_SIGN_OFF = "cak_sign_off", "Afmelden bij het CAK"
        CAK_SIGN_ON = "cak_sign_on", "Weer aanmelden bij het CAK mag"

    class Outcome(models.TextChoices):
        DONE = "done", "Gedaan"
        NOT_NEEDED = "not_needed", "Niet nodig"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="creditor_tasks")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=16, choices=Kind)
    asked_on = models.DateField()
    due_on = models.DateField(help_text="laatste dag om te bevestigen")
    reminded_on = models.DateField(null=True, help_text="te laat: organisatie en contactpersoon hebben bericht")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    done_on = models.DateField(null=True, help_text="de dag die de organisatie noemt: vanaf dan is het zo")
    confirmed_on = models.DateField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["CreditorTask"](citizen="citizen_id", creditor="creditor_id")

    class Meta:
        verbose_name = "taak van een organisatie"
        verbose_name_plural = "taken van organisaties"
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["arrangement", "creditor", "kind"], name="one_task_per_creditor_and_kind"),
            models.CheckConstraint(
                condition=models.Q(outcome="", done_on__isnull=True, confirmed_on__isnull=True)
                | models.Q(outcome="done", done_on__isnull=False, confirmed_on__isnull=False)
                | models.Q(outcome="not_needed", confirmed_on__isnull=False),
                name="confirmed_task_has_its_dates",
            ),
        ]
        indexes = [models.Index(fields=["creditor", "outcome", "due_on"], name="creditor_task_queue")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} voor {self.due_on}"
