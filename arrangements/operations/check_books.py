"""Does everything add up? One finding per thing that does not. Reads all parties' rows, so worker only."""

from dataclasses import dataclass
from hashlib import sha256
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
from django.db import connection, transaction

from arrangements.models import PayoutFile
from arrangements.payments.pain001 import NAMESPACE, euros


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not add up. `check` names the rule, `text` the rows and cents. No names of people."""

    check: str
    text: str


# Each query gives the rows that are wrong; an empty answer is what we want. Accounts: payments.md 5.3.
_CHECKS: dict[str, str] = {
    "every entry balances": """
        SELECT e.id, count(p.entry_id), coalesce(sum(p.debit_cents - p.credit_cents), 0)
        FROM arrangements_ledgerentry e LEFT JOIN arrangements_ledgerposting p ON p.entry_id = e.id
        GROUP BY e.id HAVING count(p.entry_id) < 2 OR coalesce(sum(p.debit_cents - p.credit_cents), 0) <> 0""",
    "the trial balance is zero": """
        SELECT e.ledger, sum(p.debit_cents - p.credit_cents)
        FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id
        GROUP BY e.ledger HAVING sum(p.debit_cents - p.credit_cents) <> 0""",
    "what is payable is what the lines say": """
        SELECT l.id, l.paid_cents - l.remitted_cents, b.payable
        FROM arrangements_arrangementline l LEFT JOIN (
            SELECT p.claim_id, sum(p.credit_cents - p.debit_cents) AS payable
            FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id AND e.ledger = 'cash'
            WHERE p.account = 2100 GROUP BY p.claim_id) b ON b.claim_id = l.claim_id
        WHERE l.paid_cents - l.remitted_cents <> coalesce(b.payable, 0)""",
    "nothing payable is negative": """
        SELECT p.creditor_id, p.claim_id, sum(p.credit_cents - p.debit_cents)
        FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id
        WHERE e.ledger = 'cash' AND p.account = 2100
        GROUP BY p.creditor_id, p.claim_id HAVING sum(p.credit_cents - p.debit_cents) < 0""",
    "money of citizens is never overdrawn": """
        SELECT p.arrangement_id, p.account, sum(p.credit_cents - p.debit_cents)
        FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id
        WHERE e.ledger = 'cash' AND p.account IN (2000, 2200, 2300)
        GROUP BY p.arrangement_id, p.account HAVING sum(p.credit_cents - p.debit_cents) < 0""",
    "what came in was divided or set aside, or waits for it": """
        SELECT coalesce(b.arrangement_id, w.arrangement_id), b.balance, w.waiting
        FROM (SELECT p.arrangement_id, sum(p.credit_cents - p.debit_cents) AS balance
              FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id
              WHERE e.ledger = 'cash' AND p.account = 2000 GROUP BY 1) b
        FULL JOIN (SELECT arrangement_id, sum(amount_cents) AS waiting FROM arrangements_receipt
                   WHERE divided_on IS NULL GROUP BY 1) w ON w.arrangement_id = b.arrangement_id
        WHERE coalesce(b.balance, 0) <> coalesce(w.waiting, 0)""",
    "what a citizen has to get back is what was kept": """
        SELECT a.id, coalesce(b.balance, 0), coalesce(r.extra, 0), coalesce(l.returned, 0), coalesce(f.paid, 0)
        FROM arrangements_arrangement a
        LEFT JOIN (SELECT p.arrangement_id, sum(p.credit_cents - p.debit_cents) AS balance
                   FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id
                   WHERE e.ledger = 'cash' AND p.account = 2200 GROUP BY 1) b ON b.arrangement_id = a.id
        LEFT JOIN (SELECT arrangement_id, sum(extra_cents) AS extra FROM arrangements_receipt GROUP BY 1) r
            ON r.arrangement_id = a.id
        LEFT JOIN (SELECT arrangement_id, sum(returned_cents) AS returned FROM arrangements_arrangementline GROUP BY 1) l
            ON l.arrangement_id = a.id
        LEFT JOIN (SELECT arrangement_id, sum(amount_cents) AS paid FROM arrangements_refund WHERE state = 'paid' GROUP BY 1) f
            ON f.arrangement_id = a.id
        WHERE coalesce(b.balance, 0) <> coalesce(r.extra, 0) + coalesce(l.returned, 0) - coalesce(f.paid, 0)""",
    "what citizens owe us is what their stornos leave open": """
        SELECT coalesce(s.arrangement_id, p.arrangement_id), s.open, p.balance, s.claimed, p.claimed, s.lost, p.lost
        FROM (SELECT arrangement_id, sum(open_cents) AS open, sum(claimed_cents) AS claimed, sum(written_off_cents) AS lost
              FROM arrangements_storno GROUP BY 1) s
        FULL JOIN (
            SELECT p.arrangement_id, sum(p.debit_cents - p.credit_cents) AS balance,
                sum(CASE WHEN e.kind = 'storno_claimed' THEN p.debit_cents ELSE 0 END) AS claimed,
                sum(CASE WHEN e.kind IN ('written_off', 'reversal') THEN p.credit_cents - p.debit_cents ELSE 0 END) AS lost
            FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id AND e.ledger = 'cash'
            WHERE p.account = 1300 GROUP BY 1) p ON p.arrangement_id = s.arrangement_id
        WHERE coalesce(s.open, 0) <> coalesce(p.balance, 0) OR coalesce(s.claimed, 0) <> coalesce(p.claimed, 0)
           OR coalesce(s.lost, 0) <> coalesce(p.lost, 0)""",
    "what creditors owe us is what their stornos leave open": """
        SELECT coalesce(s.creditor_id, p.creditor_id), s.open, p.balance, s.amount, p.amount
        FROM (SELECT creditor_id, sum(open_cents) AS open, sum(amount_cents) AS amount FROM arrangements_stornopart GROUP BY 1) s
        FULL JOIN (
            SELECT p.creditor_id, sum(p.debit_cents - p.credit_cents) AS balance, sum(p.debit_cents) AS amount
            FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id AND e.ledger = 'cash'
            WHERE p.account = 1310 GROUP BY 1) p ON p.creditor_id = s.creditor_id
        WHERE coalesce(s.open, 0) <> coalesce(p.balance, 0) OR coalesce(s.amount, 0) <> coalesce(p.amount, 0)""",
    "stornos are what the provider's balance gave back": """
        SELECT coalesce(s.arrangement_id, p.arrangement_id), s.amount, p.amount, s.won, p.won
        FROM (SELECT arrangement_id, sum(amount_cents) AS amount,
                  sum(CASE WHEN won_on IS NULL THEN 0 ELSE amount_cents END) AS won
              FROM arrangements_storno GROUP BY 1) s
        FULL JOIN (
            SELECT p.arrangement_id, sum(CASE WHEN e.kind = 'storno' THEN p.debit_cents ELSE 0 END) AS amount,
                sum(CASE WHEN e.kind = 'storno_won' THEN p.credit_cents ELSE 0 END) AS won
            FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id AND e.ledger = 'cash'
            WHERE p.account = 2000 AND e.kind IN ('storno', 'storno_won') GROUP BY 1) p ON p.arrangement_id = s.arrangement_id
        WHERE coalesce(s.amount, 0) <> coalesce(p.amount, 0) OR coalesce(s.won, 0) <> coalesce(p.won, 0)""",
    "every storno left its receipt": """
        SELECT r.id, r.reversed_cents, s.taken
        FROM arrangements_receipt r
        LEFT JOIN (SELECT receipt_id, sum(amount_cents - claimed_cents) AS taken FROM arrangements_storno GROUP BY 1) s
            ON s.receipt_id = r.id
        WHERE r.reversed_cents <> coalesce(s.taken, 0)""",
    "fees are what the payments cost": """
        SELECT b.fees, f.fees FROM
            (SELECT coalesce(sum(p.debit_cents - p.credit_cents), 0) AS fees
             FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id AND e.ledger = 'cash'
             WHERE p.account = 5000) b,
            (SELECT coalesce(sum(fee_cents), 0) AS fees FROM arrangements_payment) f
        WHERE b.fees <> f.fees""",
    "our costs and income never touch the money of others": """
        SELECT e.id, e.kind FROM arrangements_ledgerentry e
        WHERE e.ledger = 'cash'
          AND EXISTS (SELECT FROM arrangements_ledgerposting p WHERE p.entry_id = e.id AND p.account IN (1010, 4000, 5000, 5100))
          AND EXISTS (SELECT FROM arrangements_ledgerposting p WHERE p.entry_id = e.id AND p.account BETWEEN 2000 AND 2999)""",
    "refunds are what the cash ledger gave back": """
        SELECT coalesce(r.arrangement_id, p.arrangement_id), r.amount, p.amount
        FROM (SELECT coalesce(arrangement_id, 0) AS arrangement_id, sum(amount_cents) AS amount FROM arrangements_refund
              WHERE state = 'paid' GROUP BY 1) r
        FULL JOIN (
            SELECT coalesce(p.arrangement_id, 0) AS arrangement_id, sum(p.debit_cents - p.credit_cents) AS amount
            FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id AND e.ledger = 'cash'
            WHERE p.account IN (2200, 2900) AND (e.kind IN ('refund', 'refund_failed', 'sent_back')
                  OR (e.kind = 'reversal' AND e.key LIKE 'cash:refund:%'))
            GROUP BY 1) p ON p.arrangement_id = r.arrangement_id
        WHERE coalesce(r.amount, 0) <> coalesce(p.amount, 0)""",
    "money of nobody is never overdrawn": """
        SELECT sum(p.credit_cents - p.debit_cents)
        FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id
        WHERE e.ledger = 'cash' AND p.account = 2900 HAVING sum(p.credit_cents - p.debit_cents) < 0""",
    "the lines are what the ledgers say": """
        SELECT l.id, l.paid_cents, l.parked_cents, b.paid, b.distributed, b.parked
        FROM arrangements_arrangementline l LEFT JOIN (
            SELECT p.claim_id,
                sum(CASE WHEN e.ledger = 'owed' AND p.account = 200 THEN p.debit_cents - p.credit_cents ELSE 0 END) AS paid,
                sum(CASE WHEN e.ledger = 'cash' AND p.account = 2100 AND e.kind IN ('distribution', 'released', 'mirrored')
                         OR e.ledger = 'cash' AND p.account = 1310 AND e.kind = 'storno_claimed'
                    THEN p.credit_cents - p.debit_cents ELSE 0 END) AS distributed,
                sum(CASE WHEN e.ledger = 'cash' AND p.account = 2300 THEN p.credit_cents - p.debit_cents ELSE 0 END) AS parked
            FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id
            GROUP BY p.claim_id) b ON b.claim_id = l.claim_id
        WHERE l.paid_cents <> coalesce(b.paid, 0) OR l.paid_cents <> coalesce(b.distributed, 0)
           OR l.parked_cents <> coalesce(b.parked, 0)""",
    "every claim is open, paid and waived to the cent": """
        SELECT l.id, l.outstanding_cents, l.returned_cents, b.open, b.paid, b.waived
        FROM arrangements_arrangementline l JOIN arrangements_arrangement a ON a.id = l.arrangement_id
        LEFT JOIN (
            SELECT p.claim_id,
                sum(CASE WHEN p.account = 100 THEN p.debit_cents - p.credit_cents ELSE 0 END) AS open,
                sum(CASE WHEN p.account = 200 THEN p.debit_cents - p.credit_cents ELSE 0 END) AS paid,
                sum(CASE WHEN p.account = 300 THEN p.debit_cents - p.credit_cents ELSE 0 END) AS waived
            FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id AND e.ledger = 'owed'
            GROUP BY p.claim_id) b ON b.claim_id = l.claim_id
        WHERE a.state <> 'signed'
          AND (b.open IS NULL OR b.open < 0
               OR b.open + b.paid + b.waived + l.returned_cents <> l.outstanding_cents)""",
    "after the waiver only what law forbids is open": """
        SELECT l.id, b.open, l.remains_cents
        FROM arrangements_arrangementline l JOIN arrangements_arrangement a ON a.id = l.arrangement_id
        LEFT JOIN (
            SELECT p.claim_id, sum(p.debit_cents - p.credit_cents) AS open
            FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id AND e.ledger = 'owed'
            WHERE p.account = 100 GROUP BY p.claim_id) b ON b.claim_id = l.claim_id
        WHERE a.state = 'waived'
          AND coalesce(b.open, -1) <> l.parked_cents + CASE WHEN l.dischargeable THEN 0 ELSE l.remains_cents END""",
    "the shares together are the pot": """
        SELECT a.id, a.pot_cents, sum(l.share_cents)
        FROM arrangements_arrangement a JOIN arrangements_arrangementline l ON l.arrangement_id = a.id
        GROUP BY a.id HAVING sum(l.share_cents) <> a.pot_cents""",
    "the plan is what its newest version says": """
        SELECT l.id, a.version, l.share_cents, v.share_cents
        FROM arrangements_arrangementline l JOIN arrangements_arrangement a ON a.id = l.arrangement_id
        LEFT JOIN (
            SELECT n.arrangement_id, n.number, m.claim_id, m.share_cents, m.outstanding_cents
            FROM arrangements_planversion n JOIN arrangements_planversionline m ON m.version_id = n.id) v
            ON v.arrangement_id = a.id AND v.number = a.version AND v.claim_id = l.claim_id
        WHERE a.state <> 'signed' AND (v.share_cents IS NULL OR v.share_cents <> l.share_cents
           OR v.outstanding_cents <> l.outstanding_cents)""",
    "arrangement, lines and instalments agree": """
        SELECT a.id, a.received_cents, l.paid, i.paid, i.asked, a.pot_cents
        FROM arrangements_arrangement a
        JOIN (SELECT arrangement_id, sum(paid_cents + parked_cents + returned_cents) AS paid
              FROM arrangements_arrangementline GROUP BY 1) l
            ON l.arrangement_id = a.id
        JOIN (SELECT arrangement_id, sum(paid_cents) AS paid,
                  sum(CASE WHEN state = 'moved' THEN paid_cents ELSE amount_cents END) AS asked
              FROM arrangements_installment GROUP BY 1) i ON i.arrangement_id = a.id
        WHERE a.received_cents <> l.paid OR a.received_cents <> i.paid OR i.asked <> a.pot_cents""",
    "receipts are what the cash ledger received": """
        SELECT a.id, a.received_cents, coalesce(r.amount, 0), coalesce(r.divided, 0), coalesce(p.received, 0)
        FROM arrangements_arrangement a
        LEFT JOIN (SELECT arrangement_id, sum(amount_cents) AS amount, sum(divided_cents) AS divided,
                       sum(extra_cents) AS extra, sum(repaid_cents) AS repaid FROM arrangements_receipt GROUP BY 1) r
            ON r.arrangement_id = a.id
        LEFT JOIN (
            SELECT p.arrangement_id,
                sum(CASE WHEN p.account = 2000 AND e.kind IN ('receipt_provider', 'receipt_transfer', 'matched', 'storno_won')
                    THEN p.credit_cents ELSE 0 END) AS received,
                sum(CASE WHEN p.account = 2000 AND e.kind = 'distribution' THEN p.debit_cents
                         WHEN p.account = 2000 AND e.kind IN ('unparked', 'mirrored') THEN -p.credit_cents
                         WHEN p.account = 1310 AND e.kind = 'storno_claimed' THEN -p.debit_cents ELSE 0 END) AS divided,
                sum(CASE WHEN p.account = 2200 AND e.kind = 'overpayment' THEN p.credit_cents
                         WHEN p.account = 2000 AND e.kind = 'reversal' THEN -p.credit_cents ELSE 0 END) AS extra,
                sum(CASE WHEN p.account = 2000 AND e.kind = 'storno_repaid' THEN p.debit_cents ELSE 0 END) AS repaid
            FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id AND e.ledger = 'cash'
            GROUP BY 1) p ON p.arrangement_id = a.id
        WHERE coalesce(r.amount, 0) <> coalesce(p.received, 0) OR coalesce(r.divided, 0) <> coalesce(p.divided, 0)
           OR coalesce(r.extra, 0) <> coalesce(p.extra, 0) OR coalesce(r.repaid, 0) <> coalesce(p.repaid, 0)
           OR coalesce(r.divided, 0) <> a.received_cents""",
    "payouts are what the cash ledger paid": """
        SELECT coalesce(l.claim_id, p.claim_id), l.amount, l.back, p.amount, p.back
        FROM (SELECT claim_id, sum(amount_cents) AS amount,
                  sum(CASE WHEN returned_on IS NOT NULL THEN amount_cents ELSE 0 END) AS back
              FROM arrangements_payoutline GROUP BY 1) l
        FULL JOIN (
            SELECT p.claim_id,
                sum(CASE WHEN e.kind = 'remittance_submitted' THEN p.debit_cents ELSE 0 END) AS amount,
                sum(CASE WHEN e.kind <> 'remittance_submitted' THEN p.credit_cents ELSE 0 END) AS back
            FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id AND e.ledger = 'cash'
            WHERE p.account = 2100
              AND e.kind IN ('remittance_submitted', 'remittance_rejected', 'remittance_returned') GROUP BY 1) p
            ON p.claim_id = l.claim_id
        WHERE coalesce(l.amount, 0) <> coalesce(p.amount, 0) OR coalesce(l.back, 0) <> coalesce(p.back, 0)""",
    "a payout is what its lines say": """
        SELECT b.number, b.state, b.total_cents, l.amount, l.rejected, b.set_off_cents, l.set_off
        FROM arrangements_payoutbatch b LEFT JOIN (
            SELECT batch_id, count(*) AS lines, sum(amount_cents) AS amount, sum(set_off_cents) AS set_off,
                sum(CASE WHEN returned_on IS NOT NULL AND NOT returned_after_booking THEN amount_cents ELSE 0 END) AS rejected
            FROM arrangements_payoutline GROUP BY 1) l ON l.batch_id = b.id
        WHERE b.line_count <> coalesce(l.lines, 0) OR b.set_off_cents <> coalesce(l.set_off, 0)
           OR CASE WHEN b.state IN ('rejected', 'withdrawn') THEN coalesce(l.amount, 0) <> coalesce(l.rejected, 0)
                   ELSE b.total_cents <> coalesce(l.amount, 0) - coalesce(l.rejected, 0) END""",
    "a run is what its files and its lines say": """
        SELECT r.id, r.total_cents, f.total, l.total
        FROM arrangements_moneyrun r
        LEFT JOIN (SELECT run_id, sum(total_cents) AS total FROM arrangements_payoutfile GROUP BY 1) f ON f.run_id = r.id
        LEFT JOIN (SELECT b.run_id, sum(p.amount_cents) AS total FROM arrangements_payoutline p
                   JOIN arrangements_payoutbatch b ON b.id = p.batch_id GROUP BY 1) l ON l.run_id = r.id
        WHERE r.state <> 'running' AND (r.total_cents <> coalesce(f.total, 0) OR r.total_cents <> coalesce(l.total, 0))""",
    "what is in transit is what was built and not booked": """
        SELECT t.balance, b.total FROM
            (SELECT coalesce(sum(p.credit_cents - p.debit_cents), 0) AS balance
             FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id AND e.ledger = 'cash'
             WHERE p.account = 1200) t,
            (SELECT coalesce(sum(total_cents), 0) AS total FROM arrangements_payoutbatch
             WHERE state IN ('built', 'submitted')) b
        WHERE t.balance <> b.total""",
}


@transaction.atomic
def check_books() -> list[Finding]:
    """Everything that does not add up, in a fixed order; an empty list when all is well. Changes nothing."""
    findings = []
    for name, query in _CHECKS.items():
        with connection.cursor() as cursor:
            cursor.execute(query)
            findings += [Finding(name, ", ".join(str(value) for value in row)) for row in cursor.fetchall()]
    for file in PayoutFile.objects.filter(batches__isnull=False).distinct().order_by("pk").iterator(chunk_size=1):
        findings += _check_file(file)
    return findings


def _check_file(file: PayoutFile) -> list[Finding]:
    """The file as it was kept: its hash, its control sums and counts, and the transfers in it, batch by batch."""
    name = "the payout file is what its lines say"
    content = file.content
    if sha256(content).hexdigest() != file.sha256:
        return [Finding(name, f"{file.message_id}: the bytes changed")]
    root = fromstring(content, forbid_dtd=True)
    spaces = {"p": NAMESPACE}
    header = root.find(".//p:GrpHdr", spaces)
    found: dict[tuple[str, ...] | None, list[tuple[str, str]] | None] = {
        None if header is None else _control(header): None
    }
    for batch in root.iterfind(".//p:PmtInf", spaces):
        transfers = sorted(
            (one.findtext("p:PmtId/p:EndToEndId", "", spaces), one.findtext("p:Amt/p:InstdAmt", "", spaces))
            for one in batch.iterfind("p:CdtTrfTxInf", spaces)
        )
        found[(batch.findtext("p:PmtInfId", "", spaces), *_control(batch))] = transfers
    wanted: dict[tuple[str, ...] | None, list[tuple[str, str]] | None] = {
        (str(file.line_count), euros(file.total_cents)): None
    }
    count = total = 0
    for row in file.batches.prefetch_related("lines"):
        lines = sorted((one.end_to_end_id, one.amount_cents) for one in row.lines.all() if one.amount_cents)
        cents = sum(amount for _id, amount in lines)
        if row.together:
            lines = [(row.number, cents)]
        wanted[(row.number, str(len(lines)), euros(cents))] = [(one, euros(amount)) for one, amount in lines]
        count, total = count + len(lines), total + cents
    if found == wanted and (count, total) == (file.line_count, file.total_cents):
        return []
    return [
        Finding(
            name, f"{file.message_id}: {file.line_count} transfers of {euros(file.total_cents)}, lines {euros(total)}"
        )
    ]


def _control(part: Element) -> tuple[str, str]:
    spaces = {"p": NAMESPACE}
    return part.findtext("p:NbOfTxs", "", spaces), part.findtext("p:CtrlSum", "", spaces)
