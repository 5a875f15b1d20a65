import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from infra.db.scoped import ScopedManager


class Application(models.Model):
    """Aanvraag: the citizen's answers while filling in. Exactly one is open per citizen; saved on every "Verder".

    Amounts in cents per month unless named. `None` is "not answered"; "weet ik niet" has a column of its own and is
    never a zero. `entered_by` says per field who filled it in: {"net_income_cents": "citizen" | "coach:<id>" | "desk:<id>"}.
    """

    class Situation(models.TextChoices):
        ALONE = "alleenstaand", "Ik woon alleen"
        SINGLE_PARENT = "alleenstaande_ouder", "Ik woon alleen met een kind of kinderen"
        COUPLE = "gehuwd", "Ik woon met mijn partner"
        COUPLE_WITH_CHILDREN = "gehuwd_met_kinderen", "Ik woon met mijn partner en een kind of kinderen"

    class Story(models.TextChoices):
        WORK = "work", "Werk verloren of minder werk"
        SEPARATION = "separation", "Uit elkaar gegaan"
        BEREAVEMENT = "bereavement", "Iemand verloren"
        BUSINESS = "business", "Mijn bedrijf stopte"
        HOUSING = "housing", "Verhuisd of hogere huur"
        ALLOWANCES = "allowances", "Toeslagen terugbetalen"
        OTHER = "other", "Iets anders"

    class StoryReaders(models.TextChoices):
        NOBODY = "nobody", "Niemand"
        HELPER = "helper", "Alleen mijn contactpersoon"
        EVERYBODY = "everybody", "Mijn contactpersoon en de organisaties"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="applications")
    closed_at = models.DateTimeField(null=True)
    consent_at = models.DateTimeField(null=True)
    consent_text_version = models.CharField(max_length=20, blank=True)

    situation = models.CharField(max_length=20, choices=Situation, blank=True)
    net_income_cents = models.BigIntegerField(null=True)
    taxable_income_cents = models.BigIntegerField(null=True, help_text="belastbaar inkomen per JAAR, in centen")
    taxable_income_unknown = models.BooleanField(default=False)
    partner_takes_part = models.BooleanField(null=True)
    partner_income_cents = models.BigIntegerField(null=True)
    official_beslagvrije_voet_cents = models.BigIntegerField(null=True)
    official_beslagvrije_voet_source = models.CharField(max_length=100, blank=True)
    uncertain = models.JSONField(default=list)
    rent_cents = models.BigIntegerField(null=True)
    energy_cents = models.BigIntegerField(null=True)
    health_insurance_cents = models.BigIntegerField(null=True)
    declared_cents = models.BigIntegerField(null=True)
    months = models.PositiveSmallIntegerField(null=True)
    story_cause = models.CharField(max_length=12, choices=Story, blank=True)
    story = models.TextField(blank=True)
    story_readers = models.CharField(max_length=10, choices=StoryReaders, blank=True)
    entered_by = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedManager["Application"](citizen="citizen_id")

    class Meta:
        verbose_name = "aanvraag"
        verbose_name_plural = "aanvragen"
        constraints = [
            models.UniqueConstraint(
                fields=["citizen"], condition=models.Q(closed_at__isnull=True), name="one_open_application_per_citizen"
            ),
            models.CheckConstraint(
                condition=models.Q(taxable_income_unknown=False) | models.Q(taxable_income_cents__isnull=True),
                name="taxable_income_is_known_or_not",
            ),
            models.CheckConstraint(
                condition=models.Q(net_income_cents__isnull=True) | models.Q(net_income_cents__gte=0),
                name="net_income_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"aanvraag {self.public_id}"
