import uuid

from django.db import models
from django.utils import timezone

from accounts.models.people import CaseWorker, Citizen, User
from infra.db.scoped import ScopedManager


class Absence(models.Model):
    """A coach or desk worker is away from `from_date` up to and including `until_date`; `stand_in` takes the phone."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case_worker = models.ForeignKey(CaseWorker, models.PROTECT, related_name="absences", verbose_name="wie is er niet")
    stand_in = models.ForeignKey(
        CaseWorker, models.PROTECT, related_name="stands_in_for", verbose_name="wie neemt waar"
    )
    from_date = models.DateField("vanaf")
    until_date = models.DateField("tot en met")
    told_by_user = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects: models.Manager["Absence"] = models.Manager()

    class Meta:
        verbose_name = "afwezigheid"
        verbose_name_plural = "afwezigheid"
        ordering = ["from_date", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until_date__gte=models.F("from_date")), name="absence_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~models.Q(stand_in=models.F("case_worker")), name="nobody_stands_in_for_themselves"
            ),
        ]
        indexes = [models.Index(fields=["until_date", "from_date"], name="absence_by_day")]

    def __str__(self) -> str:
        return f"{self.case_worker} afwezig tot en met {self.until_date}"


class HandOver(models.Model):
    """A case got another director. Only grows. The note is for the new director: citizens and organisations never see it.

    The key is made here, not by the database: a citizen who stops a coach writes the row and may not read it.
    """

    class Reason(models.TextChoices):
        BY_HAND = "by_hand", "Overgedragen"
        MANDATE_GIVEN = "mandate_given", "De burger gaf een machtiging"
        MANDATE_ENDED = "mandate_ended", "De burger stopte de machtiging"
        MANDATE_OVER = "mandate_over", "De machtiging is verlopen"
        LEFT = "left", "De contactpersoon werkt hier niet meer"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="hand_overs", verbose_name="burger")
    from_worker = models.ForeignKey(CaseWorker, models.PROTECT, related_name="+", verbose_name="van")
    to_worker = models.ForeignKey(CaseWorker, models.PROTECT, related_name="+", verbose_name="naar")
    reason = models.CharField("reden", max_length=14, choices=Reason)
    note = models.TextField("notitie", max_length=2000)
    made_by_user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="door")
    handed_on = models.DateField("op")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["HandOver"](coach="to_worker_id")

    class Meta:
        verbose_name = "overdracht"
        verbose_name_plural = "overdrachten"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(note=""), name="hand_over_has_a_note"),
            models.CheckConstraint(
                condition=~models.Q(from_worker=models.F("to_worker")), name="hand_over_is_to_somebody_else"
            ),
            models.CheckConstraint(
                condition=~models.Q(reason="by_hand") | models.Q(made_by_user__isnull=False),
                name="hand_over_by_hand_says_by_whom",
            ),
        ]
        indexes = [models.Index(fields=["citizen", "-created_at"], name="hand_over_by_citizen")]

    def __str__(self) -> str:
        return f"overdracht op {self.handed_on}"
