from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.arrangement import Arrangement
from arrangements.models.payment import Receipt
from infra.db.scoped import ScopedManager


class Storno(models.Model):
    """A receipt that was taken back by the payer's bank (payments.md 5.4). In cents; written once per dispute."""

    class Way(models.TextChoices):
        MIRRORED = "mirrored", "Teruggenomen voordat het was doorbetaald"
        SET_OFF = "set_off", "Wordt met de organisaties verrekend"
        ON_CITIZEN = "on_citizen", "De burger betaalt het terug"

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="stornos")
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="stornos")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    key = models.CharField(max_length=160, unique=True)
    way = models.CharField(max_length=10, choices=Way)
    amount_cents = models.BigIntegerField()
    open_cents = models.BigIntegerField(default=0, help_text="wat de burger nog moet terugbetalen")
    happened_on = models.DateField()
    won_on = models.DateField(null=True, help_text="de bank gaf het geld terug")
    written_off_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["Storno"](citizen="citizen_id")

    class Meta:
        verbose_name = "storno"
        verbose_name_plural = "storno's"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_cents__gt=0, open_cents__gte=0)
                & models.Q(open_cents__lte=models.F("amount_cents")),
                name="storno_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(way="on_citizen") | models.Q(open_cents=0),
                name="only_a_claim_on_the_citizen_is_open",
            ),
            models.UniqueConstraint(
                fields=["receipt"], condition=models.Q(won_on=None), name="one_living_storno_per_receipt"
            ),
        ]

    def __str__(self) -> str:
        return f"storno {self.key}"
