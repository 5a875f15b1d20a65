import gzip
import re
import uuid
import zlib
from collections.abc import Iterable
from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone

from arrangements.models.arrangement import Arrangement
from arrangements.models.claim import Claim
from arrangements.models.money_run import MoneyRun
from creditors.models import Creditor
from infra.db.scoped import ScopedManager

_CLAIM: Final = re.compile(r"C([0-9]{1,18})$")


def pack(content: bytes) -> bytes:
    """A file as it is kept: the same bytes, the same result."""
    return gzip.compress(content, mtime=0)


class PayoutFile(models.Model):
    """The pain.001 file of a run, as it is handed to the bank: the same rows, the same bytes. Made once, submitted once."""

    class State(models.TextChoices):
        MADE = "made", "Gemaakt"
        SUBMITTED = "submitted", "Aangeboden"
        ACCEPTED = "accepted", "Aangenomen"
        REJECTED = "rejected", "Geweigerd"
        WITHDRAWN = "withdrawn", "Ingetrokken"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    run = models.ForeignKey(
        MoneyRun, models.PROTECT, null=True, related_name="files", help_text="leeg: terugbetalingen"
    )
    message_id = models.CharField(max_length=35, unique=True)
    packed = models.BinaryField(help_text="het bestand, met gzip: een tiende zo groot")
    sha256 = models.CharField(max_length=64, help_text="van het bestand zelf")
    total_cents = models.BigIntegerField()
    line_count = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.MADE)
    made_on = models.DateField()
    submitted_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "betaalbestand"
        verbose_name_plural = "betaalbestanden"
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=models.Q(total_cents__gt=0), name="payout_file_is_positive")]

    def __str__(self) -> str:
        return self.message_id

    @property
    def content(self) -> bytes:
        """The file itself; nothing when what was kept is damaged: `sha256` says so."""
        try:
            return gzip.decompress(bytes(self.packed))
        except (OSError, EOFError, zlib.error):
            return b""


class PayoutBatch(models.Model):
    """Doorbetaling: what one creditor gets in one run. `number` is the bank's name for it (PmtInfId)."""

    class State(models.TextChoices):
        BUILT = "built", "Wacht op vrijgave"
        SUBMITTED = "submitted", "Aangeboden aan de bank"
        BOOKED = "booked", "Overgemaakt"
        REJECTED = "rejected", "Geweigerd door de bank"
        WITHDRAWN = "withdrawn", "Ingetrokken voor het naar de bank ging"

    # What a creditor may see of its payouts: not what may still be withdrawn.
    SHOWN = (State.SUBMITTED, State.BOOKED, State.REJECTED)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    run = models.ForeignKey(MoneyRun, models.PROTECT, null=True, related_name="batches")
    file = models.ForeignKey(PayoutFile, models.PROTECT, null=True, related_name="batches")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="payouts")
    run_date = models.DateField()
    number = models.CharField(max_length=35, unique=True)
    total_cents = models.BigIntegerField(help_text="wat de bank overmaakt, zonder de regels die zij weigerde")
    set_off_cents = models.BigIntegerField(default=0, help_text="verrekend met storno's")
    together = models.BooleanField(default=False, help_text="een overboeking, met een specificatie")
    line_count = models.PositiveIntegerField()
    iban = models.CharField(max_length=34)
    account_name = models.CharField(max_length=100, blank=True, help_text="de naam toen de doorbetaling werd gemaakt")
    state = models.CharField(max_length=10, choices=State, default=State.BUILT)
    created_at = models.DateTimeField(default=timezone.now)
    booked_on = models.DateField(null=True)

    objects = ScopedManager["PayoutBatch"](creditor="creditor_id")

    class Meta:
        verbose_name = "doorbetaling"
        verbose_name_plural = "doorbetalingen"
        ordering = ["-run_date", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["creditor", "run"], name="one_payout_per_creditor_and_run"),
            # Everything set off: nothing goes to the bank, and the specification says why.
            models.CheckConstraint(
                condition=models.Q(total_cents__gt=0) | models.Q(total_cents=0, set_off_cents__gt=0),
                name="payout_is_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class PayoutLine(models.Model):
    """What one claim gets in one payout; `end_to_end_id` is derived, so the file can be made again."""

    # Without constraints per row: a trigger proves the references of a whole statement at once. Found by batch through the
    # unique constraint, and by anything else (creditor, arrangement, end-to-end id) through its batch or its claim: a month
    # writes a line for every claim there is, and every index with it.
    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="lines", db_constraint=False, db_index=False)
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="payout_lines", db_constraint=False)
    arrangement = models.ForeignKey(
        Arrangement, models.PROTECT, related_name="payout_lines", db_constraint=False, db_index=False
    )
    amount_cents = models.BigIntegerField()
    reference = models.CharField(max_length=60)
    end_to_end_id = models.CharField(
        max_length=35, help_text="van het nummer van de doorbetaling en van de vordering; zie PayoutLine.named"
    )
    set_off_cents = models.BigIntegerField(default=0, help_text="verrekend, hiervoor ging geen geld")
    returned_on = models.DateField(null=True, help_text="geweigerd of teruggekomen: weer door te betalen")
    returned_after_booking = models.BooleanField(
        default=False, help_text="kwam terug nadat het was overgemaakt; anders weigerde de bank het vooraf"
    )
    return_reason = models.CharField(max_length=4, blank=True)

    objects = ScopedManager["PayoutLine"](creditor="creditor_id")

    @classmethod
    def named(cls, end_to_end_ids: Iterable[str]) -> models.QuerySet["PayoutLine"]:
        """The lines with these ids, found through the number of the claim that an id ends with."""
        names = list(end_to_end_ids)
        claims = {int(found[1]) for name in names if (found := _CLAIM.search(name))}
        return cls.objects.filter(claim_id__in=claims, end_to_end_id__in=names)

    class Meta:
        ordering = ["batch", "id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "claim"], name="one_payout_line_per_claim"),
            models.CheckConstraint(
                condition=models.Q(amount_cents__gte=0, set_off_cents__gte=0)
                & (models.Q(amount_cents__gt=0) | models.Q(set_off_cents__gt=0)),
                name="payout_line_is_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.end_to_end_id


class PayoutSkip(models.Model):
    """A creditor that had something to get and was left out of a run, and why. In cents."""

    class Reason(models.TextChoices):
        BELOW_MINIMUM = "below_minimum", "Minder dan het laagste bedrag"
        IBAN_BLOCKED = "iban_blocked", "Het rekeningnummer klopt niet"
        NO_IBAN = "no_iban", "Geen rekeningnummer"
        SET_OFF = "set_off", "Alles is verrekend met een storno"

    run = models.ForeignKey(MoneyRun, models.PROTECT, related_name="skips")
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="+")
    amount_cents = models.BigIntegerField()
    reason = models.CharField(max_length=13, choices=Reason)

    class Meta:
        ordering = ["run", "id"]
        constraints = [models.UniqueConstraint(fields=["run", "creditor"], name="one_skip_per_creditor_and_run")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.creditor_id} {self.reason}"


class PayoutExport(models.Model):
    """Somebody took a bank file out to hand it in by hand. The first time is plain; every next time is marked and seen."""

    file = models.ForeignKey(PayoutFile, models.PROTECT, related_name="exports")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(help_text="de hoeveelste keer, vanaf 1")
    exported_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "download van een betaalbestand"
        verbose_name_plural = "downloads van betaalbestanden"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="one_export_per_number")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.number}"
