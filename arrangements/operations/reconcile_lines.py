"""The lines of the daily check that need rows beside the ledgers. Every query is one pass over sets; worker only.

Totals and balances are those of the end of `day`, inclusive. Rows that carry no date of their own (what a line of a plan
says, a payout, an open storno) are compared with the ledgers of this same moment.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import connection

from arrangements.domain.policy_values import policy_on
from arrangements.domain.reconciliation import Check, Line, euro, some
from arrangements.operations.check_books import check_books
from infra import clock
from kernel.working_days import is_working_day

RECENT_DAYS = 62
"""Settlements this recent are compared line by line; older ones were, every day since, and count in the totals."""

_COVERED = "the money covers what is owed to others"
_BELONGS_TO: Mapping[str, Line] = {
    "every entry balances": Line.TRIAL_BALANCE,
    "the trial balance is zero": Line.TRIAL_BALANCE,
    "what is payable is what the lines say": Line.REMITTANCE,
    "nothing payable is negative": Line.REMITTANCE,
    "payouts are what the cash ledger paid": Line.REMITTANCE,
    "what is in transit is what was handed in and not booked": Line.REMITTANCE,
    "the payout file is what its lines say": Line.REMITTANCE,
}


def rows(query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """What the database answers."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def working_days_before(day: date, count: int) -> date:
    """The day from which exactly `count` working days lead up to `day`."""
    found = day
    while count:
        if is_working_day(found):
            count -= 1
        found -= timedelta(days=1)
    return found


# --- 1: the provider -------------------------------------------------------------------------------------------------

_SETTLEMENT_SUMS = """
SELECT s.provider_id, s.net_cents, coalesce(sum(m.amount_cents), 0)::bigint
FROM arrangements_providersettlement s LEFT JOIN arrangements_providermove m ON m.settlement_id = s.id
GROUP BY s.id HAVING s.net_cents <> coalesce(sum(m.amount_cents), 0) ORDER BY s.id
"""
_SETTLED_PAYMENTS = """
SELECT m.provider_id, m.amount_cents, coalesce(p.received, 0)::bigint
FROM arrangements_providermove m JOIN arrangements_providersettlement s ON s.id = m.settlement_id
LEFT JOIN arrangements_receipt r ON r.payment_id = m.payment_id
LEFT JOIN arrangements_ledgerentry e ON e.key = 'cash:' || r.key
LEFT JOIN LATERAL (SELECT sum(debit_cents - credit_cents) AS received FROM arrangements_ledgerposting
    WHERE entry_id = e.id AND booked_on = e.booked_on AND account = 1100) p ON true
WHERE m.kind = 'payment' AND s.paid_out_on >= %(since)s AND m.amount_cents <> coalesce(p.received, 0)
ORDER BY m.id
"""
_SETTLED_TWICE = """
SELECT m.payment_id, count(*) FROM arrangements_providermove m
WHERE m.kind = 'payment' AND m.payment_id IS NOT NULL
GROUP BY 1 HAVING count(*) > 1 ORDER BY 1
"""
_MOVED = """
SELECT m.kind, sum(m.amount_cents)::bigint, count(*) FROM arrangements_providermove m GROUP BY 1
"""
_ON_1100 = """
SELECT e.kind, sum(p.debit_cents - p.credit_cents)::bigint
FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id
WHERE p.account = 1100 GROUP BY 1
"""
_SETTLED = """
SELECT coalesce(sum(net_cents), 0)::bigint, count(*) FROM arrangements_providersettlement WHERE booked_on IS NOT NULL
"""
_SETTLED_WITHOUT_REPORT = """
SELECT coalesce(sum(r.amount_cents), 0)::bigint FROM arrangements_payment p
JOIN arrangements_receipt r ON r.payment_id = p.id WHERE p.state = 'settled' AND p.settlement_id IS NULL
"""
_REVERSED_WITHOUT_REPORT = _SETTLED_WITHOUT_REPORT.replace("'settled'", "'reversed'")
_FAILED_SETTLEMENTS = """
SELECT provider_id, net_cents FROM arrangements_providersettlement WHERE state = 'failed' ORDER BY id
"""
_KINDS = (
    ("payment", "receipt_provider", "betalingen"),
    ("fee", "provider_fee", "kosten"),
    ("storno", "storno", "storno's"),
    ("storno_fee", "storno_fee", "kosten van storno's"),
    ("storno_won", "storno_won", "teruggedraaide storno's"),
    ("refund", "refund", "terugbetalingen"),
)


