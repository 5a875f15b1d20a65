from django.db import models
from django.utils import timezone


class ProviderCall(models.Model):
    """A call to a provider, kept before it is made (payments.md 1.6, 5.5): whoever comes after a crash repeats the same.

    A new attempt only after a certain failure. The key goes along as the idempotency key for 23 hours; after that the
    outcome is looked up, and a person decides when it cannot be found.
    """

    class State(models.TextChoices):
        UNKNOWN = "unknown", "Verstuurd, uitkomst onbekend"
        DONE = "done", "Gelukt"
        FAILED = "failed", "Zeker mislukt"
        TO_PERSON = "to_person", "Een mens moet kijken"

    key = models.CharField(max_length=160, unique=True)
    provider = models.CharField("aanbieder", max_length=20)
    operation = models.CharField("opdracht", max_length=30)
    object_id = models.CharField("waarover", max_length=60)
    attempt = models.PositiveSmallIntegerField("poging", default=1)
    parameters_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.UNKNOWN)
    provider_id = models.CharField(max_length=100, blank=True)
    called_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "opdracht aan een aanbieder"
        verbose_name_plural = "opdrachten aan aanbieders"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "operation", "object_id", "attempt"], name="one_call_per_attempt"
            ),
        ]

    def __str__(self) -> str:
        return self.key
