"""Whether the money that is there covers what is owed to others; what our own account has to add today (payments.md 5.6, 4)."""

from dataclasses import dataclass

from django.db import connection

from arrangements.domain.postings import Account

HERE = (Account.SEGREGATED_BANK, Account.PROVIDER_BALANCE, Account.IN_TRANSIT)
OWED = (
    Account.UNDISTRIBUTED,
    Account.PAYABLE_TO_CREDITOR,
    Account.REFUND_DUE,
    Account.RESERVED_FOR_DISPUTE,
    Account.UNIDENTIFIED,
)
CAUSES = {
    Account.PROVIDER_FEES: "Kosten van de aanbieder",
    Account.STORNO_FEES: "Kosten van storno's",
    Account.STORNO_LOSSES: "Afgeboekte storno's",
    Account.STORNO_CLAIM_ON_CITIZEN: "Storno's die burgers nog terugbetalen",
    Account.SET_OFF_CLAIM_ON_CREDITOR: "Storno's die nog worden verrekend",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """Why money is missing: in Dutch, and in cents."""

    label: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """In cents. `here`: bank, provider and what is on its way (1000, 1100, 1200). `owed`: to others (2000 to 2900).

    What is missing is exactly the causes less what our own account gave before (`own`).
    """

    here_cents: int
    owed_cents: int
    causes: tuple[Cause, ...]
    own_cents: int

    @property
    def top_up_cents(self) -> int:
        """What our own account has to add today so that everybody can be paid; 0 when it is covered."""
        return max(self.owed_cents - self.here_cents, 0)

    @property
    def is_covered(self) -> bool:
        return self.here_cents >= self.owed_cents


def coverage() -> Coverage:
    """As the cash ledger stands now. Worker only: it reads the books of everybody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account, sum(debit_cents - credit_cents) FROM arrangements_ledgerposting "
            "WHERE account >= %s GROUP BY account",
            [min(Account)],
        )
        balances = {int(account): int(amount) for account, amount in cursor.fetchall()}
    return Coverage(
        here_cents=sum(balances.get(account, 0) for account in HERE),
        owed_cents=-sum(balances.get(account, 0) for account in OWED),
        causes=tuple(Cause(label, amount) for one, label in CAUSES.items() if (amount := balances.get(one, 0))),
        own_cents=-balances.get(Account.OWN_BANK, 0) - balances.get(Account.OWN_REVENUE, 0),
    )