def provider(day: date, totals: Mapping[int, int]) -> Check:
    """Line 1: what the provider says it paid out, line by line, against account 1100. Settlements as of now."""
    check = Check(Line.PROVIDER)
    check.amount("saldo op 1100", totals.get(1100, 0))
    for name, net, moved in rows(_SETTLEMENT_SUMS):
        check.equal(f"Uitbetaling {name}", net, "de som van haar regels", moved)
    wrong = [
        f"{name}: {euro(settled)} tegen {euro(received)}"
        for name, settled, received in rows(_SETTLED_PAYMENTS, since=day - timedelta(days=RECENT_DAYS))
    ]
    if wrong:
        check.faults.append(f"Regels van de betaaldienst die anders op 1100 staan: {some(wrong)}.")
    twice = [f"betaling {payment}" for payment, _count in rows(_SETTLED_TWICE)]
    if twice:
        check.faults.append(f"Meer dan een keer uitbetaald: {some(twice)}.")
    told = {kind: (cents, count) for kind, cents, count in rows(_MOVED)}
    booked = dict(rows(_ON_1100))
    check.count("regels van de betaaldienst", sum(count for _cents, count in told.values()))
    for kind, entry_kind, name in _KINDS:
        theirs, here = told.get(kind, (0, 0))[0], booked.get(entry_kind, 0)
        if abs(theirs) > abs(here):
            check.faults.append(f"De betaaldienst verrekende {euro(theirs)} aan {name}, op 1100 staat {euro(here)}.")
    paid_out, count = rows(_SETTLED)[0]
    check.count("uitbetalingen op de bank", count)
    check.amount("uitbetaald", paid_out)
    (unreported,) = rows(_SETTLED_WITHOUT_REPORT)[0]
    gone = -booked.get("settlement", 0)
    # Where no provider ever gave a report, a payment that was taken back may have been paid out before or not.
    (reversed_too,) = (0,) if count else rows(_REVERSED_WITHOUT_REPORT)[0]
    if not paid_out + unreported <= gone <= paid_out + unreported + reversed_too:
        check.equal("Wat van 1100 naar de bank ging", gone, "wat is uitbetaald", paid_out + unreported)
    for name, net in rows(_FAILED_SETTLEMENTS):
        check.faults.append(f"Uitbetaling {name} van {euro(net)} is mislukt. Het geld staat nog bij de betaaldienst.")
    return check


# --- 2: the bank -----------------------------------------------------------------------------------------------------

_STATEMENT_SUMS = """
SELECT s.identification, s.opening_cents + coalesce(sum(l.amount_cents), 0)::bigint, s.closing_cents
FROM arrangements_bankstatement s LEFT JOIN arrangements_bankline l ON l.statement_id = s.id
WHERE s.closed_on <= %(day)s GROUP BY s.id
HAVING s.opening_cents + coalesce(sum(l.amount_cents), 0) <> s.closing_cents ORDER BY s.id
"""
_STATEMENT_CHAIN = """
SELECT identification, before_identification, before_closing, opening_cents, before_number, number, gap_before FROM (
    SELECT s.*, lag(identification) OVER w AS before_identification, lag(closing_cents) OVER w AS before_closing,
        lag(number) OVER w AS before_number
    FROM arrangements_bankstatement s WHERE closed_on <= %(day)s
    WINDOW w AS (PARTITION BY iban ORDER BY closed_on, number NULLS FIRST, id)) s
WHERE gap_before OR (before_closing IS NOT NULL AND before_closing <> opening_cents)
ORDER BY closed_on
"""
_CLOSINGS = """
SELECT closed_on, identification, closing_cents FROM arrangements_bankstatement WHERE closed_on <= %(day)s
ORDER BY closed_on DESC, number DESC NULLS LAST, id DESC LIMIT 20
"""
# What the bank must have told by now: orders of ours and payouts of providers from before that day. As of now.
_NOT_TOLD = """
SELECT (SELECT count(*) FROM arrangements_payoutbatch b JOIN arrangements_moneyrun r ON r.id = b.run_id
        WHERE b.state = 'submitted' AND b.total_cents > 0 AND r.submitted_on < %(day)s)
    + (SELECT count(*) FROM arrangements_providersettlement WHERE state = 'on_its_way' AND paid_out_on < %(day)s)
"""


