import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.domain.lifecycle import PaymentState
from arrangements.models.arrangement import Arrangement, Installment
from arrangements.models.choices import choices, one_of
from infra.db.scoped import ScopedManager


class Payment(models.Model):
    """One try of the citizen to pay: the amount comes from our row, never from the browser. In cents."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="payments")
    installment = models.ForeignKey(Installment, models.PROTECT, null=True, related_name="payments")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    amount_cents = models.BigIntegerField()
    is_extra = models.BooleanField(default=False, help_text="komt boven de termijn: het plan is eerder klaar")
    storno = models.ForeignKey(
        "arrangements.Storno",
        models.PROTECT,
        null=True,
        related_name="repayments",
        help_text="betaalt een storno terug",
    )
    provider = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=100, blank=True)
    fee_cents = models.BigIntegerField(
        null=True, help_text="wat de aanbieder inhield; nooit van het geld van de burger"
    )
    settlement = models.ForeignKey(
        "arrangements.ProviderSettlement", models.PROTECT, null=True, related_name="payments"
    )
    asked_at = models.DateTimeField(null=True, help_text="wanneer de aanbieder voor het laatst werd gevraagd")
    link = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=choices(PaymentState), default=PaymentState.PENDING)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    objects = ScopedManager["Payment"](citizen="citizen_id")

    class Meta:
        verbose_name = "betaling"
        verbose_name_plural = "betalingen"
        ordering = ["-id"]
        constraints = [
            one_of("state", PaymentState, "payment_state_known"),
            models.CheckConstraint(condition=models.Q(amount_cents__gt=0), name="payment_is_positive"),
            models.UniqueConstraint(
                fields=["provider", "provider_id"],
                condition=~models.Q(provider_id=""),
                name="one_payment_per_provider_id",
            ),
            models.UniqueConstraint(
                fields=["installment"], condition=models.Q(state="pending"), name="one_pending_payment_per_installment"
            ),
        ]

    def __str__(self) -> str:
        return f"betaling {self.public_id}"


class ProviderEvent(models.Model):
    """A webhook as it came in. The unique key on the event id, not the signature, is what stops a replay."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=60)
    provider_payment_id = models.CharField(max_length=100)
    raw = models.BinaryField()
    received_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True)
    shown_on = models.DateField(null=True, help_text="niemand kent dit: sinds deze dag ligt het bij een mens")
    outcome = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = "bericht van de bank"
        verbose_name_plural = "berichten van de bank"
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="one_row_per_provider_event")]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"


class Receipt(models.Model):
    """Money that came in for an arrangement, once per payment or bank line.

    What is not needed for the plan is `extra_cents`; what a storno took back from us is `reversed_cents`. Money that came in
    bulk waits a moment: `divided_on` is empty until then.
    """

    class Source(models.TextChoices):
        PROVIDER = "provider", "Betaallink"
        TRANSFER = "transfer", "Overgemaakt"
        WITHHELD = "withheld", "Ingehouden op de uitkering"

    class Kind(models.TextChoices):
        INSTALLMENT = "installment", "Termijn"
        EXTRA = "extra", "Extra"
        AFTER_END = "after_end", "Na het einde van de regeling"

    kind = models.CharField(max_length=11, choices=Kind, default=Kind.INSTALLMENT)
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="receipts")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    source = models.CharField(max_length=8, choices=Source, default=Source.PROVIDER)
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, related_name="receipt")
    bank_line = models.OneToOneField("arrangements.BankLine", models.PROTECT, null=True, related_name="receipt")
    withholding_line = models.OneToOneField(
        "arrangements.WithholdingLine", models.PROTECT, null=True, related_name="receipt"
    )
    key = models.CharField(max_length=120, unique=True)
    amount_cents = models.BigIntegerField()
    divided_cents = models.BigIntegerField(help_text="verdeeld over de organisaties")
    extra_cents = models.BigIntegerField(default=0, help_text="meer dan de regeling vraagt: gaat terug naar de burger")
    repaid_cents = models.BigIntegerField(default=0, help_text="betaalt een storno terug")
    reversed_cents = models.BigIntegerField(
        default=0, db_default=0, help_text="nam de bank van de betaler terug, en is van niemand meer"
    )
    received_on = models.DateField()
    divided_on = models.DateField(null=True, help_text="leeg: wacht nog op de verdeling")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["Receipt"](citizen="citizen_id")

    class Meta:
        verbose_name = "ontvangst"
        verbose_name_plural = "ontvangsten"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    amount_cents=models.F("divided_cents")
                    + models.F("extra_cents")
                    + models.F("repaid_cents")
                    + models.F("reversed_cents")
                )
                | models.Q(divided_on=None, divided_cents=0, extra_cents=0, repaid_cents=0, reversed_cents=0),
                name="receipt_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(amount_cents__gt=0, divided_cents__gte=0, extra_cents__gte=0)
                & models.Q(repaid_cents__gte=0, reversed_cents__gte=0),
                name="receipt_is_positive",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="after_end") | models.Q(divided_cents=0),
                name="nothing_is_divided_after_the_end",
            ),
        ]
        indexes = [
            models.Index(fields=["arrangement"], condition=models.Q(divided_on=None), name="receipt_waits"),
        ]

    def __str__(self) -> str:
        return f"ontvangst {self.key}"
