import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.arrangement import Arrangement
from arrangements.models.claim import Claim
from arrangements.models.payment import Receipt
from creditors.models import Creditor
from infra.db.scoped import ScopedManager


class Storno(models.Model):
    """A receipt that was taken back by the payer's bank (payments.md 5.4). In cents; written once per dispute.

    The four amounts say where the money was taken from: what nobody had been paid yet, what creditors owe us, what was kept
    for the citizen, and what the citizen owes us. `way` is the one word for it.
    """

    class Way(models.TextChoices):
        MIRRORED = "mirrored", "Teruggenomen voordat het was doorbetaald"
        SET_OFF = "set_off", "Wordt met de organisaties verrekend"
        ON_CITIZEN = "on_citizen", "De burger betaalt het terug"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="stornos")
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="stornos")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    key = models.CharField(max_length=160, unique=True)
    way = models.CharField(max_length=10, choices=Way)
    amount_cents = models.BigIntegerField()
    mirrored_cents = models.BigIntegerField(default=0, help_text="was nog niet doorbetaald")
    set_off_cents = models.BigIntegerField(default=0, help_text="was doorbetaald, de organisaties verrekenen het")
    extra_cents = models.BigIntegerField(default=0, help_text="stond klaar om terug te gaan naar de burger")
    claimed_cents = models.BigIntegerField(default=0, help_text="was weg: dat betaalt de burger ons terug")
    open_cents = models.BigIntegerField(default=0, help_text="wat de burger nog moet terugbetalen")
    written_off_cents = models.BigIntegerField(default=0, help_text="betaalt de burger niet meer terug: ons verlies")
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
                condition=models.Q(amount_cents__gt=0, open_cents__gte=0, written_off_cents__gte=0)
                & models.Q(claimed_cents__gte=models.F("open_cents") + models.F("written_off_cents")),
                name="storno_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    amount_cents=models.F("mirrored_cents")
                    + models.F("set_off_cents")
                    + models.F("extra_cents")
                    + models.F("claimed_cents")
                )
                & models.Q(mirrored_cents__gte=0, set_off_cents__gte=0, extra_cents__gte=0),
                name="a_storno_came_from_somewhere",
            ),
            models.CheckConstraint(
                condition=models.Q(way="on_citizen") | models.Q(claimed_cents=0),
                name="only_a_claim_on_the_citizen_is_open",
            ),
            models.UniqueConstraint(
                fields=["receipt"], condition=models.Q(won_on=None), name="one_living_storno_per_receipt"
            ),
        ]
        indexes = [
            models.Index(fields=["arrangement"], condition=models.Q(open_cents__gt=0), name="storno_is_open"),
        ]

    def __str__(self) -> str:
        return f"storno {self.key}"


class StornoPart(models.Model):
    """What one creditor owes us for one claim because of a storno (account 1310), and what is not set off yet. In cents."""

    storno = models.ForeignKey(Storno, models.PROTECT, related_name="parts")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+")
    amount_cents = models.BigIntegerField()
    open_cents = models.BigIntegerField()

    objects = ScopedManager["StornoPart"](creditor="creditor_id")

    class Meta:
        verbose_name = "te verrekenen storno"
        verbose_name_plural = "te verrekenen storno's"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["storno", "claim"], name="one_part_per_storno_and_claim"),
            models.CheckConstraint(
                condition=models.Q(amount_cents__gt=0, open_cents__gte=0)
                & models.Q(open_cents__lte=models.F("amount_cents")),
                name="storno_part_adds_up",
            ),
        ]
        indexes = [
            models.Index(fields=["creditor"], condition=models.Q(open_cents__gt=0), name="set_off_is_open"),
        ]

    def __str__(self) -> str:
        return f"{self.storno_id} {self.claim_id}"
