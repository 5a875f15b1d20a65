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
