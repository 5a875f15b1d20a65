from django.db import models
from django.utils import timezone


class Reconciliation(models.Model):
    """The daily check of all books (payments.md 5.6), as it came out. A red one stops the next remittance.

    Never changed: a day that is checked again gets a new row.
    """

    day = models.DateField()
    is_green = models.BooleanField()
    checks = models.JSONField(help_text="zeven regels met hun cijfers")
    entry_count = models.BigIntegerField(help_text="boekstukken tot en met deze dag")
    entry_hash = models.CharField(
        max_length=64, help_text="van alle boekstukken van deze dag, met die van gisteren erin"
    )
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "dagelijkse controle"
        verbose_name_plural = "dagelijkse controles"
        ordering = ["-day", "-id"]
        indexes = [models.Index(fields=["day"], name="reconciliation_by_day")]

    def __str__(self) -> str:
        return f"{self.day}: {'groen' if self.is_green else 'rood'}"


class LedgerDay(models.Model):
    """A day of the ledgers that is over, as it stood when it was closed. Never changed: the books are read again beside it.

    `totals`: debit less credit per account, in cents, of this day alone. Sums over days are the balances, so that no month
    makes the next one slower.
    """

    day = models.DateField(primary_key=True)
    entry_count = models.BigIntegerField()
    posting_count = models.BigIntegerField()
    totals = models.JSONField()
    day_hash = models.CharField(max_length=64)
    chain_hash = models.CharField(max_length=64, help_text="van deze dag en van alle dagen ervoor")
    closed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "afgesloten dag"
        verbose_name_plural = "afgesloten dagen"
        ordering = ["day"]

    def __str__(self) -> str:
        return self.day.isoformat()
