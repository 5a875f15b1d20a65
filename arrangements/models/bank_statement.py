import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from arrangements.models.arrangement import Arrangement


class BankFile(models.Model):
    """A file of the bank as it came in. It is read whole or refused whole; the same bytes twice are one file."""

    class State(models.TextChoices):
        WAITING = "waiting", "Wordt gelezen"
        READ = "read", "Gelezen"
        KNOWN = "known", "Stond er al in"
        REFUSED = "refused", "Geweigerd"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=500, blank=True, help_text="waarom hij is geweigerd, in een zin")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "bestand van de bank"
        verbose_name_plural = "bestanden van de bank"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class BankStatement(models.Model):
    """One statement of the segregated account: opening + lines = closing, or it is not here. In cents."""

    file = models.ForeignKey(BankFile, models.PROTECT, related_name="statements")
    iban = models.CharField(max_length=34)
    identification = models.CharField(max_length=35, help_text="Id van de bank")
    number = models.BigIntegerField(null=True, help_text="volgnummer van de bank, als zij het geeft")
    opening_cents = models.BigIntegerField()
    closing_cents = models.BigIntegerField()
    opened_on = models.DateField()
    closed_on = models.DateField()
    gap_before = models.BooleanField(default=False, help_text="er ontbreekt een afschrift voor dit afschrift")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "afschrift"
        verbose_name_plural = "afschriften"
        ordering = ["closed_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["iban", "identification"], name="one_statement_per_identification"),
        ]

    def __str__(self) -> str:
        return f"{self.iban} {self.identification}"


class BankLine(models.Model):
    """One movement on the segregated account, and what it turned out to be. In cents, + is in.

    A batch booking of the bank that tells its parts gives a line per part.
    """

    class Meaning(models.TextChoices):
        OPEN = "open", "Nog niet geplaatst"
        RECEIPT = "receipt", "Betaling van een burger"
        WITHHELD = "withheld", "Inhouding door een gemeente"
        SETTLEMENT = "settlement", "Uitbetaling van de aanbieder"
        PAYOUT = "payout", "Doorbetaling"
        PAYOUT_RETURNED = "payout_returned", "Doorbetaling kwam terug"
        REFUND = "refund", "Terugbetaling"
        REFUND_RETURNED = "refund_returned", "Terugbetaling kwam terug"
        TOP_UP = "top_up", "Aanvulling van eigen geld"
        SENT_BACK = "sent_back", "Teruggestuurd naar de afzender"

    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField(help_text="plaats op het afschrift, vanaf 1")
    part = models.PositiveIntegerField(default=0, help_text="plaats in een verzamelboeking, vanaf 1; 0: geen")
    key = models.CharField(max_length=160, unique=True)
    booked_on = models.DateField()
    amount_cents = models.BigIntegerField()
    counterparty_name = models.CharField(max_length=140, blank=True)
    counterparty_iban = models.CharField(max_length=34, blank=True)
    structured_reference = models.CharField(max_length=35, blank=True)
    text = models.CharField(max_length=500, blank=True)
    end_to_end_id = models.CharField(max_length=35, blank=True)
    batch_id = models.CharField(max_length=35, blank=True)
    bank_reference = models.CharField(max_length=35, blank=True)
    return_reason = models.CharField(max_length=4, blank=True)
    meaning = models.CharField(max_length=15, choices=Meaning, default=Meaning.OPEN)
    evidence = models.CharField(max_length=40, blank=True, help_text="op welke sport van de ladder dit is geplaatst")
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, null=True, related_name="bank_lines")
    suggestions = models.JSONField(default=list, help_text="regelingen die het kunnen zijn, met de reden")
    placed_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "regel van de bank"
        verbose_name_plural = "regels van de bank"
        ordering = ["statement", "position", "part"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "position", "part"], name="one_line_per_place"),
            models.CheckConstraint(condition=~models.Q(amount_cents=0), name="bank_line_moves_money"),
            models.CheckConstraint(
                condition=models.Q(meaning="open") | models.Q(placed_on__isnull=False), name="a_placed_line_has_a_date"
            ),
        ]
        indexes = [
            models.Index(fields=["booked_on"], condition=models.Q(meaning="open"), name="bank_line_waits"),
        ]

    def __str__(self) -> str:
        return self.key


class KnownIban(models.Model):
    """An account from which a citizen pays, learned from a payment with the right reference by the citizen's own name.

    Never learned from somebody who pays for another (payments.md 4).
    """

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="known_ibans")
    iban = models.CharField(max_length=34)
    learned_from = models.ForeignKey(BankLine, models.PROTECT, related_name="+")
    since = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["arrangement", "iban"], name="an_iban_is_learned_once")]
        indexes = [models.Index(fields=["iban"], name="known_iban")]

    def __str__(self) -> str:
        return f"{self.arrangement_id} …{self.iban[-4:]}"
