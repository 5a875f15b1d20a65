import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from affordability import income
from infra.db.scoped import ScopedManager


class Application(models.Model):
    """Aanvraag: the citizen's answers while filling in. Exactly one is open per citizen; saved on every "Verder".

    Amounts in cents per month unless named. `None` is "not answered". "Weet ik niet" is never a zero: it stands in
    `unknown` (names of facts, see `affordability.household.UncertainReason`), for the payslip in `taxable_income_unknown`,
    for a line of the budget in the line itself. `entered_by` says per answer who filled it in, the lines of the budget as
    "budget.<code>": {"net_income_cents": "citizen" | "coach:<id>"}.
    """

    class Purpose(models.TextChoices):
        FIRST = "first", "Aanvraag"
        CHANGE = "change", "Er is iets veranderd"
        REVIEW = "review", "Jaarlijkse controle"

    class HolidayAllowance(models.TextChoices):
        INCLUDED = income.HolidayAllowance.INCLUDED.value, "Ja, het zit erin"
        APART = income.HolidayAllowance.APART.value, "Nee, dat krijg ik apart"
        NONE = income.HolidayAllowance.NONE.value, "Ik krijg geen vakantiegeld"
        UNKNOWN = income.HolidayAllowance.UNKNOWN.value, "Dat weet ik niet"

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
    purpose = models.CharField(max_length=6, choices=Purpose, default=Purpose.FIRST)
    arrangement = models.ForeignKey(
        "arrangements.Arrangement",
        models.PROTECT,
        null=True,
        related_name="changes",
        help_text="de lopende regeling, bij een wijziging of een controle",
    )
    closed_at = models.DateTimeField(null=True)
    reported_on = models.DateField(null=True, help_text="op deze dag is de wijziging of controle doorgegeven")
    consent_at = models.DateTimeField(null=True)
    consent_text_version = models.CharField(max_length=20, blank=True)

    situation = models.CharField(max_length=20, choices=Situation, blank=True, help_text="volgt uit wie er woont")
    members = models.JSONField(default=list, help_text="wie er nog meer woont, zie affordability.composition")
    net_income_cents = models.BigIntegerField(null=True, help_text="per maand, met vakantiegeld")
    income_typed = models.JSONField(default=dict, help_text="het inkomen zoals het is ingevuld, met de periode")
    holiday_allowance = models.CharField(max_length=8, choices=HolidayAllowance, blank=True)
    income_day = models.PositiveSmallIntegerField(null=True, help_text="op deze dag van de maand komt het inkomen")
    pay_day = models.PositiveSmallIntegerField(null=True, help_text="op deze dag van de maand wil de burger betalen")
    taxable_income_cents = models.BigIntegerField(null=True, help_text="belastbaar inkomen per JAAR, in centen")
    taxable_income_unknown = models.BooleanField(default=False)
    taxable_typed = models.JSONField(default=dict, help_text="zoals het op het papier staat, met de periode")
    partner_takes_part = models.BooleanField(null=True)
    partner_income_cents = models.BigIntegerField(null=True)
    partner_typed = models.JSONField(default=dict, help_text="het inkomen van de partner zoals het is ingevuld")
    official_beslagvrije_voet_cents = models.BigIntegerField(null=True)
    official_beslagvrije_voet_source = models.CharField(max_length=100, blank=True)
    official_paper_date = models.DateField(null=True, help_text="de datum op het papier met de beslagvrije voet")
    vtlb_cents = models.BigIntegerField(null=True)
    vtlb_source = models.CharField(max_length=100, blank=True)
    vtlb_paper_date = models.DateField(null=True, help_text="de datum op de vtlb-berekening")
    uncertain = models.JSONField(default=list)
    unknown = models.JSONField(default=list)
    budget = models.JSONField(default=dict, help_text='{"rent": {"cents": 64000, "period": "month"}}')
    budget_notes = models.JSONField(default=dict, help_text="één zin bij een post boven het richtbedrag")
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
            models.CheckConstraint(
                condition=models.Q(purpose="first", arrangement__isnull=True)
                | (~models.Q(purpose="first") & models.Q(arrangement__isnull=False)),
                name="a_change_is_of_an_arrangement",
            ),
            models.CheckConstraint(
                condition=models.Q(reported_on__isnull=True)
                | (~models.Q(purpose="first") & models.Q(closed_at__isnull=False)),
                name="only_a_closed_change_was_reported",
            ),
            models.CheckConstraint(
                condition=models.Q(pay_day__isnull=True) | models.Q(pay_day__gte=1, pay_day__lte=28),
                name="pay_day_exists_in_every_month",
            ),
            models.CheckConstraint(
                condition=models.Q(income_day__isnull=True) | models.Q(income_day__gte=1, income_day__lte=31),
                name="income_day_is_a_day_of_the_month",
            ),
        ]

    def __str__(self) -> str:
        return f"aanvraag {self.public_id}"
