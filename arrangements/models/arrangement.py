import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.domain.lifecycle import ArrangementState, InstallmentState
from arrangements.models.choices import choices, one_of
from arrangements.models.claim import Claim
from arrangements.models.proposal import Proposal
from creditors.models import Creditor
from infra.db.scoped import ScopedManager


class ShiftRule(models.TextChoices):
    """What happens with an instalment that is skipped; chosen by the citizen before signing."""

    LATER = "later", "De einddatum schuift op"
    HIGHER = "higher", "De andere termijnen worden hoger"


class WindfallRule(models.TextChoices):
    """What happens with money that comes once, such as holiday pay; chosen by the citizen before signing."""

    KEEP = "keep", "Dat geld is voor mij"
    SHORTEN = "shorten", "Daarmee ben ik eerder klaar"


class PayWay(models.TextChoices):
    """How the monthly amount is paid."""

    LINK = "link", "Met een betaallink"
    TRANSFER = "transfer", "Zelf overmaken"
    WITHHELD = "withheld", "De gemeente houdt het in op de uitkering"


class Arrangement(models.Model):
    """Regeling: what was signed. One monthly amount, one term, the promise of kwijtschelding. Amounts in cents."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="arrangements")
    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="arrangement")
    state = models.CharField(max_length=10, choices=choices(ArrangementState), default=ArrangementState.SIGNED)
    payment_reference = models.CharField("betalingskenmerk", max_length=16, unique=True)
    monthly_cents = models.BigIntegerField()
    months = models.PositiveSmallIntegerField()
    pot_cents = models.BigIntegerField()
    total_cents = models.BigIntegerField()
    creditor_count = models.PositiveIntegerField()
    first_due_date = models.DateField()
    signed_at = models.DateTimeField()
    signed_on = models.DateField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    agreement_hash = models.CharField(max_length=64)
    agreement_text_version = models.CharField(max_length=20)
    received_cents = models.BigIntegerField(default=0, help_text="alles wat binnenkwam en is verdeeld")
    version = models.PositiveIntegerField(default=1, help_text="de versie van het plan die nu geldt")
    base_received_cents = models.BigIntegerField(
        default=0, help_text="wat was verdeeld toen deze versie begon: vanaf daar beslissen de delen van deze versie"
    )
    shift_rule = models.CharField(max_length=6, choices=ShiftRule, default=ShiftRule.LATER)
    windfall_rule = models.CharField(max_length=7, choices=WindfallRule, default=WindfallRule.KEEP)
    waiver_conditions = models.JSONField(default=dict, help_text="de voorwaarden van de kwijtschelding, zoals getekend")
    pay_way = models.CharField(max_length=8, choices=PayWay, default=PayWay.LINK)
    paused_until = models.DateField(null=True, help_text="laatste dag van de pauze, deze dag telt nog mee")
    fulfilled_on = models.DateField(null=True)
    waived_on = models.DateField(null=True)
    terminated_on = models.DateField(null=True)
    termination_ground = models.CharField(max_length=200, blank=True)
    termination_note = models.CharField(max_length=300, blank=True)
    terminated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["Arrangement"](citizen="citizen_id", creditor="lines__creditor_id")

    class Meta:
        verbose_name = "regeling"
        verbose_name_plural = "regelingen"
        ordering = ["-id"]
        constraints = [
            one_of("state", ArrangementState, "arrangement_state_known"),
            models.UniqueConstraint(
                fields=["citizen"],
                condition=models.Q(state__in=["signed", "active", "paused", "suspended"]),
                name="one_running_arrangement_per_citizen",
            ),
            models.CheckConstraint(
                condition=models.Q(received_cents__gte=0) & models.Q(received_cents__lte=models.F("pot_cents")),
                name="no_more_divided_than_promised",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["fulfilled", "waived"])
                | models.Q(fulfilled_on__isnull=False, received_cents=models.F("pot_cents")),
                name="fulfilled_means_all_paid",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="waived") | models.Q(waived_on__isnull=False), name="waived_has_a_date"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="terminated")
                | (
                    models.Q(terminated_on__isnull=False, terminated_by__isnull=False)
                    & ~models.Q(termination_ground="")
                ),
                name="terminated_has_date_ground_and_person",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="paused") | models.Q(paused_until__isnull=False),
                name="a_pause_has_an_end",
            ),
            models.CheckConstraint(
                condition=models.Q(base_received_cents__gte=0)
                & models.Q(base_received_cents__lte=models.F("received_cents")),
                name="a_version_begins_where_the_money_was",
            ),
        ]

    def __str__(self) -> str:
        return f"regeling {self.payment_reference}"


class ArrangementLine(models.Model):
    """One claim in the arrangement. `paid_cents` is the cumulative outcome of `distribute`; the ledger is the proof."""

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="lines")
    claim = models.OneToOneField(Claim, models.PROTECT, related_name="arrangement_line")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    outstanding_cents = models.BigIntegerField(help_text="vordering bij de start")
    is_preferent = models.BooleanField()
    dischargeable = models.BooleanField()
    share_cents = models.BigIntegerField()
    waived_cents = models.BigIntegerField(help_text="wordt kwijtgescholden als alles is betaald")
    remains_cents = models.BigIntegerField(help_text="mag van de wet niet worden kwijtgescholden")
    paid_cents = models.BigIntegerField(default=0)
    remitted_cents = models.BigIntegerField(
        default=0, help_text="van wat is betaald: doorbetaald, of onderweg; het verschil is wat nog door te betalen is"
    )
    parked_cents = models.BigIntegerField(
        default=0, help_text="het deel dat opzij staat omdat de vordering wordt betwist"
    )
    returned_cents = models.BigIntegerField(
        default=0, help_text="was opzij gezet, en is terug voor de burger omdat niemand het meer krijgt"
    )
    base_settled_cents = models.BigIntegerField(
        default=0, help_text="betaald en opzij gezet toen de huidige versie van het plan begon"
    )
    closed_on = models.DateField(null=True, help_text="doet vanaf deze dag niet meer mee in de verdeling")

    objects = ScopedManager["ArrangementLine"](citizen="citizen_id", creditor="creditor_id")

    class Meta:
        ordering = ["arrangement", "position"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    paid_cents__gte=0, parked_cents__gte=0, returned_cents__gte=0, base_settled_cents__gte=0
                )
                & models.Q(
                    share_cents__gte=models.F("paid_cents") + models.F("parked_cents") + models.F("returned_cents")
                ),
                name="nobody_gets_more_than_its_share",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    outstanding_cents=models.F("share_cents") + models.F("waived_cents") + models.F("remains_cents")
                ),
                name="arrangement_line_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(remitted_cents__gte=0) & models.Q(remitted_cents__lte=models.F("paid_cents")),
                name="no_more_is_paid_on_than_came_in",
            ),
        ]
        indexes = [models.Index(fields=["creditor", "arrangement"], name="line_by_creditor")]

    def __str__(self) -> str:
        return f"regel {self.position}"

    @property
    def settled_cents(self) -> int:
        """What this claim had of everything that came in: paid on, set aside because it is disputed, or given back."""
        return self.paid_cents + self.parked_cents + self.returned_cents


class Installment(models.Model):
    """Termijn: one monthly payment that falls due. Paid late is paid."""

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="installments")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    due_date = models.DateField()
    amount_cents = models.BigIntegerField()
    paid_cents = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12, choices=choices(InstallmentState), default=InstallmentState.OPEN)
    paid_on = models.DateField(null=True)
    reminded_on = models.DateField(null=True)
    pay_token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    moved_on = models.DateField(null=True)
    moved_ground = models.CharField(max_length=20, blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaced_by", help_text="de verplaatste termijn"
    )
    ladder_step = models.CharField(max_length=8, blank=True, help_text="hoe ver de hulp is bij te laat betalen")

    objects = ScopedManager["Installment"](citizen="citizen_id")

    class Meta:
        verbose_name = "termijn"
        verbose_name_plural = "termijnen"
        ordering = ["arrangement", "number"]
        constraints = [
            one_of("state", InstallmentState, "installment_state_known"),
            models.UniqueConstraint(
                fields=["arrangement", "number"],
                # Not on the state, nor is any index: a payment changes that, and would write every index again.
                condition=models.Q(moved_on=None),
                name="one_installment_per_number",
            ),
            models.CheckConstraint(
                condition=(~models.Q(state="moved") & models.Q(moved_on=None))
                | (models.Q(state="moved", moved_on__isnull=False) & ~models.Q(moved_ground="")),
                name="moved_installment_says_when_and_why",
            ),
            models.CheckConstraint(
                condition=models.Q(paid_cents__gte=0) & models.Q(paid_cents__lte=models.F("amount_cents")),
                name="installment_is_not_overpaid",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="paid")
                | models.Q(paid_cents=models.F("amount_cents"), paid_on__isnull=False),
                name="paid_installment_is_paid",
            ),
        ]
        indexes = [models.Index(fields=["due_date"], name="installment_due")]

    def __str__(self) -> str:
        return f"termijn {self.number}"

    @property
    def open_cents(self) -> int:
        return self.amount_cents - self.paid_cents
