"""What the books say about claims, through the door that shows each party its own (claim_balances)."""

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Balance:
    """One claim in the owed ledger, in cents."""

    open_cents: int
    paid_cents: int
    waived_cents: int


def claim_balances() -> dict[int, Balance]:
    """By claim, for the party in scope (citizen or creditor). Empty for a claim whose books are not open yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT claim_id, outstanding_cents, paid_cents, waived_cents FROM claim_balances()")
        return {row[0]: Balance(row[1], row[2], row[3]) for row in cursor.fetchall()}
