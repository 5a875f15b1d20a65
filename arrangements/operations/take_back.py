"""Money of a payout is payable again: the run was withdrawn, the bank said no, or it came back after it was booked."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.db import connection
from django.db.models import F, Sum

from arrangements.domain.postings import Account, EntryKind
from arrangements.models import ArrangementLine, PayoutBatch, PayoutLine
from arrangements.operations.build_payouts import LINES_PER_ENTRY
from arrangements.operations.set_off import set_off_for
from infra import clock


class CannotTakeBack(Exception):
    """The books do not know any more that this claim was paid on: a person has to look. The message names the transfer."""


_LOCK: Final = """
SELECT l.id FROM arrangements_arrangementline l
JOIN arrangements_payoutline p ON p.claim_id = l.claim_id
WHERE p.batch_id = %(batch)s AND p.returned_on IS NULL AND (%(lines)s::bigint[] IS NULL OR p.id = ANY(%(lines)s))
ORDER BY l.id FOR NO KEY UPDATE OF l
"""

# `postings.remittance_rejected` and `remittance_returned`, however many lines there are.
_POSTINGS: Final = """
WITH parts AS MATERIALIZED (
    SELECT p.arrangement_id, p.claim_id, p.creditor_id, p.amount_cents,
        %(key)s || ':' || min(p.id) OVER () || ':' || (row_number() OVER (ORDER BY p.id) - 1) / %(size)s AS key,
        (row_number() OVER (ORDER BY p.id) - 1) %% %(size)s + 1 AS line
    FROM arrangements_payoutline p
    WHERE p.batch_id = %(batch)s AND p.returned_on IS NULL AND p.amount_cents > 0
      AND (%(lines)s::bigint[] IS NULL OR p.id = ANY(%(lines)s))
), entries AS (
    INSERT INTO arrangements_ledgerentry (id, ledger, kind, key, booked_on, created_at)
    SELECT nextval('arrangements_ledger_number'), 'cash', %(kind)s, key, %(today)s, now()
    FROM (SELECT DISTINCT key FROM parts) one
    RETURNING id, key
)
INSERT INTO arrangements_ledgerposting
    (entry_id, debit_cents, credit_cents, arrangement_id, claim_id, creditor_id, booked_on, account, line)
SELECT e.id, 0, p.amount_cents, p.arrangement_id, p.claim_id, p.creditor_id, %(today)s, %(payable)s, p.line
FROM parts p JOIN entries e ON e.key = p.key
UNION ALL
SELECT e.id, sum(p.amount_cents), 0, NULL, NULL, NULL, %(today)s, %(source)s, max(p.line) + 1
FROM parts p JOIN entries e ON e.key = p.key GROUP BY e.id
"""

_LESS_REMITTED: Final = """
UPDATE arrangements_arrangementline l SET remitted_cents = l.remitted_cents - p.amount_cents
FROM arrangements_payoutline p
WHERE p.batch_id = %(batch)s AND p.returned_on IS NULL AND l.claim_id = p.claim_id
  AND (%(lines)s::bigint[] IS NULL OR p.id = ANY(%(lines)s)) AND l.remitted_cents >= p.amount_cents
"""


def take_back(
    batch: PayoutBatch, *, line_ids: Sequence[int] | None, on: date, reason: str = "", after_booking: bool = False
) -> int:
    """Make lines of `batch` payable again (1200, or 1000 `after_booking`, to 2100); all that are left when `line_ids` is
    None. Returns cents; zero when they were taken back before.

    `on`: the day at the bank; the books are of the business date. `reason`: a code of ISO 20022. Part of the caller's
    transaction, which holds the batch locked. Raises CannotTakeBack. Worker only. Source: payments.md 5.4.
    """
    rows = PayoutLine.objects.filter(batch=batch, returned_on=None, amount_cents__gt=0)
    if line_ids is not None:
        rows = rows.filter(pk__in=list(line_ids))
    total = rows.aggregate(sum=Sum("amount_cents"))["sum"] or 0
    if not total:
        return 0
    kind = EntryKind.REMITTANCE_RETURNED if after_booking else EntryKind.REMITTANCE_REJECTED
    today = clock.today()
    what = {"batch": batch.pk, "lines": list(line_ids) if line_ids is not None else None}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, what)
        cursor.execute("SELECT ledger_month(%s)", [today])
        cursor.execute(
            _POSTINGS,
            what
            | {
                "key": f"cash:payout:{batch.number}:{'returned' if after_booking else 'rejected'}",
                "size": LINES_PER_ENTRY,
                "kind": kind.value,
                "today": today,
                "payable": Account.PAYABLE_TO_CREDITOR.value,
                "source": (Account.SEGREGATED_BANK if after_booking else Account.IN_TRANSIT).value,
            },
        )
        short = list(
            rows.filter(claim__arrangement_line__remitted_cents__lt=F("amount_cents")).values_list(
                "claim_id", "amount_cents", "end_to_end_id"
            )
        )
        cursor.execute(_LESS_REMITTED, what)
    for claim_id, amount, end_to_end_id in short:
        _after_storno(batch, claim_id, amount, end_to_end_id)
    rows.update(returned_on=on, return_reason=reason[:4], returned_after_booking=after_booking)
    return total


def _after_storno(batch: PayoutBatch, claim_id: int, amount: int, end_to_end_id: str) -> None:
    """The receipt behind this transfer was taken back meanwhile: what came back pays what the creditor owes us for that."""
    line = ArrangementLine.objects.select_for_update(of=("self",)).get(claim_id=claim_id)
    line.remitted_cents -= amount
    set_off_for(batch.creditor_id, [line], key=f"payout:{batch.number}:returned:{end_to_end_id}")
    if line.remitted_cents < 0:
        raise CannotTakeBack(end_to_end_id)
    line.save(update_fields=["remitted_cents"])
