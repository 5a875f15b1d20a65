import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.arrangement import Arrangement
from arrangements.models.assessment import Assessment
from infra.db.scoped import ScopedManager


class NormsEntry(models.Model):
    """The norms of one half-year as staff entered them, beside the files of the release. Two people: enter, then approve.

    `norms` may be incomplete while it is not approved; approved it is never changed (the database refuses it).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    starts = models.DateField("eerste dag van het halfjaar", unique=True)
    norms = models.JSONField("bedragen", default=dict)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="ingevoerd door"
    )
    entered_at = models.DateTimeField("ingevoerd op", default=timezone.now)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="goedgekeurd door"
    )
    approved_at = models.DateTimeField("goedgekeurd op", null=True)

    objects: ClassVar[models.Manager["NormsEntry"]] = models.Manager()

    class Meta:
        verbose_name = "normen van een halfjaar"
        verbose_name_plural = "normen"
        ordering = ["-starts"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True, approved_at__isnull=True)
                | models.Q(approved_by__isnull=False, approved_at__isnull=False),
                name="approved_norms_say_by_whom",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True) | ~models.Q(approved_by=models.F("entered_by")),
                name="norms_are_approved_by_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"normen vanaf {self.starts}"


class NormsRerun(models.Model):
    """The gate once more for all running plans, because a new half-year began. Reports; changes no plan."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    norms_key = models.CharField("normen", max_length=20)
    norms_hash = models.CharField("vingerafdruk van de normen", max_length=64)
    on_date = models.DateField("getoetst op")
    checked = models.PositiveIntegerField("plannen bekeken", default=0)
    touched = models.PositiveIntegerField("plannen geraakt", default=0)
    last_arrangement_id = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField("klaar op", null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["NormsRerun"]] = models.Manager()

    class Meta:
        verbose_name = "hertoets na nieuwe normen"
        verbose_name_plural = "hertoetsen na nieuwe normen"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["norms_key", "norms_hash"], name="one_rerun_per_record")]

    def __str__(self) -> str:
        return f"hertoets met de normen van {self.norms_key}"


class NormsRerunLine(models.Model):
    """One plan in a rerun: how it was, how it is by the new norms. Cents per month."""

    rerun = models.ForeignKey(NormsRerun, models.PROTECT, related_name="lines", verbose_name="hertoets")
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="+", verbose_name="regeling")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+", verbose_name="burger")
    monthly_cents = models.BigIntegerField("per maand, in centen")
    old_verdict = models.CharField("toets eerder", max_length=5, choices=Assessment.Verdict)
    new_verdict = models.CharField("toets nu", max_length=5, choices=Assessment.Verdict)
    old_capacity_cents = models.BigIntegerField("zeker te missen eerder, in centen", null=True)
    new_capacity_cents = models.BigIntegerField("zeker te missen nu, in centen", null=True)
    touched = models.BooleanField("geraakt")

    objects = ScopedManager["NormsRerunLine"](citizen="citizen_id")

    class Meta:
        verbose_name = "plan in een hertoets"
        verbose_name_plural = "plannen in een hertoets"
        ordering = ["rerun", "id"]
        constraints = [models.UniqueConstraint(fields=["rerun", "arrangement"], name="one_line_per_plan_and_rerun")]

    def __str__(self) -> str:
        return f"{self.old_verdict} wordt {self.new_verdict}"
