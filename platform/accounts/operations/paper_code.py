from datetime import timedelta

from django.db import connection, transaction

from accounts import codes
from accounts.models import CaseWorker, Citizen, PaperCode, User
from infra import audit, clock

PURPOSE = "paper-login"
CODE_LIVES = timedelta(days=14)


@transaction.atomic
def give_paper_code(*, citizen: Citizen, given_by: CaseWorker) -> str:
    """Make a login code on paper for this citizen: works once, two weeks. Returns the readable code.

    Scope: a coach or desk worker acting for the citizen.
    """
    code = codes.new_code()
    PaperCode.objects.create(
        citizen=citizen,
        given_by=given_by,
        code_hash=codes.code_hash(PURPOSE, code),
        expires_at=clock.now() + CODE_LIVES,
    )
    audit.record("paper_code_given", object_type="citizen", object_id=citizen.pk, citizen_id=citizen.pk)
    return code


@transaction.atomic
def redeem_paper_code(*, code: str) -> User | None:
    """The user this code logs in, or None. The code is used up. Guessing is slowed down by the page (rate limit)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT user_id FROM redeem_paper_code(%s)", [codes.code_hash(PURPOSE, code)])
        row = cursor.fetchone()
    return User.objects.filter(pk=row[0], is_active=True).first() if row and row[0] else None
