from django.db import connection, transaction

from arrangements.models import HouseholdMember


def lock_household(citizen_id: int) -> HouseholdMember | None:
    """Hold this citizen and, when there is one, the household until the end of the transaction.

    Call it before anything is compared with what the partner promised, and before any row is locked. Two partners who
    send or sign at the same moment then do so one after the other, and the second sees what the first promised. The
    citizen is held as well, because somebody without a household may be joined by a partner just now (`join_household`
    holds both). Returns the own membership as it stands with the locks held; None without a partner. Scope: the citizen's
    own or the worker's. Raises TransactionManagementError outside a transaction.

    Advisory locks: the partner's row, the natural thing to lock, is one this citizen may not see.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a household is held until the end of a transaction")
    _hold(f"citizen:{citizen_id}")
    member = _membership(citizen_id)
    if member is None:
        return None
    _hold(f"household:{member.household}")
    # The partner may have ended it while we waited.
    return _membership(citizen_id)


def _membership(citizen_id: int) -> HouseholdMember | None:
    return HouseholdMember.objects.filter(citizen_id=citizen_id, left_on=None).first()


def _hold(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