def bank(day: date, totals: Mapping[int, int]) -> Check:
    """Line 2: each statement adds up, none is missing, and the last one closes at what account 1000 says."""
    check = Check(Line.BANK)
    check.amount("saldo op 1000", totals.get(1000, 0))
    closings = rows(_CLOSINGS, day=day)
    if not closings:
        check.figures.append(("afschriften", "nog geen"))
        check.notes.append("Er is nog geen afschrift van de bank ingelezen: 1000 is nergens mee te vergelijken.")
        return check
    for name, sums, closing in rows(_STATEMENT_SUMS, day=day):
        check.equal(f"Afschrift {name}: begin en regels samen", sums, "het eindsaldo", closing)
    for name, before, closed_at, opened_at, *_numbers, gap in rows(_STATEMENT_CHAIN, day=day):
        if gap:
            check.faults.append(f"Er ontbreekt een afschrift voor {name}. Vraag de bank om het bestand.")
        elif closed_at != opened_at:
            check.equal(f"Afschrift {name}: het begin", opened_at, f"het eind van {before}", closed_at)
    policy = policy_on(day)
    last_day, name, closing = closings[0]
    check.figures.append(("laatste afschrift", f"{name} van {last_day:%d-%m-%Y}"))
    check.amount("eindsaldo", closing)
    oldest = working_days_before(day, policy.statement_working_days)
    if last_day < oldest:
        # On days without a movement many banks give none.
        old = f"Het laatste afschrift is van {last_day:%d-%m-%Y}. Lees de nieuwe afschriften in."
        (check.faults if rows(_NOT_TOLD, day=oldest)[0][0] else check.notes).append(old)
    # What the bank books today is told tomorrow: then the books stand at an earlier statement.
    told = [cents for on, _name, cents in closings if on >= min(oldest, last_day)]
    if totals.get(1000, 0) not in told:
        check.equal("Rekening 1000", totals.get(1000, 0), f"het eindsaldo van {name}", closing)
    return check


# --- 3: remittance ---------------------------------------------------------------------------------------------------

_FILES = """
SELECT f.message_id, f.total_cents, coalesce(b.lines, 0)::bigint FROM arrangements_payoutfile f JOIN (
    SELECT b.file_id, sum(l.amount) AS lines FROM arrangements_payoutbatch b LEFT JOIN (
        SELECT batch_id, sum(amount_cents) AS amount FROM arrangements_payoutline GROUP BY 1) l ON l.batch_id = b.id
    GROUP BY 1) b ON b.file_id = f.id
WHERE f.total_cents <> coalesce(b.lines, 0) ORDER BY f.id
"""
_LINES_TOTAL = "SELECT coalesce(sum(amount_cents), 0)::bigint, count(*) FROM arrangements_payoutline"
_IN_TRANSIT = """
SELECT coalesce(sum(l.amount_cents), 0)::bigint FROM arrangements_payoutline l
JOIN arrangements_payoutbatch b ON b.id = l.batch_id
WHERE b.state IN ('built', 'submitted') AND l.returned_on IS NULL
"""
_ON_1200 = """
SELECT e.kind, sum(p.credit_cents - p.debit_cents)::bigint
FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id
WHERE p.account = 1200 GROUP BY 1
"""
_AT_THE_BANK = """
SELECT l.meaning, sum(l.amount_cents)::bigint FROM arrangements_bankline l
WHERE l.meaning IN ('payout', 'payout_returned') AND l.placed_on IS NOT NULL GROUP BY 1
"""
# Every balance on 2100: what was paid on the claim, less what was transferred, plus what is to be set off.
_PER_CLAIM = """
WITH ledger AS (
    SELECT p.claim_id, min(p.arrangement_id) AS arrangement_id,
        sum(CASE WHEN p.account = 2100 THEN p.credit_cents - p.debit_cents ELSE 0 END) AS payable,
        sum(CASE WHEN p.account = 1310 THEN p.debit_cents - p.credit_cents ELSE 0 END) AS to_set_off,
        sum(CASE WHEN p.account = 200 THEN p.debit_cents - p.credit_cents ELSE 0 END) AS paid,
        sum(CASE WHEN p.account = 2100
                AND e.kind NOT IN ('remittance_submitted', 'remittance_rejected', 'remittance_returned', 'set_off')
            THEN p.credit_cents - p.debit_cents
            WHEN p.account = 1310 AND e.kind <> 'set_off' THEN p.credit_cents - p.debit_cents ELSE 0 END) AS distributed
    FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id
    WHERE p.account IN (200, 1310, 2100) GROUP BY p.claim_id),
payouts AS (
    SELECT claim_id, sum(amount_cents) AS paid_on FROM arrangements_payoutline WHERE returned_on IS NULL GROUP BY 1)
SELECT coalesce(g.claim_id, o.claim_id), g.arrangement_id, coalesce(g.payable, 0)::bigint, coalesce(g.to_set_off, 0)::bigint,
    coalesce(g.paid, 0)::bigint, coalesce(g.distributed, 0)::bigint, coalesce(o.paid_on, 0)::bigint
FROM ledger g FULL JOIN payouts o ON o.claim_id = g.claim_id
WHERE g.claim_id IS NULL OR g.paid <> g.distributed OR g.payable < 0
   OR g.payable <> g.paid - coalesce(o.paid_on, 0) + g.to_set_off
ORDER BY 1
"""


