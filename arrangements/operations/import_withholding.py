"""Taking in the specification of a withholding: every line good, or nothing at all."""

import re
from hashlib import sha256
from typing import Final

from django.db import IntegrityError, transaction

from accounts.models import User
from arrangements.domain.withholding_file import MAX_BYTES, Fault, Unreadable, read_specification
from arrangements.models import Arrangement, Withholder, WithholdingFile, WithholdingLine
from arrangements.payments.withholding_sheet import cells_of
from infra import audit, jobs

SHORTEST_REFERENCE: Final = 5
_REFERENCE: Final = re.compile(r"[A-Za-z0-9/?:().,'+ -]{5,35}")


class CannotImport(Exception):
    """The file is not taken in; nothing of it is kept. `faults`: one per wrong line, or one about the whole (line 0)."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(fault.reason for fault in faults))
        self.faults = faults


class AlreadyImported(Exception):
    """The same bytes were taken in before. `file` is that one."""

    def __init__(self, file: WithholdingFile) -> None:
        super().__init__(f"same content as {file.pk}")
        self.file = file


class ReferenceUsed(CannotImport):
    """This municipality has a specification with this reference already."""

    def __init__(self) -> None:
        super().__init__(
            Fault(0, "Deze gemeente heeft al een bestand met deze omschrijving. Kijk na of u het juiste bestand heeft.")
        )


def clean_reference(text: str) -> str:
    """What the municipality writes with its transfer, without double spaces. Raises CannotImport."""
    bare = " ".join(text.split())
    if not _REFERENCE.fullmatch(bare) or sum(sign.isalnum() for sign in bare) < SHORTEST_REFERENCE:
        raise CannotImport(
            Fault(0, "Vul de omschrijving van de overboeking in: 5 tot 35 letters en cijfers, zoals INH-2026-11.")
        )
    return bare


@transaction.atomic
def import_withholding(*, withholder: Withholder, reference: str, content: bytes, user: User) -> WithholdingFile:
    """Keep the specification, whole, and promise to look for its money. Scope: the desk's.

    `reference`: what stands with the transfer. The total is the sum of the lines. A betalingskenmerk of nobody here is
    kept too: that part of the money is shown to a person once it is here (payments.md 4). Raises CannotImport (with a
    fault per wrong line), ReferenceUsed, and AlreadyImported for the same bytes.
    """
    reference = clean_reference(reference)
    if len(content) > MAX_BYTES:
        raise CannotImport(Fault(0, f"Dit bestand is groter dan {MAX_BYTES // 1024 // 1024} MB. Verdeel het."))
    digest = sha256(content).hexdigest()
    _refuse_double(withholder, reference, digest)
    try:
        found = read_specification(cells_of(content))
    except Unreadable as error:
        raise CannotImport(Fault(0, str(error))) from None
    if found.faults:
        raise CannotImport(*found.faults)
    file = WithholdingFile(
        withholder=withholder,
        reference=reference,
        total_cents=found.total_cents,
        sha256=digest,
        uploaded_by=user,
    )
    try:
        with transaction.atomic():
            file.save(force_insert=True)
    except IntegrityError:
        # Two clicks at once: the other one was first.
        _refuse_double(withholder, reference, digest)
        raise
    known = {
        arrangement.payment_reference: arrangement
        for arrangement in Arrangement.objects.filter(
            payment_reference__in=[row.payment_reference for row in found.rows]
        ).only("pk", "payment_reference", "citizen_id")
    }
    lines = []
    for row in found.rows:
        arrangement = known.get(row.payment_reference)
        lines.append(
            WithholdingLine(
                file=file,
                position=row.line,
                payment_reference=row.payment_reference,
                amount_cents=row.amount_cents,
                withholder_name=withholder.name,
                arrangement=arrangement,
                citizen_id=arrangement.citizen_id if arrangement else None,
            )
        )
    WithholdingLine.objects.bulk_create(lines, batch_size=2000)
    audit.record(
        "withholding_imported",
        object_type="withholding_file",
        object_id=file.pk,
        to_state=file.state,
        details={"total_cents": file.total_cents, "lines": len(lines), "sha256": digest},
    )
    jobs.enqueue("match_withholding", key=f"match_withholding:{file.public_id}", arguments={"file": file.pk})
    return file


def _refuse_double(withholder: Withholder, reference: str, digest: str) -> None:
    living = WithholdingFile.objects.exclude(state=WithholdingFile.State.WITHDRAWN)
    same = living.filter(sha256=digest).first()
    if same is not None:
        raise AlreadyImported(same)
    if living.filter(withholder=withholder, reference__iexact=reference).exists():
        raise ReferenceUsed


class CannotWithdraw(Exception):
    """Its money is booked, or it was withdrawn before."""


@transaction.atomic
def withdraw_withholding(*, file_id: int, user: User) -> WithholdingFile:
    """The wrong file: forget it while its money is not booked. The same bytes may come again. Scope: the desk's."""
    file = WithholdingFile.objects.select_for_update(of=("self",)).get(pk=file_id)
    if file.state != WithholdingFile.State.WAITING:
        raise CannotWithdraw
    before, file.state = file.state, WithholdingFile.State.WITHDRAWN
    file.save(update_fields=["state"])
    audit.record(
        "withholding_withdrawn",
        object_type="withholding_file",
        object_id=file.pk,
        from_state=before,
        to_state=file.state,
        details={"by": user.pk},
    )
    return file
