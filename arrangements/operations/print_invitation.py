from django.conf import settings
from django.db import transaction

from accounts import codes
from arrangements.documents.invitation import invitation_content
from arrangements.documents.pdf import render_pdf
from arrangements.models import CreditorInvitation
from arrangements.operations.invite_creditor import code_of
from infra import audit, clock


@transaction.atomic
def print_invitation(*, invitation: CreditorInvitation) -> bytes:
    """The letter as PDF, made again each time from the row: the code is not kept readable. That it was printed is written down.

    Scope: the desk's, or a coach's who works for the client.
    """
    code = codes.shown(code_of(invitation))
    content = invitation_content(
        invitation=invitation,
        code=code,
        address=f"{settings.SITE_BASE_URL}/organisaties/meedoen/{code}/",
        on=clock.today(),
    )
    audit.record(
        "creditor_invitation_printed",
        object_type="creditor_invitation",
        object_id=invitation.pk,
        citizen_id=invitation.citizen_id,
        creditor_id=invitation.creditor_id,
    )
    return render_pdf(content)
