"""What two people look at before a run goes to the bank: totals, what is new, and who is left out."""

from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery

from arrangements.models import MoneyRun, PayoutBatch, PayoutExport, PayoutFile, PayoutSkip, RunApproval
from creditors.models import IbanChange

SHOWN_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One creditor in a run. `mark`: why name and account have to be compared, in Dutch; "" when nothing is new."""

    batch: PayoutBatch
    mark: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """One bank file, and who took it out."""

    file: PayoutFile
    exports: tuple[PayoutExport, ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """A run as the desk sees it. The batches: what is new first, then the largest; `more`: how many are not shown."""

    run: MoneyRun
    batches: tuple[BatchRow, ...]
    new_count: int
    more: int
    skips: tuple[PayoutSkip, ...]
    skipped_cents: int
    files: tuple[FileRow, ...]
    approvals: tuple[RunApproval, ...]


def run_page(run: MoneyRun) -> RunPage:
    """Everything on the page of one run. Scope: the desk."""
    marked = [BatchRow(batch, mark) for batch, mark in _marks(run)]
    marked.sort(key=lambda row: (not row.mark, -row.batch.total_cents))
    skips = tuple(PayoutSkip.objects.select_related("creditor").filter(run=run).order_by("reason", "-amount_cents"))
    exports = PayoutExport.objects.select_related("user").filter(file__run=run)
    by_file: dict[int, list[PayoutExport]] = {}
    for export in exports:
        by_file.setdefault(export.file_id, []).append(export)
    files = PayoutFile.objects.filter(run=run).defer("packed").order_by("pk")
    return RunPage(
        run=run,
        batches=tuple(marked[:SHOWN_AT_MOST]),
        new_count=sum(1 for row in marked if row.mark),
        more=max(len(marked) - SHOWN_AT_MOST, 0),
        skips=skips[:SHOWN_AT_MOST],
        skipped_cents=sum(skip.amount_cents for skip in skips),
        files=tuple(FileRow(file, tuple(by_file.get(file.pk, ()))) for file in files),
        approvals=tuple(RunApproval.objects.select_related("user").filter(run=run)),
    )


def _marks(run: MoneyRun) -> list[tuple[PayoutBatch, str]]:
    before = PayoutBatch.objects.filter(
        creditor=OuterRef("creditor"), pk__lt=OuterRef("pk"), state__in=PayoutBatch.SHOWN, total_cents__gt=0
    ).order_by("-pk")
    rows = (
        PayoutBatch.objects.select_related("creditor")
        .filter(run=run)
        .annotate(last_iban=Subquery(before.values("iban")[:1]), last_name=Subquery(before.values("account_name")[:1]))
    )
    asked = IbanChange.objects.filter(state__in=[IbanChange.State.ASKED, IbanChange.State.APPROVED])
    waiting = set(asked.values_list("creditor_id", flat=True))
    return [(batch, _mark(batch, batch.last_iban, batch.last_name, batch.creditor_id in waiting)) for batch in rows]


def _mark(batch: PayoutBatch, last_iban: str | None, last_name: str | None, change_waits: bool) -> str:
    marks = []
    if last_iban is None:
        marks.append("eerste betaling")
    elif last_iban != batch.iban:
        marks.append(f"ander rekeningnummer dan de vorige keer (was {last_iban})")
    if last_name and last_name != batch.account_name:
        marks.append(f"andere naam (was {last_name})")
    if batch.iban != batch.creditor.iban:
        marks.append("het rekeningnummer is na het maken van de run gewijzigd")
    if change_waits:
        marks.append("een wijziging van het rekeningnummer loopt")
    return "; ".join(marks)


def runs() -> QuerySet[MoneyRun]:
    """All runs, newest first, with how many people approved."""
    return MoneyRun.objects.annotate(approved=Count("approvals"))
