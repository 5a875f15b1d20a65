"""The division of very many receipts as SQL: `domain.split.distribute` in sets, cent for cent the same (performance.md 3).

Tables of one transaction: `run_arrangement` (locked), `run_receipt` (one row per receipt that waits, `turn` counts them per
arrangement), `run_line` (a claim that takes part, counted from where the present version of the plan began), `run_step` (what
a receipt brings a claim) and `run_part` (what it pays of an instalment). Amounts in cents. Every large table is asked for the
arrangements of this call by their range, so that a chunk costs the same however many others there are.
"""

from typing import Final

TABLES: Final = ("run_arrangement", "run_receipt", "run_line", "run_step", "run_part")

# Sorts and hashes of a whole chunk fit; compiling queries costs more than it brings; and what a chunk needs of a large table
# lies together, so an index finds it for less than reading the table costs.
FOR_A_CHUNK: Final = (
    "set_config('work_mem', '128MB', true), set_config('jit', 'off', true), set_config('random_page_cost', '1.1', true)"
)

DROP: Final = f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{name}' for name in TABLES)}"

# Row locks that leave the key alone: whoever inserts a payment or a task for the arrangement need not wait.
ARRANGEMENTS: Final = """
CREATE TEMPORARY TABLE run_arrangement ON COMMIT DROP AS
SELECT a.id, a.citizen_id, a.state, a.state = ANY(%(running)s) AS runs, a.state = ANY(%(over)s) AS is_over,
    CASE WHEN a.state = ANY(%(running)s) THEN a.pot_cents - a.received_cents ELSE 0 END AS wanted
FROM arrangements_arrangement a
WHERE a.id BETWEEN %(first)s AND %(last)s AND EXISTS (
    SELECT 1 FROM arrangements_receipt r WHERE r.arrangement_id = a.id AND r.divided_on IS NULL
        AND r.arrangement_id BETWEEN %(first)s AND %(last)s)
ORDER BY a.id FOR NO KEY UPDATE
"""

# A receipt after the one that completed the plan came after the end, as it would have one by one. What pays back a storno is
# left to the operation that knows stornos.
RECEIPTS: Final = """
CREATE TEMPORARY TABLE run_receipt ON COMMIT DROP AS
SELECT *,
    (sum(divided) FILTER (WHERE NOT from_back) OVER so_far) AS front,
    (sum(divided) FILTER (WHERE from_back) OVER so_far) AS back,
    CASE WHEN divided > 0 THEN nextval('arrangements_ledger_number') END AS cash_id,
    CASE WHEN divided > 0 THEN nextval('arrangements_ledger_number') END AS owed_id,
    CASE WHEN extra > 0 THEN nextval('arrangements_ledger_number') END AS extra_id,
    max(turn) FILTER (WHERE divided > 0) OVER (PARTITION BY arrangement_id) = turn AS is_last
FROM (
    SELECT id, key, arrangement_id, citizen_id, turn, amount, asked, from_back,
        least(amount, greatest(wanted - before, 0)) AS divided,
        amount - least(amount, greatest(wanted - before, 0)) AS extra,
        CASE WHEN is_over OR (runs AND turn > 1 AND before >= wanted) THEN 'after_end' ELSE kind END AS kind
    FROM (
        SELECT r.id, r.key, r.arrangement_id, a.citizen_id, r.kind, a.wanted, a.runs, a.is_over, r.amount_cents AS amount,
            coalesce(p.amount_cents, r.amount_cents) AS asked, coalesce(p.is_extra, false) AS from_back,
            (row_number() OVER by_id)::int AS turn,
            (sum(r.amount_cents) OVER by_id)::bigint - r.amount_cents AS before
        FROM run_arrangement a JOIN arrangements_receipt r ON r.arrangement_id = a.id AND r.divided_on IS NULL
            AND r.arrangement_id BETWEEN %(first)s AND %(last)s
        LEFT JOIN arrangements_payment p ON p.id = r.payment_id
        WHERE p.storno_id IS NULL
        WINDOW by_id AS (PARTITION BY r.arrangement_id ORDER BY r.id)
    ) waiting
) counted
WINDOW so_far AS (PARTITION BY arrangement_id ORDER BY turn)
ORDER BY arrangement_id, turn
"""