def remittance_and_owed(totals: Mapping[int, int]) -> tuple[Check, Check]:
    """Lines 3 and 5, which share one pass over all claims. Payouts carry no date of their own: as of now."""
    check = Check(Line.REMITTANCE)
    for name, total, lines in rows(_FILES):
        check.equal(f"Bestand {name}", total, "de regels erin", lines)
    handed_in, count = rows(_LINES_TOTAL)[0]
    check.count("regels in alle bestanden", count)
    check.amount("in alle bestanden", handed_in)
    moved = dict(rows(_ON_1200))
    check.equal("Het totaal van de bestanden", handed_in, "wat op 1200 kwam", moved.get("remittance_submitted", 0))
    (waiting,) = rows(_IN_TRANSIT)[0]
    check.amount("onderweg (1200)", -totals.get(1200, 0))
    check.equal("Rekening 1200", sum(moved.values()), "wat de bank nog moet boeken", waiting)
    booked = -moved.get("remittance_booked", 0)
    check.amount("door de bank geboekt", booked)
    told = dict(rows(_AT_THE_BANK))
    if told:
        check.equal("Wat de bank overmaakte", -told.get("payout", 0), "wat van 1200 ging", booked)
    check.amount("nog door te betalen (2100)", -totals.get(2100, 0))
    owed = Check(Line.OWED)
    _claims(check, owed)
    owed.amount("betaald volgens wat open staat", totals.get(200, 0))
    owed.amount("kwijtgescholden", totals.get(300, 0))
    owed.amount("nog open", totals.get(100, 0))
    _stornos(owed)
    return check, owed


def _claims(remittance: Check, owed: Check) -> None:
    unexplained, apart = [], []
    for claim, arrangement, payable, to_set_off, paid, distributed, paid_on in rows(_PER_CLAIM):
        name = f"vordering {claim} (regeling {arrangement})"
        if paid != distributed:
            apart.append(f"{name}: verdeeld {euro(distributed)}, betaald {euro(paid)}")
        expected = paid - paid_on + to_set_off
        if payable != expected or payable < 0 or claim is None:
            unexplained.append(f"{name}: op 2100 {euro(payable)}, verwacht {euro(expected)}")
    if unexplained:
        remittance.faults.append(f"Saldo's op 2100 die niet te verklaren zijn: {some(unexplained)}.")
    if apart:
        owed.faults.append(f"De twee grootboeken verschillen: {some(apart)}.")


_STORNOS = """
SELECT coalesce(b.arrangement_id, s.arrangement_id), coalesce(b.open, 0)::bigint, coalesce(s.open, 0)::bigint
FROM (SELECT arrangement_id, sum(debit_cents - credit_cents) AS open FROM arrangements_ledgerposting
      WHERE account = 1300 GROUP BY 1) b
FULL JOIN (SELECT arrangement_id, sum(open_cents) AS open FROM arrangements_storno GROUP BY 1) s
    ON s.arrangement_id = b.arrangement_id
WHERE coalesce(b.open, 0) <> coalesce(s.open, 0) ORDER BY 1
"""
_OPEN_STORNOS = "SELECT coalesce(sum(open_cents), 0)::bigint FROM arrangements_storno"


