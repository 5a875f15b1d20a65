import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.arrangement import Arrangement
from arrangements.models.bank_statement import BankLine


class Withholder(models.Model):
    """Who withholds monthly amounts from a benefit and pays them in one transfer: a municipality."""

    name = models.CharField("naam", max_length=100, unique=True)
    iban = models.CharField("IBAN", max_length=34, unique=True)
    email = models.EmailField("e-mailadres", blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "inhouder"
        verbose_name_plural = "inhouders"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class WithholdingFile(models.Model):
    """The specification of one transfer: for whom, and how much each. Read whole or refused whole. In cents."""

    class State(models.TextChoices):
        WAITING = "waiting", "Wacht op het geld"
        BOOKED = "booked", "Geboekt"
        WITHDRAWN = "withdrawn", "Ingetrokken"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    withholder = models.ForeignKey(Withholder, models.PROTECT, related_name="files")
    reference = models.CharField(max_length=35, help_text="staat bij de overboeking")
    total_cents = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    bank_line = models.OneToOneField(BankLine, models.PROTECT, null=True, related_name="withholding_file")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    booked_on = models.DateField(null=True)

    class Meta:
        verbose_name = "specificatie van een inhouding"
        verbose_name_plural = "specificaties van inhoudingen"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["withholder", "reference"],
                condition=~models.Q(state="withdrawn"),
                name="one_specification_per_reference",
            ),
            models.UniqueConstraint(
                fields=["sha256"], condition=~models.Q(state="withdrawn"), name="one_specification_per_content"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="booked") | models.Q(bank_line__isnull=False, booked_on__isnull=False),
                name="a_booked_specification_has_its_money",
            ),
            models.CheckConstraint(condition=models.Q(total_cents__gt=0), name="withholding_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.withholder_id} {self.reference}"


class WithholdingLine(models.Model):
    """What was withheld for one citizen. `arrangement` is empty when the betalingskenmerk is of nobody here."""

    file = models.ForeignKey(WithholdingFile, models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    payment_reference = models.CharField("betalingskenmerk", max_length=16)
    amount_cents = models.BigIntegerField()
    withholder_name = models.CharField(
        max_length=100, default="", help_text="zoals de burger het bij zijn betaling leest"
    )
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, null=True, related_name="withholding_lines")
    citizen = models.ForeignKey(Citizen, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["file", "position"]
        constraints = [
            models.UniqueConstraint(fields=["file", "position"], name="one_withholding_line_per_place"),
            models.CheckConstraint(condition=models.Q(amount_cents__gt=0), name="withholding_line_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.position}"
