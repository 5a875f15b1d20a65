from datetime import timedelta

from django.db import transaction

from accounts import codes
from accounts.models import CaseWorker, MandateInvitation
from infra import audit, clock

CODE_LIVES = timedelta(hours=48)
PURPOSE = "mandate"


@transaction.atomic
def invite_client(
    *, coach: CaseWorker, label: str, papers_seen: bool = False, valid_months: int = 6
) -> tuple[MandateInvitation, str]:
    """Make a code of 8 characters for a new client; it works once, for 48 hours. Returns the row and the readable code.

    `papers_seen`: the coach has seen the person's identity document; then the code is an identity anchor as well.
    `valid_months`: how long the mandate will last, 1 to 12.
    """
    code = codes.new_code()
    invitation = MandateInvitation.objects.create(
        coach=coach,
        label=label,
        code_hash=codes.code_hash(PURPOSE, code),
        papers_seen=papers_seen,
        valid_months=valid_months,
        expires_at=clock.now() + CODE_LIVES,
    )
    audit.record("client_invited", object_type="invitation", object_id=invitation.pk)
    return invitation, code
