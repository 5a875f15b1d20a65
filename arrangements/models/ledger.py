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
    """One side of an entry. The table is partitioned by the month of `booked_on` (migration 0021): `ledger_month` makes it.

    Narrow on purpose, national volumes are 10 million a month: numbers of parties fit four bytes, and the only index is on
    the entry. What a claim has had is kept on its line (`ArrangementLine`), and proven against the postings.
    """

    pk = models.CompositePrimaryKey("entry_id", "line")
    # Without a constraint per row: a trigger proves the references of a whole statement at once.
    entry = models.ForeignKey(LedgerEntry, models.PROTECT, related_name="postings", db_constraint=False)
    debit_cents = models.BigIntegerField(default=0)
    credit_cents = models.BigIntegerField(default=0)
    arrangement_id = models.IntegerField(null=True)
    claim_id = models.IntegerField(null=True)
    creditor_id = models.IntegerField(null=True)
    booked_on = models.DateField(help_text="als van het boekstuk")
    account = models.PositiveSmallIntegerField()
    line = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(debit_cents__gt=0, credit_cents=0) | models.Q(debit_cents=0, credit_cents__gt=0),
                name="posting_has_one_side",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.debit_cents} / {self.credit_cents}"
