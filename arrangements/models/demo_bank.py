"""The books of the made-up bank. They belong to the other side: our own code reads them only through the provider."""

from django.db import models
from django.utils import timezone


class DemoBankPayment(models.Model):
    """A payment somebody was asked for, on the page of the made-up bank. In cents."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        PENDING = "pending", "Onderweg"
        PAID = "paid", "Betaald"
        REFUSED = "refused", "Geweigerd"
        EXPIRED = "expired", "Verlopen"

    id = models.CharField(primary_key=True, max_length=40)
    key = models.CharField(max_length=120, unique=True)
    amount_cents = models.BigIntegerField()
    description = models.CharField(max_length=100)
    return_url = models.CharField(max_length=300)
    webhook_url = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_on = models.DateField(null=True)
    opened_on = models.DateField(null=True)
    fee_cents = models.BigIntegerField(
        null=True, help_text="ingehouden bij de uitbetaling; leeg zolang die er niet was"
    )
    dispute_id = models.CharField(max_length=60, blank=True, help_text="naam van de storno")
    dispute_fee_cents = models.BigIntegerField(default=0)
    reversed_on = models.DateField(null=True, help_text="teruggehaald door de betaler, of toch mislukt")
    won_on = models.DateField(null=True, help_text="de storno is teruggedraaid")
    refunded_cents = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["opened_on"], condition=models.Q(state="open"), name="demo_payment_is_open"),
        ]

    def __str__(self) -> str:
        return f"DemoBank {self.id}"


class DemoBankEvent(models.Model):
    """Something the bank tells about a payment: always the same bytes, however often it is told."""

    number = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=60)
    payment = models.ForeignKey(DemoBankPayment, models.PROTECT, related_name="events")
    body = models.BinaryField()
    happened_on = models.DateField()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.event_id


class DemoBankBalanceLine(models.Model):
    """One line on the balance of what the bank collected for us and did not pay out yet. In cents, + is for us.

    `kind`: a value of ProviderMove.Kind.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=10)
    payment = models.ForeignKey(DemoBankPayment, models.PROTECT, related_name="balance_lines")
    amount_cents = models.BigIntegerField()
    happened_on = models.DateField()
    settlement = models.CharField(max_length=40, blank=True, help_text="in welke uitbetaling dit zat")

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["happened_on"], condition=models.Q(settlement=""), name="demo_line_not_paid_out"),
            models.Index(fields=["settlement"], name="demo_line_by_settlement"),
        ]

    def __str__(self) -> str:
        return self.key


class DemoBankStatement(models.Model):
    """One day of the segregated account, closed: opening + lines = closing. In cents. Its number is the statement's."""

    number = models.BigIntegerField(primary_key=True)
    day = models.DateField(unique=True)
    opening_cents = models.BigIntegerField()
    closing_cents = models.BigIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.day}"


class DemoBankMove(models.Model):
    """One line on the segregated account at the made-up bank, in the order in which it was booked. In cents, + is in.

    A settlement of what it collected, somebody's own transfer, a batch that went out, a transfer that came back.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=120, unique=True)
    booked_on = models.DateField()
    amount_cents = models.BigIntegerField()
    counterparty_name = models.CharField(max_length=70, blank=True)
    counterparty_iban = models.CharField(max_length=34, blank=True)
    structured_reference = models.CharField(max_length=35, blank=True)
    text = models.CharField(max_length=140, blank=True)
    end_to_end_id = models.CharField(max_length=35, blank=True)
    batch_id = models.CharField(max_length=35, blank=True, help_text="PmtInfId van de opdracht")
    return_reason = models.CharField(max_length=4, blank=True)
    details = models.JSONField(default=list, help_text="de regels van een verzamelboeking")
    statement = models.ForeignKey(DemoBankStatement, models.PROTECT, null=True, related_name="moves")

    class Meta:
        ordering = ["booked_on", "id"]
        indexes = [
            models.Index(fields=["booked_on"], name="demo_move_by_day"),
            models.Index(fields=["id"], condition=models.Q(statement=None), name="demo_move_not_told"),
        ]

    def __str__(self) -> str:
        return self.key


class DemoBankOrder(models.Model):
    """A file with transfers that was handed in at the made-up bank. The same message twice is refused."""

    message_id = models.CharField(primary_key=True, max_length=35)
    content = models.BinaryField()
    handed_in_on = models.DateField()
    executed_on = models.DateField(null=True)
    rejected = models.JSONField(default=dict, help_text="end-to-end-id: reden")

    def __str__(self) -> str:
        return self.message_id


class DemoBankFault(models.Model):
    """What goes wrong at the made-up bank, chosen on its fault menu, for the next thing it can happen to."""

    class Kind(models.TextChoices):
        LATE_SUCCESS = "late_success", "Betaling slaagt pas later"
        FAILS_AFTER_SUCCESS = "fails_after_success", "Betaling mislukt nadat zij was gelukt"
        STORNO = "storno", "De betaler haalt het geld terug"
        DUPLICATE = "duplicate", "Bericht komt twee keer"
        WRONG_ORDER = "wrong_order", "Berichten komen in de verkeerde volgorde"
        LOST_WEBHOOK = "lost_webhook", "Bericht raakt kwijt"
        TIMEOUT_AFTER_EXECUTION = "timeout_after_execution", "Geen antwoord, maar wel uitgevoerd"
        PARTIAL_REJECT = "partial_reject", "Een deel van de opdracht wordt geweigerd"
        BOUNCED_CREDITOR = "bounced_creditor", "Geld aan een organisatie komt terug"

    hit = models.CharField(max_length=60, blank=True, help_text="wat het trof, als dat later gevolgen heeft")
    kind = models.CharField(max_length=24, choices=Kind)
    target = models.CharField(max_length=60, blank=True, help_text="betaling of opdracht; leeg: de eerstvolgende")
    after_days = models.PositiveSmallIntegerField(default=0)
    set_on = models.DateField()
    due_on = models.DateField(null=True)
    happened_on = models.DateField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.target}"
