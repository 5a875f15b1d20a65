import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from creditors.models import Creditor


class MoneyRun(models.Model):
    """One run over many arrangements: a row per run, a row per chunk, once per period (performance.md 3).

    Monthly: what is due, what came in is divided, what creditors get is paid on. The others pay on only.
    """

    class Kind(models.TextChoices):
        MONTHLY = "monthly", "Maandrun"
        FINISHED = "finished", "Geld van regelingen die klaar zijn"
        ON_DEMAND = "on_demand", "Op verzoek"

    class State(models.TextChoices):
        RUNNING = "running", "Bezig"
        BUILT = "built", "Klaar om vrij te geven"
        RELEASED = "released", "Vrijgegeven"
        SUBMITTED = "submitted", "Aangeboden aan de bank"
        DONE = "done", "Klaar"
        WITHDRAWN = "withdrawn", "Ingetrokken"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=9, choices=Kind)
    run_date = models.DateField()
    period = models.CharField(max_length=20, unique=True, help_text="waarvoor deze run eenmalig is, zoals 2027-01")
    creditor = models.ForeignKey(Creditor, models.PROTECT, null=True, related_name="+", help_text="alleen voor deze")
    state = models.CharField(max_length=9, choices=State, default=State.RUNNING)
    total_cents = models.BigIntegerField(default=0)
    batch_count = models.PositiveIntegerField(default=0)
    line_count = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    built_at = models.DateTimeField(null=True)
    submitted_on = models.DateField(null=True)
    done_on = models.DateField(null=True)

    class Meta:
        verbose_name = "run"
        verbose_name_plural = "runs"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.period


class RunChunk(models.Model):
    """A part of a run that is done in one transaction. Done once: its row is locked and marked in that transaction."""

    class Step(models.TextChoices):
        DUE = "due", "Wat deze maand vervalt"
        DIVIDE = "divide", "Verdelen"
        REMIT = "remit", "Doorbetalen"

    class State(models.TextChoices):
        WAITING = "waiting", "Wacht"
        DONE = "done", "Klaar"
        FAILED = "failed", "Mislukt"

    run = models.ForeignKey(MoneyRun, models.PROTECT, related_name="chunks")
    step = models.CharField(max_length=6, choices=Step)
    number = models.PositiveIntegerField()
    first_id = models.BigIntegerField(help_text="eerste nummer van wat erin zit, dit telt mee")
    last_id = models.BigIntegerField(help_text="laatste nummer van wat erin zit, dit telt mee")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    counted = models.PositiveIntegerField(default=0)
    amount_cents = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["run", "step", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "step", "number"], name="one_chunk_per_number")]
        indexes = [models.Index(fields=["run", "step", "state"], name="chunk_waits")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.step} {self.number}"


class RunApproval(models.Model):
    """A person at the desk looked at a run and says it may go. Two different people, or it does not."""

    run = models.ForeignKey(MoneyRun, models.PROTECT, related_name="approvals")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    total_cents = models.BigIntegerField(help_text="het totaal dat op het scherm stond")
    names_checked = models.BooleanField(
        default=False, help_text="naam en rekening zijn nagekeken waar iets nieuw is (payments.md 3.1)"
    )
    approved_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["run", "user"], name="one_approval_per_person")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.user_id}"
