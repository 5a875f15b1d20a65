"""A file of the bank comes in, from a person of the desk or from the bank itself. Reading it is the worker's."""

import hashlib
from pathlib import PurePath

from django.db import transaction

from accounts.models import User
from arrangements.models import BankFile
from arrangements.payments.bank_file import FileRefused
from arrangements.payments.camt053 import UPLOAD_LIMIT
from infra import audit, clock, jobs


@transaction.atomic
def hand_in_statement(
    *, name: str, content: bytes, user: User | None = None, limit_bytes: int = UPLOAD_LIMIT
) -> tuple[BankFile, bool]:
    """Keep a file and promise to read it. The row, and whether it is new: the same bytes twice are one file.

    A file that was refused is read again, since the reason may be gone. Scope: the desk's or the worker's.
    Raises FileRefused only for a file that is too large to keep.
    """
    if len(content) > limit_bytes:
        raise FileRefused(
            f"Het bestand is groter dan {limit_bytes // 1_000_000} MB. Vraag de bank om kleinere bestanden."
        )
    digest = hashlib.sha256(content).hexdigest()
    # The name is only shown; who sent it decides nothing with it.
    shown = (
        "".join(sign for sign in PurePath(name.replace("\\", "/")).name if sign.isprintable())[:120] or "afschrift.xml"
    )
    row = BankFile.objects.filter(sha256=digest).first()
    is_new = row is None
    if row is None:
        row = BankFile.objects.create(name=shown, content=content, sha256=digest, uploaded_by=user)
        audit.record("bank_file_in", object_type="bank_file", object_id=row.pk)
    if is_new or row.state == BankFile.State.REFUSED:
        again = "" if is_new else f":{clock.now():%Y%m%d%H%M%S%f}"
        jobs.enqueue("import_statement", key=f"import_statement:{digest}{again}", arguments={"file": row.pk})
    return row, is_new