LINES: Final = """
CREATE TEMPORARY TABLE run_line ON COMMIT DROP AS
SELECT l.id, l.arrangement_id, l.claim_id, l.creditor_id, l.position, c.id IS NOT NULL AS aside,
    l.share_cents - l.base_settled_cents AS share,
    l.paid_cents + l.parked_cents + l.returned_cents - l.base_settled_cents AS had,
    (sum(l.share_cents - l.base_settled_cents) OVER plan)::bigint AS total,
    (sum(l.paid_cents + l.parked_cents + l.returned_cents - l.base_settled_cents) OVER plan)::bigint AS received
FROM run_receipt r JOIN arrangements_arrangementline l ON l.arrangement_id = r.arrangement_id
LEFT JOIN arrangements_claim c ON c.id = l.claim_id AND c.state = %(disputed)s
WHERE r.turn = 1 AND r.divided > 0 AND l.arrangement_id BETWEEN %(first)s AND %(last)s
WINDOW plan AS (PARTITION BY l.arrangement_id)
ORDER BY l.arrangement_id, l.position
"""

# A share of a total below 2^26 cents (EUR 671,088.64): two different due moments (a whole number over a share) differ by
# more than what a double can round away, and equal ones are equal. Above that, exactly as in Python, in numbers of any size.
_DOUBLE_IS_EXACT: Final = 67_108_864


def _round(source: str) -> str:
    """One receipt for every arrangement of `source`; `source` has the lines with `had`, `received` before, and a receipt."""
    due = f"CASE WHEN waits AND total < {_DOUBLE_IS_EXACT} THEN (floor + 1)::float8 / share END"
    due_large = (
        f"CASE WHEN waits AND total >= {_DOUBLE_IS_EXACT} "
        "THEN div((floor + 1)::numeric * total::numeric * total::numeric, share::numeric) END"
    )
    return f"""
    SELECT id, arrangement_id, claim_id, creditor_id, position, aside, share, total, began, turn, is_last, receipt_id, divided,
        received, had AS before,
        floor + CASE WHEN had > floor OR (waits AND place <= spare) THEN 1 ELSE 0 END AS had
    FROM (
        SELECT *, row_number() OVER (PARTITION BY arrangement_id ORDER BY waits DESC, {due}, {due_large}, position) AS place
        FROM (
            SELECT *, rest AND had <= floor AS waits,
                received - (sum(floor + (had > floor)::int) OVER (PARTITION BY arrangement_id))::bigint AS spare
            FROM (
                SELECT id, arrangement_id, claim_id, creditor_id, position, aside, share, total, had, began,
                    turn, is_last, receipt_id, divided, received,
                    received * share / nullif(total, 0) AS floor, received * share %% nullif(total, 0) <> 0 AS rest
                FROM ({source}) one
            ) floors
        ) waiting
    ) placed"""  # noqa: S608  pieces of this file


# The first receipt of everybody at once; then, for the few that have more, the next ones on what the one before left. `given`
# is what all of them together bring a claim.
STEPS: Final = f"""
CREATE TEMPORARY TABLE run_step ON COMMIT DROP AS
WITH RECURSIVE first AS MATERIALIZED ({
    _round('''
        SELECT l.id, l.arrangement_id, l.claim_id, l.creditor_id, l.position, l.aside, l.share, l.total, l.had, l.had AS began,
            r.turn, r.is_last, r.id AS receipt_id, r.divided, l.received + r.divided AS received
        FROM run_line l JOIN run_receipt r ON r.arrangement_id = l.arrangement_id AND r.turn = 1''')
}), step AS (
    SELECT * FROM first WHERE NOT is_last
    UNION ALL
    SELECT * FROM ({
    _round('''
        SELECT s.id, s.arrangement_id, s.claim_id, s.creditor_id, s.position, s.aside, s.share, s.total, s.had, s.began,
            r.turn, r.is_last, r.id AS receipt_id, r.divided, s.received + r.divided AS received
        FROM step s JOIN run_receipt r ON r.arrangement_id = s.arrangement_id AND r.turn = s.turn + 1
        WHERE r.divided > 0''')
}) later
)
SELECT id, arrangement_id, claim_id, creditor_id, aside, is_last, receipt_id, had - before AS amount, had - began AS given,
    (row_number() OVER (PARTITION BY arrangement_id, turn ORDER BY had = before, aside, position))::int AS place
FROM (SELECT * FROM first UNION ALL SELECT * FROM step WHERE turn > 1) every
ORDER BY arrangement_id, turn, place
"""  # noqa: S608  pieces of this file

