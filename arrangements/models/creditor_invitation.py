import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from creditors.models import Creditor
from infra.db.scoped import ScopedManager


class CreditorInvitation(models.Model):
    """An organisation that a citizen named and that does not take part yet is asked to: a letter with a code.

    The letter says nothing about the citizen. What the organisation answers is kept here for the desk, which makes it a
    participating organisation or finds that we know it already (`linked_to`); then the claim goes there.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="creditor_invitations")
    creditor = models.ForeignKey(
        Creditor, models.PROTECT, related_name="invitations", verbose_name="naam die de burger gaf"
    )
    code_hash = models.CharField(max_length=64, unique=True)
    made_on = models.DateField("gemaakt op")
    sent_on = models.DateField("verstuurd op", null=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="verstuurd door"
    )
    task_on = models.DateField(null=True, help_text="de laatste keer dat de regisseur eraan is herinnerd")
    answered_on = models.DateField("geantwoord op", null=True)
    organisation = models.CharField("naam volgens de organisatie", max_length=100, blank=True)
    contact_name = models.CharField("contactpersoon", max_length=100, blank=True)
    email = models.EmailField("e-mailadres", blank=True)
    kvk_number = models.CharField("KvK-nummer", max_length=8, blank=True)
    linked_to = models.ForeignKey(
        Creditor, models.PROTECT, null=True, related_name="+", verbose_name="deelnemende organisatie"
    )
    linked_on = models.DateField("gekoppeld op", null=True)
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["CreditorInvitation"](citizen="citizen_id")

    class Meta:
        verbose_name = "uitnodiging van een organisatie"
        verbose_name_plural = "uitnodigingen van organisaties"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["citizen", "creditor"], name="one_invitation_per_named_organisation"),
            models.CheckConstraint(
                condition=models.Q(sent_on__isnull=True, sent_by__isnull=True)
                | models.Q(sent_on__isnull=False, sent_by__isnull=False),
                name="a_sent_letter_says_by_whom",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_on__isnull=True, organisation="", email="")
                | (
                    models.Q(answered_on__isnull=False)
                    & ~models.Q(organisation="")
                    & ~models.Q(contact_name="")
                    & ~models.Q(email="")
                ),
                name="an_answer_says_who",
            ),
            models.CheckConstraint(
                condition=models.Q(linked_to__isnull=True, linked_on__isnull=True, linked_by__isnull=True)
                | models.Q(linked_to__isnull=False, linked_on__isnull=False, linked_by__isnull=False),
                name="a_link_says_to_whom_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"uitnodiging van {self.creditor.name}"
