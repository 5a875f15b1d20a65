"""Uploading a file with claims: all of its lines are stored, or none (reliability.md 2.4, row 32).

The page only keeps the file and promises the work. A job reads it twice: once to judge every line, committing how far
it is, and once, when every line is good, to store them all in one transaction. Killed at any moment it starts from the
beginning again, and until that one commit nothing has been stored. Afterwards the file itself is thrown away: it holds
names and birth dates, and what we keep of a person is a keyed hash.
"""

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, connection, transaction

from accounts import codes
from accounts.models import User
from creditors.models import ClaimImport, Creditor, UploadedClaim
from creditors.operations.forget_claims import forget_expired_claims
from creditors.operations.invitations import invitation_hash
from creditors.policies.claims_file import REFERENCE, WHOLE_LINE, ClaimRow, Fault, Line, read_claims, unusable_because
from infra import audit, clock, jobs
from infra.models import Job

BATCH = 2_000
UNMATCHED_DAYS = 30
"""An uploaded claim nobody came for is thrown away after this many days (architecture.md)."""
EVERY_FAULT_UP_TO = 20_000
"""From this many faults on, only the first of each line is kept, so that a report stays a report."""
WARNINGS_KEPT = 1_000

JOB = "import_claims"


class FileUnusable(ValueError):
    """The file cannot be read line by line at all; `str()` is the reason in Dutch."""


class AlreadyUploaded(Exception):
    """The same bytes were uploaded before and not refused. `claim_import` is that upload."""

    def __init__(self, claim_import: ClaimImport) -> None:
        super().__init__(f"same file as import {claim_import.pk}")
        self.claim_import = claim_import


@transaction.atomic
def upload_claims(*, creditor: Creditor, user: User, file_name: str, content: bytes) -> ClaimImport:
    """Keep the file and promise to read it. Scope: the creditor's.

    Raises FileUnusable (empty, too large, not a text file) and AlreadyUploaded.
    """
    if reason := unusable_because(content):
        raise FileUnusable(reason)
    digest = sha256(content).hexdigest()
    if found := _same_file(creditor, digest):
        raise AlreadyUploaded(found)
    row = ClaimImport(
        creditor=creditor, uploaded_by=user, file_name=_clean_name(file_name), sha256=digest, content=content
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # Two clicks at once: the other one was first.
        found = _same_file(creditor, digest)
        if found is None:
            raise
        raise AlreadyUploaded(found) from None
    audit.record(
        "claims_uploaded",
        object_type="claim_import",
        object_id=row.pk,
        to_state=ClaimImport.State.WAITING,
        creditor_id=creditor.pk,
        details={"bytes": len(content), "sha256": digest},
    )
    jobs.enqueue(JOB, key=job_key(row), arguments={"import": row.pk}, creditor_id=creditor.pk)
    return row


def job_key(claim_import: ClaimImport) -> str:
    """The key of the job that reads this file."""
    return f"{JOB}:{claim_import.public_id}"


def _same_file(creditor: Creditor, digest: str) -> ClaimImport | None:
    found = (
        ClaimImport.objects.defer("content", "errors")
        .filter(creditor=creditor, sha256=digest)
        .exclude(state=ClaimImport.State.REFUSED)
        .first()
    )
    if found is None or not Job.objects.filter(key=job_key(found), state=Job.State.FAILED).exists():
        return found
    # We gave up on that one ourselves; the creditor may try again.
    reason = Fault(1, WHOLE_LINE, "Bij ons ging iets mis. Dit bestand is niet opgeslagen.")
    ClaimImport.objects.filter(pk=found.pk).update(
        state=ClaimImport.State.REFUSED, content=b"", errors=[_stored(reason)], error_count=1, finished_at=clock.now()
    )
    return None


def _clean_name(file_name: str) -> str:
    """The name the file had, without a path and without invisible signs; only ever shown, never used."""
    last = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable())[:200] or "bestand.csv"