def _stornos(check: Check) -> None:
    (total,) = rows(_OPEN_STORNOS)[0]
    check.amount("storno's die burgers nog terugbetalen (1300)", total)
    wrong = [f"regeling {pk}: 1300 {euro(here)}, storno's {euro(told)}" for pk, here, told in rows(_STORNOS)]
    if wrong:
        check.faults.append(f"Rekening 1300 is niet wat de storno's zeggen: {some(wrong)}.")


# --- 6: what waits too long --------------------------------------------------------------------------------------------

_AGEING = """
SELECT 'suspense', count(*), min(booked_on) FROM arrangements_bankline
    WHERE meaning = 'open' AND amount_cents > 0 AND booked_on < %(suspense)s
UNION ALL SELECT 'unknown', count(*), min(called_at)::date FROM arrangements_providercall
    WHERE state IN ('unknown', 'to_person') AND called_at < %(unknown)s
UNION ALL SELECT 'events', count(*), min(received_at)::date FROM arrangements_providerevent
    WHERE handled_at IS NULL AND received_at < %(unknown)s
UNION ALL SELECT 'pending', count(*), min(p.created_at)::date FROM arrangements_payment p
    WHERE p.state = 'pending' AND p.created_at < %(pending)s
UNION ALL SELECT 'refunds', count(*), min(asked_on) FROM arrangements_refund
    WHERE state IN ('asked', 'approved', 'submitted', 'failed') AND asked_on < %(refund)s
UNION ALL SELECT 'set_off', count(*), min(s.happened_on) FROM arrangements_storno s
    WHERE s.way = 'set_off' AND s.won_on IS NULL AND s.happened_on < %(aged)s AND EXISTS (
        SELECT 1 FROM arrangements_ledgerposting p WHERE p.account = 1310 AND p.arrangement_id = s.arrangement_id
        HAVING sum(p.debit_cents - p.credit_cents) > 0)
UNION ALL SELECT 'undivided', count(*), min(received_on) FROM arrangements_receipt
    WHERE divided_on IS NULL AND received_on < %(undivided)s
"""
_WAITING = {
    "suspense": "geld van een onbekende afzender",
    "unknown": "vragen aan de betaaldienst zonder antwoord",
    "events": "berichten van de betaaldienst die nog niet zijn verwerkt",
    "pending": "betalingen die nog onderweg zijn",
    "refunds": "terugbetalingen die nog niet zijn gedaan",
    "set_off": "storno's die nog niet met organisaties zijn verrekend",
    "undivided": "ontvangsten die nog niet zijn verdeeld",
}


def ageing(day: date) -> Check:
    """Line 6: longer than its norm is named; longer than a quarter is red. Moments are of the real clock."""
    policy = policy_on(day)
    # Rows that carry a moment, not a business date, are counted from this moment.
    real = clock.now().astimezone(clock.AMSTERDAM).date()
    check = Check(Line.AGEING)
    found = rows(
        _AGEING,
        suspense=working_days_before(day, policy.suspense_working_days),
        unknown=real - timedelta(days=policy.unknown_days),
        pending=working_days_before(real, policy.pending_working_days),
        refund=working_days_before(day, policy.refund_working_days),
        aged=day - timedelta(days=policy.aged_days),
        undivided=day - timedelta(days=policy.aged_days // 2),
    )
    of_the_clock = ("unknown", "events", "pending")
    for name, count, oldest in found:
        check.count(f"{_WAITING[name]}, langer dan de norm", count)
        if not count:
            continue
        limit = (real if name in of_the_clock else day) - timedelta(days=policy.aged_days)
        said = f"Langer dan de norm: {count} × {_WAITING[name]}, de oudste van {oldest:%d-%m-%Y}."
        (check.faults if oldest < limit or name == "set_off" else check.notes).append(said)
    return check


# --- what all books together say -----------------------------------------------------------------------------------------


def books(checks: Mapping[Line, Check]) -> None:
    """Add what `check_books` finds in the rows and the ledgers of this moment to the line it belongs to."""
    found: dict[tuple[Line, str], list[str]] = {}
    for finding in check_books():
        if finding.check != _COVERED:
            line = _BELONGS_TO.get(finding.check, Line.OWED)
            found.setdefault((line, finding.check), []).append(finding.text)
    for (line, name), texts in found.items():
        checks[line].faults.append(f"Nakijken van alle boeken, '{name}': {some(texts)}.")
    checks[Line.OWED].count("verschillen bij het nakijken van alle boeken", sum(len(texts) for texts in found.values()))
