"""The batches of a run for a range of creditors, in a fixed number of statements however many claims there are."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from django.db import connection, transaction

from arrangements.domain import postings
from arrangements.domain.payouts import TRANSFERS_PER_FILE, Payout, SkipReason, Standing, decide_payout
from arrangements.models import ArrangementLine, MoneyRun, PayoutBatch, PayoutSkip
from arrangements.operations.divide_sql import FOR_A_CHUNK
from arrangements.operations.set_off import set_off_balances, set_off_for
from arrangements.queries.remittance import FINISHED
from creditors.models import Creditor
from infra import audit, clock

LINES_PER_ENTRY: Final = 10_000
"""A large batch is booked in several entries: the number of a posting within its entry is small."""

_READY: Final = f"SELECT ledger_month(%s), {FOR_A_CHUNK}"
_DROP: Final = "DROP TABLE IF EXISTS pg_temp.run_payable"

# Locked in the order of their number, as everybody does who locks more than one: a line that gets money meanwhile is of the
# next run. In a table of this transaction; Python keeps no list of lines.
_LOCK_LINES: Final = """
CREATE TEMPORARY TABLE run_payable ON COMMIT DROP AS
SELECT l.id, l.creditor_id, l.claim_id, l.arrangement_id, l.paid_cents - l.remitted_cents AS waiting
FROM arrangements_arrangementline l
WHERE l.creditor_id = ANY(%(creditors)s) AND l.paid_cents > l.remitted_cents
  AND (NOT %(only_finished)s OR EXISTS (
      SELECT 1 FROM arrangements_arrangement a WHERE a.id = l.arrangement_id AND a.state = ANY(%(finished)s)))
ORDER BY l.id FOR NO KEY UPDATE OF l
"""

_ANALYZE: Final = "ANALYZE run_payable (id, creditor_id, claim_id, arrangement_id)"

_WAITING: Final = (
    "SELECT creditor_id, sum(waiting)::bigint, count(*) FROM run_payable GROUP BY creditor_id ORDER BY creditor_id"
)

# Runs after the set-off, which has raised `remitted_cents` for its part already.
_LINES: Final = """
INSERT INTO arrangements_payoutline (batch_id, creditor_id, claim_id, arrangement_id, amount_cents, set_off_cents, reference,
    end_to_end_id, returned_after_booking, return_reason)
SELECT b.id, n.creditor_id, n.claim_id, n.arrangement_id, n.waiting - coalesce(o.cents, 0), coalesce(o.cents, 0),
    left(coalesce(nullif(c.reference, ''), nullif(c.customer_number, ''), a.payment_reference), 60),
    %(prefix)s || b.id || 'C' || n.claim_id, false, ''
FROM run_payable n
JOIN unnest(%(batches)s::bigint[], %(creditors)s::bigint[]) AS b (id, creditor_id) ON b.creditor_id = n.creditor_id
JOIN arrangements_claim c ON c.id = n.claim_id
JOIN arrangements_arrangement a ON a.id = n.arrangement_id
LEFT JOIN unnest(%(off_claims)s::bigint[], %(off_cents)s::bigint[]) AS o (claim_id, cents) ON o.claim_id = n.claim_id
ORDER BY b.id, n.claim_id
"""

_REMITTED: Final = """
UPDATE arrangements_arrangementline l SET remitted_cents = l.remitted_cents + p.amount_cents
FROM arrangements_payoutline p JOIN run_payable n ON n.claim_id = p.claim_id
WHERE p.batch_id = ANY(%(batches)s) AND p.amount_cents > 0 AND l.id = n.id
"""

# `postings.remittance_submitted`, for all batches at once.
_POSTINGS: Final = """
WITH parts AS MATERIALIZED (
    SELECT p.batch_id, p.arrangement_id, p.claim_id, p.creditor_id, p.amount_cents,
        (row_number() OVER w - 1) / %(size)s AS part, (row_number() OVER w - 1) %% %(size)s + 1 AS line
    FROM arrangements_payoutline p
    WHERE p.batch_id = ANY(%(batches)s) AND p.amount_cents > 0
    WINDOW w AS (PARTITION BY p.batch_id ORDER BY p.id)
), numbered AS MATERIALIZED (
    SELECT nextval('arrangements_ledger_number') AS id, batch_id, part, total, line
    FROM (SELECT batch_id, part, sum(amount_cents) AS total, max(line) + 1 AS line FROM parts
        GROUP BY batch_id, part ORDER BY batch_id, part) sums
), entries AS (
    INSERT INTO arrangements_ledgerentry (id, ledger, kind, key, booked_on, created_at)
    SELECT n.id, 'cash', %(kind)s, 'cash:payout:' || b.number || ':' || n.part, %(today)s, now()
    FROM numbered n JOIN arrangements_payoutbatch b ON b.id = n.batch_id
)
INSERT INTO arrangements_ledgerposting
    (entry_id, debit_cents, credit_cents, arrangement_id, claim_id, creditor_id, booked_on, account, line)
