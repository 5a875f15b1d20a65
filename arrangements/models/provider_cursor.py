from django.db import models


class ProviderCursor(models.Model):
    """How far we have read what a provider keeps for us: its messages, its payouts, its statements."""

    class What(models.TextChoices):
        EVENTS = "events", "Berichten"
        SETTLEMENTS = "settlements", "Uitbetalingen"
        STATEMENTS = "statements", "Afschriften"

    provider = models.CharField(max_length=20)
    what = models.CharField(max_length=11, choices=What)
    cursor = models.CharField(max_length=200, blank=True)
    moved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "what"], name="one_cursor_per_provider")]

    def __str__(self) -> str:
        return f"{self.provider} {self.what} {self.cursor}"