# Instalments as stretches of one line of money, oldest first. Receipts eat it from the front; what was paid on purpose as
# extra, from the back.
PARTS: Final = """
CREATE TEMPORARY TABLE run_part ON COMMIT DROP AS
WITH asked AS (
    -- Only what is eaten from the back asks where the end is.
    SELECT r.*, CASE WHEN back IS NOT NULL THEN (
        SELECT sum(i.amount_cents - i.paid_cents)::bigint FROM arrangements_installment i
        WHERE i.arrangement_id = r.arrangement_id AND i.state = ANY(%(open)s)) END AS whole
    FROM (SELECT arrangement_id, max(front) AS front, max(back) AS back FROM run_receipt WHERE divided > 0
        GROUP BY arrangement_id) r
), stretch AS (
    SELECT i.id, i.arrangement_id, i.citizen_id, i.amount_cents, i.paid_cents, i.state,
        (sum(i.amount_cents - i.paid_cents) OVER oldest)::bigint AS until,
        a.front, a.back, a.whole
    FROM asked a JOIN arrangements_installment i ON i.arrangement_id = a.arrangement_id
    WHERE i.state = ANY(%(open)s) AND i.amount_cents > i.paid_cents AND i.arrangement_id BETWEEN %(first)s AND %(last)s
    WINDOW oldest AS (PARTITION BY i.arrangement_id ORDER BY i.due_date, i.number)
), touched AS (
    SELECT *, until - (amount_cents - paid_cents) AS since FROM stretch
    WHERE until - (amount_cents - paid_cents) < coalesce(front, 0) OR whole - until < coalesce(back, 0)
), part AS (
    SELECT t.id, t.arrangement_id, t.citizen_id, t.amount_cents, t.paid_cents, t.state, r.id AS receipt_id, r.turn,
        CASE WHEN r.from_back
            THEN least(t.whole - t.since, r.back) - greatest(t.whole - t.until, r.back - r.divided)
            ELSE least(t.until, r.front) - greatest(t.since, r.front - r.divided) END AS amount
    FROM touched t JOIN run_receipt r ON r.arrangement_id = t.arrangement_id AND r.divided > 0
), counted AS (
    SELECT *, paid_cents + (sum(amount) OVER so_far)::bigint AS now, row_number() OVER so_far AS nth,
        row_number() OVER (PARTITION BY id ORDER BY turn DESC) = 1 AS is_last
    FROM part WHERE amount > 0
    WINDOW so_far AS (PARTITION BY id ORDER BY turn)
)
SELECT id, arrangement_id, citizen_id, receipt_id, turn, amount, now, is_last,
    CASE WHEN nth = 1 THEN state ELSE %(partly)s END AS before,
    CASE WHEN now = amount_cents THEN %(paid)s ELSE %(partly)s END AS after
FROM counted
"""

# What came in and what became of it; and the arrangements that do not add up: what is not a previous result of
# `distribute`, and receipts that were not divided to the cent, none when all is well; and who the directors are.
TOTALS: Final = """
SELECT count(*), coalesce(sum(amount), 0)::bigint, coalesce(sum(divided), 0)::bigint, coalesce(sum(extra), 0)::bigint,
    least(min(cash_id), min(extra_id)), greatest(max(owed_id), max(extra_id)), ARRAY(
SELECT arrangement_id FROM run_line
WHERE total > 0 AND abs(had::numeric * total - received::numeric * share) >= total
UNION
SELECT r.arrangement_id FROM run_receipt r
LEFT JOIN (SELECT receipt_id, sum(amount) AS amount, min(amount) AS least FROM run_step GROUP BY receipt_id) s
    ON s.receipt_id = r.id
WHERE r.divided > 0 AND (s.amount IS DISTINCT FROM r.divided OR s.least < 0)
UNION
SELECT r.arrangement_id FROM run_receipt r
LEFT JOIN (SELECT receipt_id, sum(amount) AS amount FROM run_part GROUP BY receipt_id) p ON p.receipt_id = r.id
WHERE r.divided > 0 AND p.amount IS DISTINCT FROM r.divided
LIMIT 20),
ARRAY(SELECT DISTINCT c.director_id FROM run_arrangement a JOIN accounts_citizen c ON c.id = a.citizen_id) FROM run_receipt
"""