SELECT n.id, p.amount_cents, 0, p.arrangement_id, p.claim_id, p.creditor_id, %(today)s, %(payable)s, p.line
FROM parts p JOIN numbered n ON n.batch_id = p.batch_id AND n.part = p.part
UNION ALL
SELECT id, 0, total, NULL, NULL, NULL, %(today)s, %(transit)s, line FROM numbered
"""


@transaction.atomic
def build_payouts(*, run: MoneyRun, creditor_ids: Sequence[int], only_finished: bool = False) -> None:
    """One batch per creditor with money waiting, its lines, its postings (2100 to 1200), and why others are left out.

    A built batch is reserved: its money is not payable any more, and comes back when the run is withdrawn or the bank says
    no. `only_finished`: only money of arrangements that have ended. The minimum amount of a creditor counts in the monthly
    run alone. A creditor that was done before in this run is left as it is, so repeating a chunk changes nothing; two runs
    at once wait for each other per creditor. Amounts in cents. Worker only. Rules: payments.md 3.1, 5.4; `domain/payouts`.
    """
    build_in_transaction(run=run, creditor_ids=creditor_ids, only_finished=only_finished)


def build_in_transaction(*, run: MoneyRun, creditor_ids: Sequence[int], only_finished: bool = False) -> None:
    """`build_payouts` in a transaction of the caller, who gives all of it up when this fails."""
    creditors = {
        one.pk: one
        # The row stands for all money of the creditor: two runs, or a change of the account number, come one by one.
        for one in Creditor.objects.select_for_update(no_key=True).filter(pk__in=list(creditor_ids)).order_by("pk")
    }
    for done in _done_before(run, creditors):
        del creditors[done]
    if not creditors:
        return
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute(_READY, [today])
        cursor.execute(_DROP)  # of an earlier call in the same transaction
    rows = _lock_lines(list(creditors), only_finished=only_finished)
    if not rows:
        return
    waiting = {creditor_id: total for creditor_id, total, _count in rows}
    counts = {creditor_id: count for creditor_id, _total, count in rows}
    decided = _decide(run, [creditors[pk] for pk in waiting], waiting)
    PayoutSkip.objects.bulk_create(
        PayoutSkip(run=run, creditor_id=pk, amount_cents=waiting[pk], reason=payout.skip.value)
        for pk, payout in decided.items()
        if payout.skip is not None
    )
    batches = PayoutBatch.objects.bulk_create(
        _batch(run, creditors[pk], payout, counts[pk]) for pk, payout in decided.items() if payout.pay or payout.set_off
    )
    if not batches:
        return
    numbers = [batch.pk for batch in batches]
    with connection.cursor() as cursor:
        off = _set_off(batches)
        cursor.execute(
            _LINES,
            {
                "batches": numbers,
                "creditors": [batch.creditor_id for batch in batches],
                "prefix": f"EP{run.run_date:%y%m%d}B",
                "off_claims": list(off),
                "off_cents": list(off.values()),
            },
        )
        cursor.execute(_REMITTED, {"batches": numbers})
        cursor.execute(
            _POSTINGS,
            {
                "batches": numbers,
                "size": LINES_PER_ENTRY,
                "kind": postings.EntryKind.REMITTANCE_SUBMITTED.value,
                "today": today,
                "payable": postings.Account.PAYABLE_TO_CREDITOR.value,
                "transit": postings.Account.IN_TRANSIT.value,
            },
        )
    # One line for all of them: a line per creditor would ask the clock once per creditor.
    audit.record(
        "payouts_built",
        object_type="money_run",
        object_id=run.pk,
        details={
            "batches": len(batches),
            "total_cents": sum(batch.total_cents for batch in batches),
            "set_off_cents": sum(batch.set_off_cents for batch in batches),
            "creditors": [min(waiting), max(waiting)],
        },
    )


def _done_before(run: MoneyRun, creditors: dict[int, Creditor]) -> set[int]:
    batches = PayoutBatch.objects.filter(run=run, creditor_id__in=list(creditors)).order_by().values_list("creditor_id")
    skips = PayoutSkip.objects.filter(run=run, creditor_id__in=list(creditors)).order_by().values_list("creditor_id")
    return {row[0] for row in batches.union(skips)}


def _lock_lines(creditor_ids: list[int], *, only_finished: bool) -> list[tuple[int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _LOCK_LINES,
            {
                "creditors": creditor_ids,
                "only_finished": only_finished,
                "finished": [state.value for state in FINISHED],
            },
        )
        cursor.execute(_ANALYZE)
        cursor.execute(_WAITING)
        return [(int(row[0]), int(row[1]), int(row[2])) for row in cursor.fetchall()]


def _decide(run: MoneyRun, creditors: Sequence[Creditor], waiting: dict[int, int]) -> dict[int, Payout]:
    monthly = run.kind == MoneyRun.Kind.MONTHLY
    skips = skips_in_a_row(run, [one.pk for one in creditors]) if monthly else {}
    owes = set_off_balances([one.pk for one in creditors if one.set_off_agreed])
    return {
        one.pk: decide_payout(
            Standing(
                waiting=waiting[one.pk],
                owes_us=owes.get(one.pk, 0),
                minimum=one.payout_minimum_cents,
                skips_in_a_row=skips.get(one.pk, 0),
                has_iban=bool(one.iban),
                is_blocked=one.iban_blocked_on is not None,
            ),
            minimum_counts=monthly,
        )
        for one in creditors
    }


def skips_in_a_row(run: MoneyRun, creditor_ids: Sequence[int]) -> dict[int, int]:
    """Per creditor: in how many of the monthly runs just before `run`, two at most, it had money waiting and got nothing.

    A batch that was withdrawn, or that the bank refused, is nothing got.
    """
    before = list(
        MoneyRun.objects.filter(kind=MoneyRun.Kind.MONTHLY, pk__lt=run.pk)
        .order_by("-pk")
        .values_list("pk", flat=True)[:2]
    )
    counts: Counter[int] = Counter()
    if not before:
        return counts
    left_out: dict[int, set[int]] = defaultdict(set)
    skips = PayoutSkip.objects.filter(run_id__in=before, creditor_id__in=creditor_ids)
    skips = skips.exclude(reason=SkipReason.SET_OFF.value)
    failed = PayoutBatch.objects.filter(
        run_id__in=before,
        creditor_id__in=creditor_ids,
        state__in=[PayoutBatch.State.WITHDRAWN, PayoutBatch.State.REJECTED],
    )
    left = failed.order_by().values_list("creditor_id", "run_id")
    for creditor_id, run_id in skips.order_by().values_list("creditor_id", "run_id").union(left):
        left_out[creditor_id].add(run_id or 0)
    for creditor_id, runs in left_out.items():
        for run_id in before:
            if run_id not in runs:
                break
            counts[creditor_id] += 1
    return counts


def _batch(run: MoneyRun, creditor: Creditor, payout: Payout, count: int) -> PayoutBatch:
    return PayoutBatch(
        run=run,
        creditor=creditor,
        run_date=run.run_date,
        number=f"EP{run.run_date:%Y%m%d}R{run.pk}-{creditor.pk}",
        total_cents=payout.pay,
        set_off_cents=payout.set_off,
        # A batch is never cut in two, so a creditor with more claims than a file holds gets one transfer.
        together=creditor.payout_way == Creditor.PayoutWay.TOGETHER or count > TRANSFERS_PER_FILE,
        line_count=count,
        iban=creditor.iban,
        account_name=creditor.name,
        state=PayoutBatch.State.BUILT,
    )


def _set_off(batches: Sequence[PayoutBatch]) -> dict[int, int]:
    """Set off where something is owed to us: cents per claim. A few creditors at most, so one by one."""
    found: dict[int, int] = {}
    for batch in batches:
        if batch.set_off_cents:
            rows = list(
                ArrangementLine.objects.raw(
                    "SELECT l.* FROM arrangements_arrangementline l JOIN run_payable n ON n.id = l.id "
                    "WHERE n.creditor_id = %s ORDER BY l.claim_id",
                    [batch.creditor_id],
                )
            )
            mine = set_off_for(batch.creditor_id, rows, key=f"payout:{batch.number}")
            if sum(mine.values()) != batch.set_off_cents:
                raise ValueError(f"{batch.number}: set off {sum(mine.values())} cents, not {batch.set_off_cents}")
            found |= mine
    return found
