"""Throwing away uploaded claims nobody came for: we keep no list of people who have nothing to do with us."""

from datetime import date

from django.db import connection, transaction

from infra import audit


@transaction.atomic
def forget_expired_claims(*, on: date, creditor_id: int | None = None) -> int:
    """Delete the unmatched claims whose last day (`expires_on`) was before `on`. Returns how many. Scope: the worker's.

    Safe to repeat. `creditor_id` limits it to one creditor.
    """
    with connection.cursor() as cursor:
        # Plain SQL: Django would first read all rows to look for what hangs on them. A claim that was taken over a
        # moment ago, and is not marked as matched yet, stays.
        cursor.execute(
            "DELETE FROM creditors_uploadedclaim u WHERE matched_at IS NULL AND expires_on < %s"
            " AND NOT EXISTS (SELECT 1 FROM arrangements_claim c WHERE c.uploaded_claim_id = u.id)"
            " AND (%s::bigint IS NULL OR creditor_id = %s::bigint)",
            [on, creditor_id, creditor_id],
        )
        forgotten = int(cursor.rowcount)
    if forgotten:
        audit.record(
            "uploaded_claims_forgotten",
            object_type="uploaded_claim",
            object_id="",
            creditor_id=creditor_id,
            details={"rows": forgotten},
        )
    return forgotten
