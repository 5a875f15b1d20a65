"""Tables without a domain word: the audit line, the outbox, jobs, the business date."""

import uuid

from django.db import models
from django.utils import timezone

from infra.db.scoped import ScopedManager


class BusinessDate(models.Model):
    """The one row that says what day it is, where the demo or a training tenant moves the date itself."""

    date = models.DateField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="business_date_is_one_row")]

    def __str__(self) -> str:
        return self.date.isoformat()


class AuditLine(models.Model):
    """Append-only. The key is made here, not by the database, so that writing needs no right to read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(default=timezone.now)
    business_date = models.DateField()
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30, blank=True)
    actor_user_id = models.BigIntegerField(null=True)
    actor_coach_id = models.BigIntegerField(null=True)
    by_system = models.BooleanField(default=False)
    citizen_id = models.BigIntegerField(null=True)
    creditor_id = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True, help_text="waarom dit gebeurde")
    access = models.CharField(max_length=200, blank=True, help_text="waarvoor iemand hier was")
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name = "regel in het logboek"
        verbose_name_plural = "logboek"
        indexes = [
            models.Index(fields=["object_type", "object_id", "at"], name="audit_by_object"),
            models.Index(fields=["citizen_id", "at"], name="audit_by_citizen"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_type} {self.object_id}"


class Message(models.Model):
    """Outbox and archive in one: what we told somebody, as it was sent. Written with the change it tells about."""

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        LETTER = "letter", "Brief"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, choices=Channel)
    to_address = models.CharField(max_length=254, blank=True)
    to_name = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    citizen_id = models.BigIntegerField(null=True)
    creditor_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    business_date = models.DateField()
    sent_at = models.DateTimeField(null=True)

    objects = ScopedManager["Message"](citizen="citizen_id", creditor="creditor_id")

    class Meta:
        verbose_name = "bericht"
        verbose_name_plural = "berichten"
        indexes = [
            models.Index(fields=["citizen_id", "-created_at"], name="message_by_citizen"),
            models.Index(fields=["creditor_id", "-created_at"], name="message_by_creditor"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Job(models.Model):
    """Work that leaves the request. The row is the truth, the queue only an alarm clock (reliability.md 0.3)."""

    class State(models.TextChoices):
        WAITING = "waiting", "Wacht"
        RUNNING = "running", "Bezig"
        DONE = "done", "Klaar"
        FAILED = "failed", "Mislukt"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    progress_text = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict)
    last_error = models.TextField(blank=True)
    user_id = models.BigIntegerField(null=True)
    citizen_id = models.BigIntegerField(null=True)
    creditor_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ScopedManager["Job"](citizen="citizen_id", creditor="creditor_id", user="user_id")

    class Meta:
        verbose_name = "taak van het systeem"
        verbose_name_plural = "taken van het systeem"
        indexes = [
            # the sweeper looks for unfinished rows only
            models.Index(
                fields=["not_before"], name="job_unfinished", condition=models.Q(state__in=["waiting", "running"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}: {self.state}"


class DemoPost(models.Model):
    """Mail as it left the demo, shown at /demo/post/. Made-up people only; the table stays empty elsewhere."""

    at = models.DateTimeField(default=timezone.now)
    to_address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.to_address}: {self.subject}"
