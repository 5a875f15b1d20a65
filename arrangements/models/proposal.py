import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.domain.lifecycle import AnswerState, ProposalState
from arrangements.models.application import Application
from arrangements.models.assessment import Assessment
from arrangements.models.choices import choices, one_of
from arrangements.models.claim import Claim
from creditors.models import AcceptancePolicy, Creditor
from infra.db.scoped import ScopedManager


class Proposal(models.Model):
    """Voorstel: one version of what the citizen offers all creditors together. A changed proposal is a new version.

    Totals are those of all creditors taking part; they are what each creditor may know about the others.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="proposals")
    application = models.ForeignKey(Application, models.PROTECT, related_name="proposals")
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="proposals")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=choices(ProposalState), default=ProposalState.DRAFT)
    monthly_cents = models.BigIntegerField()
    months = models.PositiveSmallIntegerField()
    pot_cents = models.BigIntegerField(help_text="alles wat de burger samen betaalt")
    total_cents = models.BigIntegerField(help_text="alle vorderingen samen")
    creditor_count = models.PositiveIntegerField()
    capacity_cents = models.BigIntegerField(
        null=True, help_text="wat de toets zeker vindt, per maand: een uitkomst, nooit het budget erachter"
    )
    pay_day = models.PositiveSmallIntegerField(null=True, help_text="betaaldag, 1 tot en met 28")
    shift_rule = models.CharField(max_length=6, default="later", help_text="bij overslaan: later of hoger")
    windfall_rule = models.CharField(max_length=7, default="keep", help_text="eenmalig geld: houden of eerder klaar")
    first_submitted_on = models.DateField(
        null=True,
        help_text="de dag waarop de eerste versie is verstuurd: van hier tellen de dagen om een regeling te maken",
    )
    content_hash = models.CharField(max_length=64)
    story_shared = models.TextField(
        blank=True, help_text="alleen gevuld als de burger het verhaal met de organisaties deelt"
    )
    story_cause_shared = models.CharField(max_length=12, blank=True)
    submitted_on = models.DateField(null=True)
    answer_by = models.DateField(null=True, help_text="laatste dag om te antwoorden: tien werkdagen")
    agreed_on = models.DateField(null=True)
    replaced_by = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaces")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["Proposal"](citizen="citizen_id", creditor="answers__creditor_id")

    class Meta:
        verbose_name = "voorstel"
        verbose_name_plural = "voorstellen"
        ordering = ["-id"]
        constraints = [
            one_of("state", ProposalState, "proposal_state_known"),
            models.UniqueConstraint(fields=["citizen", "version"], name="one_proposal_per_version"),
            models.UniqueConstraint(
                fields=["citizen"],
                condition=models.Q(state__in=["draft", "submitted"]),
                name="one_open_proposal_per_citizen",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "withdrawn"])
                | models.Q(submitted_on__isnull=False, answer_by__isnull=False),
                name="submitted_proposal_has_its_dates",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="agreed") | models.Q(agreed_on__isnull=False),
                name="agreed_proposal_has_a_date",
            ),
            models.CheckConstraint(
                condition=models.Q(monthly_cents__gt=0, months__gte=1, pot_cents__gte=0),
                name="proposal_amounts_are_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(capacity_cents__isnull=True)
                | models.Q(monthly_cents__lte=models.F("capacity_cents")),
                name="proposal_is_within_the_capacity",
            ),
            models.CheckConstraint(
                condition=models.Q(pay_day__isnull=True) | models.Q(pay_day__gte=1, pay_day__lte=28),
                name="proposal_pay_day_exists_in_every_month",
            ),
        ]

    def __str__(self) -> str:
        return f"voorstel {self.public_id} versie {self.version}"


class ProposalLine(models.Model):
    """One claim in one version: what it gets, what is waived, what remains where the law forbids waiving. In cents."""

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="lines")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="proposal_lines")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    outstanding_cents = models.BigIntegerField()
    is_preferent = models.BooleanField()
    dischargeable = models.BooleanField()
    share_cents = models.BigIntegerField()
    waived_cents = models.BigIntegerField()
    remains_cents = models.BigIntegerField()

    objects = ScopedManager["ProposalLine"](citizen="citizen_id", creditor="creditor_id")

    class Meta:
        ordering = ["proposal", "position"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "claim"], name="one_line_per_claim_and_version"),
            models.CheckConstraint(
                condition=models.Q(
                    outstanding_cents=models.F("share_cents") + models.F("waived_cents") + models.F("remains_cents")
                ),
                name="proposal_line_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(share_cents__gte=0, waived_cents__gte=0, remains_cents__gte=0),
                name="proposal_line_is_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(dischargeable=True) | models.Q(waived_cents=0), name="the_law_forbids_this_waiver"
            ),
        ]

    def __str__(self) -> str:
        return f"regel {self.position}"


class Answer(models.Model):
    """What one creditor says to one version. A yes is a yes to at least this share."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="answers")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="answers")
    state = models.CharField(max_length=16, choices=choices(AnswerState), default=AnswerState.OPEN)
    outstanding_cents = models.BigIntegerField()
    share_cents = models.BigIntegerField()
    waived_cents = models.BigIntegerField()
    answer_by = models.DateField(null=True)
    asked_on = models.DateField(null=True, help_text="van deze dag tellen de werkdagen om te antwoorden")
    question = models.CharField(max_length=300, blank=True, help_text="de ene vraag van de organisatie")
    question_on = models.DateField(null=True)
    reply = models.CharField(max_length=600, blank=True)
    replied_on = models.DateField(null=True)
    reconsideration_on = models.DateField(
        null=True, help_text="de burger vroeg om nog eens te kijken; dat kan één keer"
    )
    reconsideration_note = models.CharField(max_length=600, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_by_policy = models.ForeignKey(AcceptancePolicy, models.PROTECT, null=True, related_name="answers")
    decided_at = models.DateTimeField(null=True)
    decided_on = models.DateField(null=True)
    why = models.TextField(blank=True, help_text="bij een automatisch ja: welke voorwaarden klopten")
    refusal_code = models.CharField(max_length=40, blank=True)
    refusal_note = models.CharField(max_length=300, blank=True)
    claimed_balance_cents = models.BigIntegerField(null=True)
    seen_hash = models.CharField(max_length=64, blank=True)
    reminded_on = models.DateField(null=True)
    without_chosen_on = models.DateField(null=True, help_text="de burger koos: verder zonder deze organisatie")
    left_out_on = models.DateField(null=True, help_text="de burger gaat zonder deze organisatie verder")
    join_asked_on = models.DateField(null=True, help_text="buiten het voorstel gelaten, en wil toch meedoen")
    join_asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    join_handled_on = models.DateField(null=True, help_text="wat op die vraag is gevolgd, is verteld")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["Answer"](citizen="citizen_id", creditor="creditor_id")

    class Meta:
        verbose_name = "antwoord"
        verbose_name_plural = "antwoorden"
        ordering = ["id"]
        constraints = [
            one_of("state", AnswerState, "answer_state_known"),
            models.UniqueConstraint(fields=["proposal", "creditor"], name="one_answer_per_creditor_and_version"),
            models.CheckConstraint(
                condition=~models.Q(state="accepted")
                | models.Q(decided_at__isnull=False, decided_by__isnull=False)
                | models.Q(decided_at__isnull=False, decided_by_policy__isnull=False),
                name="a_yes_names_who_said_it",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="refused")
                | (~models.Q(refusal_code="") & models.Q(decided_by__isnull=False)),
                name="a_no_has_a_code_and_a_person",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="balance_differs") | models.Q(claimed_balance_cents__isnull=False),
                name="another_balance_names_the_amount",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="question") | (~models.Q(question="") & models.Q(question_on__isnull=False)),
                name="a_question_has_its_words",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="reconsideration") | models.Q(reconsideration_on__isnull=False),
                name="a_reconsideration_has_a_date",
            ),
            models.CheckConstraint(
                condition=models.Q(join_asked_on__isnull=True, join_asked_by__isnull=True)
                | models.Q(join_asked_on__isnull=False, join_asked_by__isnull=False, left_out_on__isnull=False),
                name="joining_later_comes_after_being_left_out",
            ),
        ]
        indexes = [models.Index(fields=["creditor", "state", "answer_by"], name="answer_queue")]

    def __str__(self) -> str:
        return f"antwoord {self.public_id}: {self.state}"