# What these tables are joined by; more costs more than it brings.
ANALYZE_RECEIPTS: Final = "ANALYZE run_arrangement (id), run_receipt (id, arrangement_id, turn, divided, back)"
ANALYZE: Final = (
    "ANALYZE run_line (id, arrangement_id), run_step (id, receipt_id, amount, is_last), run_part (id, receipt_id)"
)

# As `domain.postings.distribution` and `overpayment` have them, line by line.
ENTRIES_AND_POSTINGS: Final = """
WITH entries AS (
INSERT INTO arrangements_ledgerentry (id, ledger, kind, key, booked_on, created_at)
SELECT cash_id, %(cash)s, %(distribution)s, %(cash)s || ':' || key || %(suffix)s, %(today)s, %(now)s
FROM run_receipt WHERE cash_id IS NOT NULL
UNION ALL
SELECT owed_id, %(owed)s, %(distribution)s, %(owed)s || ':' || key || %(suffix)s, %(today)s, %(now)s
FROM run_receipt r WHERE owed_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM run_step s WHERE s.receipt_id = r.id AND s.amount > 0 AND NOT s.aside)
UNION ALL
SELECT extra_id, %(cash)s, %(overpayment)s, %(cash)s || ':' || key || ':extra', %(today)s, %(now)s
FROM run_receipt WHERE extra_id IS NOT NULL)
INSERT INTO arrangements_ledgerposting
    (entry_id, debit_cents, credit_cents, arrangement_id, claim_id, creditor_id, booked_on, account, line)
SELECT r.cash_id, r.divided, 0, r.arrangement_id, NULL, NULL, %(today)s::date, %(undistributed)s, 1
FROM run_receipt r WHERE r.cash_id IS NOT NULL
UNION ALL
SELECT CASE WHEN side = 0 THEN r.cash_id ELSE r.owed_id END,
    CASE WHEN side = 1 THEN s.amount ELSE 0 END, CASE WHEN side = 1 THEN 0 ELSE s.amount END,
    s.arrangement_id, s.claim_id, s.creditor_id, %(today)s::date,
    CASE side WHEN 1 THEN %(paid_account)s WHEN 2 THEN %(outstanding)s
        ELSE CASE WHEN s.aside THEN %(reserved)s ELSE %(payable)s END END,
    CASE side WHEN 0 THEN s.place + 1 WHEN 1 THEN 2 * s.place - 1 ELSE 2 * s.place END
FROM run_step s JOIN run_receipt r ON r.id = s.receipt_id CROSS JOIN (VALUES (0), (1), (2)) sides (side)
WHERE s.amount > 0 AND (side = 0 OR NOT s.aside)
UNION ALL
SELECT r.extra_id, CASE WHEN line = 1 THEN r.extra ELSE 0 END, CASE WHEN line = 1 THEN 0 ELSE r.extra END,
    r.arrangement_id, NULL, NULL, %(today)s::date, CASE WHEN line = 1 THEN %(undistributed)s ELSE %(refund_due)s END, line
FROM run_receipt r CROSS JOIN (VALUES (1), (2)) numbers (line) WHERE r.extra_id IS NOT NULL
"""

_COMPLETED: Final = """
    SELECT w.id, w.citizen_id, w.state FROM run_arrangement w
    JOIN run_receipt r ON r.arrangement_id = w.id GROUP BY w.id, w.citizen_id, w.state, w.wanted
    HAVING sum(r.divided) = w.wanted AND w.wanted > 0"""


def _new_id(name: str) -> str:
    """A number of version 7 (RFC 9562) of its own for each `name`: behind the moment of this call, so that new rows lie together
    in the index, not each on a page of its own; the rest by a secret of this call, as asking for chance costs more per row.
    """
    mixed = f"md5(%(secret)s || {name})"
    return f"(%(moment)s || left(overlay({mixed} placing '8' from 4 for 1), 19))::uuid"


