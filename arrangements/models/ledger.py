"""The two ledgers (payments.md 5.3, 5.4). They hold no names and no free text: only opaque numbers.

Written through `arrangements.operations.post_entries` alone. The database refuses an unbalanced entry, a posting added
to an old entry, and every UPDATE, DELETE and TRUNCATE. Balances are sums of postings.
"""

from django.db import models
from django.utils import timezone


class LedgerEntry(models.Model):
    class Ledger(models.TextChoices):
        CASH = "cash", "Waar het geld is"
        OWED = "owed", "Wat nog open staat"

    # The number is taken from the sequence beforehand, so that entries and postings go in with one statement each.
    id = models.BigIntegerField(primary_key=True)
    ledger = models.CharField(max_length=4, choices=Ledger)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=160, unique=True)
    booked_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "boekstuk"
        verbose_name_plural = "grootboek"

    def __str__(self) -> str:
        return f"{self.ledger} {self.kind} {self.key}"


class LedgerPosting(models.Model):
    id = models.BigIntegerField(primary_key=True)
    entry = models.ForeignKey(LedgerEntry, models.PROTECT, related_name="postings")
    account = models.PositiveSmallIntegerField()
    debit_cents = models.BigIntegerField(default=0)
    credit_cents = models.BigIntegerField(default=0)
    arrangement_id = models.BigIntegerField(null=True)
    claim_id = models.BigIntegerField(null=True)
    creditor_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(debit_cents__gt=0, credit_cents=0) | models.Q(debit_cents=0, credit_cents__gt=0),
                name="posting_has_one_side",
            )
        ]
        indexes = [
            models.Index(fields=["claim_id", "account"], name="posting_by_claim"),
            models.Index(fields=["arrangement_id", "account"], name="posting_by_arrangement"),
            models.Index(fields=["creditor_id", "account"], name="posting_by_creditor"),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.debit_cents} / {self.credit_cents}"
