import uuid

from django.db import models
from django.utils import timezone

from accounts.models import CaseWorker, Citizen
from infra.db.scoped import ScopedManager


class CaseTask(models.Model):
    """Something the director of a case has to do for a citizen, with the last day to do it."""

    class Kind(models.TextChoices):
        MISSING_FACT = "missing_fact", "Ontbrekend gegeven navragen"
        NORMS_MISSING = "norms_missing", "Toets kon niet worden berekend"
        NO_ANSWER = "no_answer", "Organisatie antwoordt niet"
        REFUSAL = "refusal", "Organisatie zegt nee"
        NOTHING_TO_MISS = "nothing_to_miss", "Burger kan niets missen"
        MISSED_PAYMENT = "missed_payment", "Betaling is niet gekomen"
        CALL_BACK = "call_back", "Terugbellen"
        CHANGED = "changed", "Er is iets veranderd"
        REVIEW = "review", "Jaarlijkse controle"
        BEWIND = "bewind", "Toestemming van de bewindvoerder vragen"
        NORMS_CHANGED = "norms_changed", "Nieuwe normen: het plan past niet meer zeker"
        QUESTION = "question", "Organisatie heeft een vraag"
        RECONSIDERATION = "reconsideration", "Organisatie kijkt opnieuw"
        RUNNING_OUT = "running_out", "De tijd om een regeling te maken is bijna om"
        MUNICIPAL_ROUTE = "municipal_route", "Naar de gemeente"
        UNKNOWN_CREDITOR = "unknown_creditor", "Organisatie uitnodigen"
        JOINS_LATER = "joins_later", "Organisatie wil toch meedoen"
        DISPUTE = "dispute", "Schuld wordt betwist"
        VARIATION = "variation", "Wijziging van de regeling"
        PAUSE = "pause", "Pauze"
        BRIDGE = "bridge", "Andere manier van betalen"
        BESLAG = "beslag", "Er is beslag gelegd"
        STOP_COLLECTING = "stop_collecting", "Organisatie bevestigt het stoppen niet"
        CAK = "cak", "Afmelden bij het CAK"
        TERMINATION = "termination", "Stoppen van de regeling"
        STORNO = "storno", "De bank nam een betaling terug"
        MONEY_AFTER_END = "money_after_end", "Geld na het einde"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="tasks")
    assigned_to = models.ForeignKey(CaseWorker, models.PROTECT, related_name="tasks")
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices=Kind)
    text = models.CharField(max_length=300)
    made_on = models.DateField()
    due_on = models.DateField()
    done_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["CaseTask"](citizen="citizen_id", coach="assigned_to_id")

    class Meta:
        verbose_name = "taak"
        verbose_name_plural = "taken"
        ordering = ["due_on", "id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} voor {self.due_on}"