@dataclass(slots=True)
class _Report:
    """What reading found."""

    good: int = 0
    faults: int = 0
    kept: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def add(self, faults: Iterable[Fault]) -> None:
        """Count and keep the faults of one line; the warnings apart."""
        kept_of_this_line = 0
        for fault in faults:
            if fault.only_a_warning:
                if len(self.warnings) < WARNINGS_KEPT:
                    self.warnings.append(_stored(fault))
                continue
            self.faults += 1
            if len(self.kept) < EVERY_FAULT_UP_TO or not kept_of_this_line:
                self.kept.append(_stored(fault))
                kept_of_this_line += 1


def _stored(fault: Fault) -> dict[str, Any]:
    kept: dict[str, Any] = {"line": fault.line, "column": fault.column, "reason": fault.reason}
    return kept | {"warning": True} if fault.only_a_warning else kept


@jobs.job(JOB, chunked=True)
def import_claims(work: jobs.Work) -> dict[str, Any] | None:
    """Judge every line, then store all of them or none. May be repeated: a finished import is left alone."""
    with transaction.atomic():
        row = (
            ClaimImport.objects.select_related("creditor")
            .filter(pk=work.arguments["import"], state__in=[ClaimImport.State.WAITING, ClaimImport.State.CHECKING])
            .first()
        )
        if row is None:
            return None
        content = bytes(row.content)
        lines_in_file = content.count(b"\n") + (not content.endswith(b"\n"))
        today = clock.today()
        row.rows_total = max(lines_in_file - 1, 0)
        ClaimImport.objects.filter(pk=row.pk).update(
            state=ClaimImport.State.CHECKING, rows_total=row.rows_total, rows_done=0
        )
        forget_expired_claims(on=today, creditor_id=row.creditor_id)
    report = _check(work, row, content, today)
    if report.faults:
        _refuse(row, report)
    else:
        work.progress(report.good, report.good, "Wordt opgeslagen")
        _store(row, content, today, report)
    return {"good": report.good, "faults": report.faults}


def _lines(row: ClaimImport, content: bytes, today: date) -> Iterator[Line]:
    return read_claims(io.BytesIO(content), today=today, own_iban=row.creditor.iban)


def _check(work: jobs.Work, row: ClaimImport, content: bytes, today: date) -> _Report:
    """Read the file to its end, showing progress. Compares with what is stored, a batch at a time."""
    report = _Report()
    batch: list[Line] = []
    done = 0
    for line in _lines(row, content, today):
        batch.append(line)
        if len(batch) == BATCH:
            done += _check_batch(row, batch, report)
            _show(work, row, done)
            batch = []
    done += _check_batch(row, batch, report)
    _show(work, row, done)
    return report


def _show(work: jobs.Work, row: ClaimImport, done: int) -> None:
    with transaction.atomic():
        ClaimImport.objects.filter(pk=row.pk).update(rows_done=done)
    work.progress(done, max(row.rows_total, done), "Wordt gecontroleerd")


def _check_batch(row: ClaimImport, batch: list[Line], report: _Report) -> int:
    references = [line.row.reference for line in batch if line.row is not None]
    with transaction.atomic():
        stored = {
            reference: (file_name, created_at)
            for reference, file_name, created_at in UploadedClaim.objects.filter(
                creditor_id=row.creditor_id, reference__in=references
            ).values_list("reference", "claim_import__file_name", "claim_import__created_at")
        }
    for line in batch:
        faults = line.faults
        if line.row is not None and line.row.reference in stored:
            file_name, created_at = stored[line.row.reference]
            day = created_at.astimezone(clock.AMSTERDAM)
            reason = f"Dit kenmerk is al opgeslagen, uit het bestand {file_name} van {day:%d-%m-%Y}."
            faults = (*faults, Fault(line.number, REFERENCE, reason))
        elif line.row is not None:
            report.good += 1
        if faults:
            report.add(faults)
    return len(batch)


@transaction.atomic
def _refuse(row: ClaimImport, report: _Report) -> None:
    ClaimImport.objects.filter(pk=row.pk).update(
        state=ClaimImport.State.REFUSED,
        error_count=report.faults,
        errors=report.kept,
        rows_done=0,
        content=b"",
        finished_at=clock.now(),
    )
    _note(row, ClaimImport.State.REFUSED, {"faults": report.faults})