# What is paid of claims and instalments, what became of receipts; and paid to the last cent: fulfilled, also when it
# stood still. And the lines of the log that `audit.line` would make, one for each receipt and one for each move.
ROWS: Final = f"""
WITH lines AS (
UPDATE arrangements_arrangementline l
SET paid_cents = l.paid_cents + s.paid, parked_cents = l.parked_cents + s.parked
FROM (SELECT id, CASE WHEN aside THEN 0 ELSE given END AS paid, CASE WHEN aside THEN given ELSE 0 END AS parked
      FROM run_step WHERE is_last AND given > 0) s
WHERE l.id = s.id AND l.arrangement_id BETWEEN %(first)s AND %(last)s), installments AS (
UPDATE arrangements_installment i
SET paid_cents = p.now, state = p.after, paid_on = CASE WHEN p.after = %(paid)s THEN %(today)s ELSE i.paid_on END
FROM run_part p WHERE p.is_last AND i.id = p.id AND i.arrangement_id BETWEEN %(first)s AND %(last)s), receipts AS (
    UPDATE arrangements_receipt t
    SET divided_cents = r.divided, extra_cents = r.extra, divided_on = %(today)s, kind = r.kind
    FROM run_receipt r WHERE t.id = r.id AND t.arrangement_id BETWEEN %(first)s AND %(last)s), log AS (
INSERT INTO infra_auditline (id, at, business_date, action, object_type, object_id, from_state, to_state, actor_user_id,
    actor_coach_id, by_system, citizen_id, creditor_id, reason, access, details)
SELECT {_new_id("action || object_id")}, %(now)s, %(today)s, action, object_type, object_id::text, from_state, to_state,
    %(actor_user)s, %(actor_coach)s, %(by_system)s, citizen_id, %(actor_creditor)s, reason, %(access)s, details
FROM (
    SELECT 'payment_received' AS action, 'receipt' AS object_type, id AS object_id, '' AS from_state, '' AS to_state,
        citizen_id, CASE WHEN amount = asked THEN '' ELSE 'ander bedrag dan gevraagd' END AS reason,
        jsonb_build_object('amount_cents', amount, 'divided_cents', divided, 'extra_cents', extra,
            'repaid_cents', 0) AS details
    FROM run_receipt
    UNION ALL
    SELECT 'installment_' || after, 'installment', id, before, after, citizen_id,
        CASE WHEN after = %(paid)s THEN 'betaald' ELSE 'deel betaald' END, '{{}}'::jsonb
    FROM run_part WHERE before <> after
    UNION ALL
    SELECT 'arrangement_active', 'arrangement', id, state, %(active)s, citizen_id, 'alles is betaald', '{{}}'::jsonb
    FROM ({_COMPLETED}) c WHERE state <> %(active)s
    UNION ALL
    SELECT 'arrangement_fulfilled', 'arrangement', id, %(active)s, %(fulfilled)s, citizen_id,
        'alle termijnen zijn betaald', '{{}}'::jsonb
    FROM ({_COMPLETED}) c
) happened)
UPDATE arrangements_arrangement a
SET received_cents = a.received_cents + r.divided,
    state = CASE WHEN r.divided = w.wanted THEN %(fulfilled)s ELSE a.state END,
    paused_until = CASE WHEN r.divided = w.wanted AND w.state <> %(active)s THEN NULL ELSE a.paused_until END,
    fulfilled_on = CASE WHEN r.divided = w.wanted THEN %(today)s ELSE a.fulfilled_on END
FROM (SELECT arrangement_id, sum(divided)::bigint AS divided FROM run_receipt GROUP BY arrangement_id) r
JOIN run_arrangement w ON w.id = r.arrangement_id
WHERE a.id = r.arrangement_id AND r.divided > 0 AND a.id BETWEEN %(first)s AND %(last)s
"""  # noqa: S608  pieces of this file


def _spoken(cents: str) -> str:
    """`kernel.cents.spoken_euro` of an amount above zero."""
    euros = f"replace(to_char({cents} / 100, 'FM999,999,999,999'), ',', '.') || ' euro'"
    rest = f"{cents} %% 100"
    return f"concat_ws(' en ', CASE WHEN {cents} >= 100 THEN {euros} END, CASE WHEN {rest} > 0 THEN ({rest}) || ' cent' END)"


