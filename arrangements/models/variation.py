import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.domain.deciders import ChangeGround
from arrangements.domain.lifecycle import ConsentState, VariationState
from arrangements.models.arrangement import Arrangement
from arrangements.models.choices import choices, one_of
from creditors.models import Creditor
from infra.db.scoped import ScopedManager


class Variation(models.Model):
    """A change of a running arrangement that needs the yes of the creditors whose share falls (or who wait longer).

    `wanted` says what is asked, in numbers only: {"monthly_cents": 4000}, {"months": 3}, {"claim": 12}. It is computed
    against version `plan_number`; when the plan moved on meanwhile it is computed again and asked again.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="variations")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    ground = models.CharField(max_length=20, choices=[(one.value, one.label) for one in ChangeGround])
    state = models.CharField(max_length=10, choices=choices(VariationState), default=VariationState.PROPOSED)
    wanted = models.JSONField(default=dict)
    plan_number = models.PositiveIntegerField(help_text="de versie van de regeling waarop dit is berekend")
    content_hash = models.CharField(max_length=64)
    decided_by = models.CharField(max_length=10, help_text="wie dit voorlegde, zie domain.deciders")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proposed_on = models.DateField()
    answer_by = models.DateField(help_text="laatste dag om te antwoorden")
    decided_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["Variation"](citizen="citizen_id", creditor="consents__creditor_id")

    class Meta:
        verbose_name = "wijziging"
        verbose_name_plural = "wijzigingen"
        ordering = ["-id"]
        constraints = [
            one_of("state", VariationState, "variation_state_known"),
            one_of("ground", ChangeGround, "variation_ground_known"),
            models.UniqueConstraint(
                fields=["arrangement"], condition=models.Q(state="proposed"), name="one_open_variation_per_arrangement"
            ),
            models.CheckConstraint(
                condition=models.Q(state="proposed") | models.Q(decided_on__isnull=False),
                name="decided_variation_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"wijziging {self.public_id}: {self.state}"


class Consent(models.Model):
    """What one creditor says to a variation. Only those whose share falls, or who wait longer, are asked. In cents."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    variation = models.ForeignKey(Variation, models.PROTECT, related_name="consents")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="consents")
    state = models.CharField(max_length=10, choices=choices(ConsentState), default=ConsentState.OPEN)
    share_before_cents = models.BigIntegerField()
    share_after_cents = models.BigIntegerField()
    answer_by = models.DateField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_on = models.DateField(null=True)
    refusal_code = models.CharField(max_length=40, blank=True)
    refusal_note = models.CharField(max_length=300, blank=True)
    seen_hash = models.CharField(max_length=64, blank=True)
    reminded_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["Consent"](citizen="citizen_id", creditor="creditor_id")

    class Meta:
        verbose_name = "antwoord op een wijziging"
        verbose_name_plural = "antwoorden op wijzigingen"
        ordering = ["id"]
        constraints = [
            one_of("state", ConsentState, "consent_state_known"),
            models.UniqueConstraint(fields=["variation", "creditor"], name="one_consent_per_creditor_and_variation"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["accepted", "refused"])
                | models.Q(decided_by__isnull=False, decided_at__isnull=False, decided_on__isnull=False),
                name="a_consent_names_who_said_it",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="refused") | ~models.Q(refusal_code=""), name="a_refused_consent_has_a_code"
            ),
        ]
        indexes = [models.Index(fields=["creditor", "state"], name="consent_queue")]

    def __str__(self) -> str:
        return f"antwoord {self.public_id}: {self.state}"