@transaction.atomic
def _store(row: ClaimImport, content: bytes, today: date, report: _Report) -> None:
    """All in one transaction. A reference that was stored meanwhile breaks it off; the retry then names it."""
    locked = ClaimImport.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if locked.state != ClaimImport.State.CHECKING:
        return
    expires_on = today + timedelta(days=UNMATCHED_DAYS)
    batch: list[dict[str, Any]] = []
    for line in _lines(row, content, today):
        if line.row is None:
            raise RuntimeError(f"line {line.number} was good when it was checked")
        batch.append(_columns(row.creditor_id, line.row))
        if len(batch) == BATCH:
            _insert(batch, row, expires_on)
            batch = []
    _insert(batch, row, expires_on)
    ClaimImport.objects.filter(pk=row.pk).update(
        state=ClaimImport.State.STORED,
        rows_total=report.good,
        rows_done=report.good,
        errors=report.warnings,
        content=b"",
        finished_at=clock.now(),
    )
    _note(row, ClaimImport.State.STORED, {"rows": report.good})


def _note(row: ClaimImport, state: str, details: dict[str, Any]) -> None:
    audit.record(
        f"claims_{state}",
        object_type="claim_import",
        object_id=row.pk,
        from_state=ClaimImport.State.CHECKING,
        to_state=state,
        creditor_id=row.creditor_id,
        details=details,
    )


# The columns that differ per row, with their types. COPY cannot write into a table under row level security; one JSON
# array per statement comes near to it, and costs a third of an insert by the ORM.
_TYPES = {
    "reference": "text",
    "invoice_number": "text",
    "customer_number": "text",
    "match_key": "text",
    "invitation_hash": "text",
    "principal_cents": "bigint",
    "interest_cents": "bigint",
    "costs_cents": "bigint",
    "outstanding_cents": "bigint",
    "is_preferent": "boolean",
    "preference_ground": "text",
    "dischargeable": "boolean",
    "not_dischargeable_ground": "text",
    "origin_date": "date",
    "kind": "text",
    "collector_name": "text",
    "collector_reference": "text",
    "deurwaarder_name": "text",
    "deurwaarder_reference": "text",
}
_INSERT = (
    f"INSERT INTO creditors_uploadedclaim ({', '.join(_TYPES)}, creditor_id, claim_import_id, expires_on, created_at) "  # noqa: S608  names of our own
    f"SELECT {', '.join(_TYPES)}, %s, %s, %s, %s FROM jsonb_to_recordset(%s::jsonb) "
    f"AS one({', '.join(f'{name} {kind}' for name, kind in _TYPES.items())})"
)


def _insert(batch: list[dict[str, Any]], row: ClaimImport, expires_on: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [row.creditor_id, row.pk, expires_on, clock.now(), json.dumps(batch)])


def _columns(creditor_id: int, claim: ClaimRow) -> dict[str, Any]:
    return {
        "reference": claim.reference,
        "invoice_number": claim.reference,
        "customer_number": claim.customer_number,
        "match_key": codes.match_key(
            family_name=claim.family_name,
            birth_date=claim.birth_date.isoformat(),
            postcode=claim.postcode,
            house_number=claim.house_number,
        ),
        "invitation_hash": invitation_hash(creditor_id=creditor_id, reference=claim.reference),
        "principal_cents": claim.principal,
        "interest_cents": claim.interest,
        "costs_cents": claim.costs,
        "outstanding_cents": claim.outstanding,
        "is_preferent": claim.is_preferent,
        "preference_ground": claim.preference_ground,
        "dischargeable": claim.dischargeable,
        "not_dischargeable_ground": claim.not_dischargeable_ground,
        "origin_date": claim.origin_date.isoformat() if claim.origin_date else None,
        "kind": claim.kind,
        "collector_name": claim.collector_name,
        "collector_reference": claim.collector_reference,
        "deurwaarder_name": claim.deurwaarder_name,
        "deurwaarder_reference": claim.deurwaarder_reference,
    }