# Messages, tasks for directors, and jobs: to send the messages, for pay links nobody needs any more, and for the
# kwijtschelding of what is complete. The marks of a text that is filled in here; see `divide_waiting`. The name last: whatever
# stands in it stays as it is.
TOLD: Final = f"""
WITH told AS (
INSERT INTO infra_message (id, key, kind, channel, to_address, to_name, subject, body, citizen_id, creditor_id, created_at,
    business_date, sent_at)
SELECT {_new_id("'receipt:' || r.id")}, 'receipt:' || r.id, t.kind,
    CASE WHEN coalesce(u.email, '') = '' THEN 'letter' ELSE 'email' END, coalesce(u.email, ''), n.name, t.subject,
    replace(replace(replace(replace(t.body, %(mark_amount)s, {_spoken("r.amount")}), %(mark_extra)s,
        CASE WHEN r.extra > 0 THEN {_spoken("r.extra")} ELSE '' END), %(mark_line)s, d.line), %(mark_name)s,
        CASE WHEN n.name = '' THEN %(nameless)s ELSE n.name END),
    r.citizen_id, NULL, %(now)s, %(today)s, NULL
FROM run_receipt r
JOIN accounts_citizen c ON c.id = r.citizen_id
LEFT JOIN accounts_user u ON u.id = c.user_id
JOIN unnest(%(directors)s::bigint[], %(lines)s::text[]) d (id, line) ON d.id = c.director_id
JOIN unnest(%(cases)s::int[], %(kinds)s::text[], %(subjects)s::text[], %(bodies)s::text[]) t (number, kind, subject, body)
    ON t.number = CASE WHEN r.kind = 'after_end' THEN 0 ELSE (r.divided > 0)::int + 2 * (r.extra > 0)::int END
CROSS JOIN LATERAL (SELECT btrim(c.first_name || ' ' || c.family_name, E' \\t\\n\\r') AS name) n
ON CONFLICT (key) DO NOTHING
RETURNING id, key, citizen_id), tasks AS (
INSERT INTO arrangements_casetask (public_id, citizen_id, assigned_to_id, key, kind, text, made_on, due_on, created_at)
SELECT gen_random_uuid(), r.citizen_id, c.director_id,
    CASE WHEN r.kind = 'after_end' THEN 'after_end:' ELSE 'extra:' END || r.id,
    CASE WHEN r.kind = 'after_end' THEN %(task_after_end)s ELSE %(task_extra)s END,
    CASE WHEN r.kind = 'after_end' THEN %(text_after_end)s ELSE %(text_extra)s END, %(today)s, %(due_on)s, %(now)s
FROM run_receipt r JOIN accounts_citizen c ON c.id = r.citizen_id
WHERE r.kind = 'after_end' OR r.extra > 0
ON CONFLICT (key) DO NOTHING)
INSERT INTO infra_job (id, key, kind, arguments, state, not_before, attempts, progress_done, progress_total, progress_text,
    result, last_error, user_id, citizen_id, creditor_id, created_at)
SELECT {_new_id("key")}, key, kind, arguments, 'waiting', %(now)s, 0, 0, 0, '', '{{}}', '', %(actor_user)s, citizen_id, NULL,
    %(now)s
FROM (
    SELECT 'send:' || m.key AS key, 'send_message' AS kind, jsonb_build_object('message', m.id) AS arguments, m.citizen_id
    FROM told m
    UNION ALL
    SELECT 'close_payment_link:' || p.id, 'close_payment_link', jsonb_build_object('payment', p.id), p.citizen_id
    FROM run_arrangement a JOIN arrangements_payment p ON p.arrangement_id = a.id AND p.state = %(pending)s
    JOIN arrangements_installment i ON i.id = p.installment_id AND i.state = ANY(%(closed)s)
    UNION ALL
    SELECT 'grant_kwijtschelding:' || id, 'grant_kwijtschelding', jsonb_build_object('arrangement', id), citizen_id
    FROM ({_COMPLETED}) c
) promised
ON CONFLICT (key) DO NOTHING
"""  # noqa: S608  pieces of this file

# The books of this chunk, once more and at once. Entries of others between the same numbers balance as well.
UNBALANCED: Final = """
SELECT p.entry_id FROM arrangements_ledgerposting p
WHERE p.booked_on = %(today)s AND p.entry_id BETWEEN %(low)s AND %(high)s
GROUP BY p.entry_id HAVING sum(p.debit_cents) <> sum(p.credit_cents) LIMIT 20
"""
