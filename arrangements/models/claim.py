import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.domain.lifecycle import ClaimState
from arrangements.models.choices import choices, one_of
from creditors.models import Creditor, UploadedClaim
from infra.db.scoped import ScopedManager


class Claim(models.Model):
    """Vordering: what one creditor has to receive from one citizen. Told and confirmed amounts are both kept, in cents.

    `debtor_name` is what the creditor calls its own customer; it is copied at the match so that the creditor never needs
    to look into the citizen's own row.
    """

    class CitizenSays(models.TextChoices):
        YES = "yes", "Ja, dat klopt"
        NO = "no", "Nee, dat klopt niet"
        UNKNOWN = "unknown", "Dat weet ik niet"

    class Kind(models.TextChoices):
        RENT = "rent", "Huur"
        CARE_PREMIUM = "care_premium", "Zorgpremie"
        CARE_BILL = "care_bill", "Rekening voor zorg"
        ENERGY = "energy", "Gas en stroom"
        WATER = "water", "Water"
        TELECOM = "telecom", "Telefoon en internet"
        CREDIT = "credit", "Lening of rood staan"
        PURCHASE = "purchase", "Aankoop"
        TAX = "tax", "Belasting"
        ALLOWANCE = "allowance", "Toeslag terugbetalen"
        BENEFIT = "benefit", "Uitkering terugbetalen"
        FINE = "fine", "Boete"
        STUDY = "study", "Studie"
        OTHER = "other", "Iets anders"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="claims")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="claims")
    uploaded_claim = models.OneToOneField(
        UploadedClaim, models.PROTECT, null=True, related_name="claim", db_constraint=False
    )
    state = models.CharField(max_length=12, choices=choices(ClaimState), default=ClaimState.REPORTED)
    reference = models.CharField("kenmerk", max_length=60, blank=True)
    customer_number = models.CharField("klantnummer", max_length=60, blank=True)
    debtor_name = models.CharField(max_length=200, blank=True)
    told_cents = models.BigIntegerField(null=True)
    confirmed_cents = models.BigIntegerField(null=True)
    principal_cents = models.BigIntegerField(null=True)
    interest_cents = models.BigIntegerField(null=True)
    costs_cents = models.BigIntegerField(null=True)
    confirmed_on = models.DateField(null=True)
    is_preferent = models.BooleanField(default=False)
    preference_ground = models.CharField(max_length=100, blank=True)
    dischargeable = models.BooleanField(default=True)
    not_dischargeable_ground = models.CharField(max_length=100, blank=True)
    origin_date = models.DateField(null=True)
    kind = models.CharField("soort", max_length=12, choices=Kind, blank=True)
    collector_name = models.CharField("wie de vordering int", max_length=100, blank=True)
    collector_reference = models.CharField("kenmerk van wie int", max_length=60, blank=True)
    deurwaarder_name = models.CharField("deurwaarder", max_length=100, blank=True)
    deurwaarder_reference = models.CharField("kenmerk van de deurwaarder", max_length=60, blank=True)
    transferred_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="transferred_to")
    citizen_says = models.CharField(max_length=8, choices=CitizenSays, blank=True)
    reported_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["Claim"](citizen="citizen_id", creditor="creditor_id")

    class Meta:
        verbose_name = "vordering"
        verbose_name_plural = "vorderingen"
        ordering = ["id"]
        constraints = [
            one_of("state", ClaimState, "claim_state_known"),
            models.UniqueConstraint(
                fields=["creditor", "reference"],
                condition=~models.Q(reference=""),
                name="claim_reference_once_per_creditor",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="confirmed")
                | models.Q(confirmed_cents__isnull=False, confirmed_on__isnull=False),
                name="confirmed_claim_has_amount_and_date",
            ),
            models.CheckConstraint(
                condition=(models.Q(told_cents__isnull=True) | models.Q(told_cents__gte=0))
                & (models.Q(confirmed_cents__isnull=True) | models.Q(confirmed_cents__gte=0)),
                name="claim_amounts_are_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(dischargeable=True) | ~models.Q(not_dischargeable_ground=""),
                name="not_dischargeable_has_a_ground",
            ),
            models.CheckConstraint(
                condition=models.Q(is_preferent=False) | ~models.Q(preference_ground=""), name="preference_has_a_ground"
            ),
        ]
        indexes = [
            models.Index(fields=["citizen", "state"], name="claim_by_citizen"),
            models.Index(fields=["creditor", "state"], name="claim_by_creditor"),
            # The few that are disputed, for whoever divides money over very many.
            models.Index(fields=["id"], condition=models.Q(state="disputed"), name="claim_disputed"),
        ]

    def __str__(self) -> str:
        return f"vordering {self.reference or self.public_id}"

    @property
    def known_cents(self) -> int | None:
        """The confirmed amount, else the told amount, else None (unknown is never zero)."""
        return self.confirmed_cents if self.confirmed_cents is not None else self.told_cents
