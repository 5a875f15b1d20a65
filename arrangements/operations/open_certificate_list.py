from uuid import UUID

from django.db import transaction

from arrangements.models import CertificateList
from arrangements.queries.certificates import file_of
from infra import audit, scope


@transaction.atomic
def open_certificate_list(*, certificate_list: UUID) -> bytes | None:
    """The full list behind the certificates of a plan, as the file an auditor checks. None when the scope shows no such list.

    It names every creditor with every amount: when somebody else than the citizen takes it out, that is written down.
    `certificate_list`: the public id.
    """
    row = CertificateList.objects.filter(public_id=certificate_list).first()
    if row is None:
        return None
    if scope.current().coach_id is not None or scope.current().desk:
        audit.record(
            "certificate_list_opened", object_type="certificate_list", object_id=row.pk, citizen_id=row.citizen_id
        )
    return file_of(row)
