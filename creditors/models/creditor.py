import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from infra.db.scoped import ScopedManager


class Creditor(models.Model):
    """An organisation somebody owes. Name and kind are public here; its people, claims and policies are not."""

    class Kind(models.TextChoices):  # the debt classes of the national statistics (domain.md 6.2)
        CARE = "care", "Zorg"
        PUBLIC = "public", "Publiek"
        UTILITY = "utility", "Nuts"
        OTHER = "other", "Overig"

    class PayoutWay(models.TextChoices):
        EACH = "each", "Een overboeking per vordering, met haar eigen kenmerk"
        TOGETHER = "together", "Een overboeking, met een specificatie"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("naam", max_length=100)
    kind = models.CharField("soort", max_length=10, choices=Kind)
    is_health_insurer = models.BooleanField("zorgverzekeraar", default=False)
    participates = models.BooleanField("doet mee", default=True)
    iban = models.CharField("IBAN", max_length=34, blank=True)
    iban_blocked_on = models.DateField(
        "IBAN geblokkeerd sinds", null=True, blank=True, help_text="geld kwam terug: eerst moet de IBAN goed zijn"
    )
    payout_way = models.CharField("doorbetaling", max_length=8, choices=PayoutWay, default=PayoutWay.EACH)
    payout_minimum_cents = models.PositiveBigIntegerField(
        "laagste doorbetaling",
        default=0,
        help_text="in centen; minder blijft staan, maar nooit langer dan drie maanden",
    )
    set_off_agreed = models.BooleanField(
        "storno's mogen worden verrekend", default=False, help_text="alleen als dat in het contract staat"
    )
    email = models.EmailField("e-mailadres voor berichten", blank=True)
    phone = models.CharField("telefoonnummer", max_length=20, blank=True)
    named_by_citizen_id = models.BigIntegerField(
        null=True, help_text="door deze burger genoemd; alleen die ziet de naam"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "organisatie"
        verbose_name_plural = "organisaties"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(named_by_citizen_id__isnull=True), name="one_organisation_per_name"
            ),
            models.CheckConstraint(
                condition=models.Q(participates=False) | ~models.Q(iban=""),
                name="participating_creditor_has_an_iban",
                violation_error_message="Vul een IBAN in: zonder IBAN kunnen we niet doorbetalen.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CreditorMember(models.Model):
    """A person who works for a creditor in the console."""

    class Role(models.TextChoices):
        CLERK = "clerk", "Behandelaar"
        APPROVER = "approver", "Tweede controle"
        MANAGER = "manager", "Beheerder"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="creditor_member")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="members")
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=10, choices=Role, default=Role.CLERK)
    active = models.BooleanField(default=True)

    objects = ScopedManager["CreditorMember"](creditor="creditor_id", user="user_id")

    class Meta:
        verbose_name = "medewerker van een organisatie"
        verbose_name_plural = "medewerkers van organisaties"

    def __str__(self) -> str:
        return self.name
