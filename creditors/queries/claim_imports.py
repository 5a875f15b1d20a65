"""What a creditor's pages show about its claims files. Scope: the creditor's."""

from typing import Any
from uuid import UUID

from django.db.models import F, Func, JSONField, QuerySet, Value

from creditors.models import ClaimImport, UploadedClaim
from infra.models import Job

SHOWN_FAULTS = 1_000


def claim_imports() -> QuerySet[ClaimImport]:
    """All uploads, newest first, without the file and the report in them."""
    return ClaimImport.objects.defer("content", "errors").select_related("uploaded_by")


def first_faults(public_id: UUID) -> list[dict[str, Any]]:
    """The first faults (or warnings) of one upload: a report of 100,000 lines does not belong in a page."""
    part = Func(
        F("errors"),
        Value(f"$[0 to {SHOWN_FAULTS - 1}]"),
        template="jsonb_path_query_array(%(expressions)s::jsonpath)",
        output_field=JSONField(),
    )
    found: list[dict[str, Any]] = ClaimImport.objects.filter(public_id=public_id).values_list(part, flat=True).get()
    return found


def all_faults(public_id: UUID) -> list[dict[str, Any]]:
    """Every fault of one upload."""
    found: list[dict[str, Any]] = ClaimImport.objects.values_list("errors", flat=True).get(public_id=public_id)
    return found


def gave_up(claim_import: ClaimImport, job_key: str) -> bool:
    """Whether the work on this file failed on our side for good."""
    return (
        claim_import.state in (ClaimImport.State.WAITING, ClaimImport.State.CHECKING)
        and Job.objects.filter(key=job_key, state=Job.State.FAILED).exists()
    )


def uploaded_claims() -> QuerySet[UploadedClaim]:
    """The stored claims, in the order of their references."""
    return UploadedClaim.objects.order_by("reference")
