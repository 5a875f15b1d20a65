"""The reference: the same month as plain SQL in one transaction, on tables of its own (performance.md 2.1, "full").

Anybody may make it faster. As many postings as the product (in both ledgers), as durable, behind the same index; keys that are
unique, the split in SQL, the balances of claims, the instalment, and paying on per organisation with a line per claim, numbered
and found as in the product. More than `full` of performance.md, which has one ledger and no lines of payouts. No checks, no
log, no messages, no locks, no bank files, and tables that hold nothing else: what it touches lies together.
"""

from typing import Any, Final

_TABLES: Final = """
DROP SCHEMA IF EXISTS reference CASCADE;
CREATE SCHEMA reference;
CREATE TABLE reference.claim WITH (fillfactor = 50) AS
    SELECT l.id, l.arrangement_id, l.claim_id, l.creditor_id, l.position, l.share_cents AS share,
        l.paid_cents AS paid, l.paid_cents AS had,
        l.remitted_cents AS remitted
    FROM arrangements_arrangementline l JOIN arrangements_arrangement a ON a.id = l.arrangement_id
    WHERE a.state = 'active' ORDER BY l.arrangement_id, l.position;
ALTER TABLE reference.claim ADD PRIMARY KEY (id);
CREATE INDEX ON reference.claim (arrangement_id);
CREATE TABLE reference.receipt AS
    SELECT id, arrangement_id, key, amount_cents AS amount,
        row_number() OVER (PARTITION BY arrangement_id ORDER BY id) AS turn
    FROM arrangements_receipt WHERE divided_on IS NULL ORDER BY arrangement_id, id;
ALTER TABLE reference.receipt ADD PRIMARY KEY (id);
CREATE TABLE reference.instalment WITH (fillfactor = 70) AS
    SELECT DISTINCT ON (i.arrangement_id) i.id, i.arrangement_id, i.amount_cents AS amount, i.paid_cents AS paid, i.state
    FROM arrangements_installment i JOIN reference.receipt r ON r.arrangement_id = i.arrangement_id
    WHERE i.state <> 'paid' ORDER BY i.arrangement_id, i.due_date;
ALTER TABLE reference.instalment ADD PRIMARY KEY (id);
CREATE TABLE reference.entry (id bigint PRIMARY KEY, ledger text NOT NULL, kind text NOT NULL, key text NOT NULL UNIQUE,
    booked_on date NOT NULL);
CREATE TABLE reference.posting (entry_id bigint NOT NULL, debit bigint NOT NULL, credit bigint NOT NULL, arrangement_id int,
    claim_id int, creditor_id int, booked_on date NOT NULL, account smallint NOT NULL, line smallint NOT NULL);
CREATE INDEX ON reference.posting (entry_id);
CREATE TABLE reference.payout (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, creditor_id bigint NOT NULL,
    total bigint NOT NULL, entry_id bigint NOT NULL);
CREATE TABLE reference.payout_line (payout_id bigint NOT NULL, claim_id bigint NOT NULL, amount bigint NOT NULL,
    end_to_end_id text NOT NULL, UNIQUE (payout_id, claim_id));
CREATE INDEX ON reference.payout_line (claim_id);
CREATE SEQUENCE reference.number;
"""

_STEP: Final = """
CREATE TEMPORARY TABLE step ON COMMIT DROP AS
SELECT id, arrangement_id, claim_id, creditor_id, cash_id, owed_id, receipt_amount, now - paid AS amount,
    row_number() OVER (PARTITION BY arrangement_id ORDER BY position) AS place
FROM (
    SELECT *, floor + CASE WHEN paid > floor THEN 1 WHEN waits AND row_number() OVER (
        PARTITION BY arrangement_id ORDER BY waits DESC, (floor + 1)::float8 / nullif(share, 0), position) <= spare
        THEN 1 ELSE 0 END AS now
    FROM (
        SELECT *, rest AND paid <= floor AS waits,
            received - (sum(floor + (paid > floor)::int) OVER (PARTITION BY arrangement_id))::bigint AS spare
        FROM (
            SELECT *, received * share / total AS floor, received * share % total <> 0 AS rest
            FROM (
                SELECT c.*, e.cash_id, e.owed_id, e.amount AS receipt_amount,
                    (sum(c.share) OVER plan)::bigint AS total, (sum(c.paid) OVER plan)::bigint + e.amount AS received
                FROM due e JOIN reference.claim c ON c.arrangement_id = e.arrangement_id
                WINDOW plan AS (PARTITION BY c.arrangement_id)
            ) whole
        ) floors
    ) waiting
) given
"""

_MONTH: Final = (
    # A plan that paid twice is divided once, of both together: the reference may be as simple as it likes.
    (
        "CREATE TEMPORARY TABLE due ON COMMIT DROP AS SELECT arrangement_id, min(key) AS key, sum(amount)::bigint AS amount, "
        "nextval('reference.number') AS cash_id, nextval('reference.number') AS owed_id "
        "FROM (SELECT r.arrangement_id, r.key, least(r.amount, w.wanted)::bigint AS amount FROM reference.receipt r "
        "JOIN (SELECT arrangement_id, "
        "sum(share - paid) AS wanted FROM reference.claim GROUP BY 1) w USING (arrangement_id) WHERE r.turn = 1) r "
        "GROUP BY arrangement_id ORDER BY arrangement_id"
    ),
    "ANALYZE due",
    _STEP,
    "ANALYZE step",
    (
        "INSERT INTO reference.entry SELECT cash_id, 'cash', 'distribution', 'cash:' || key, current_date FROM due UNION ALL "
        "SELECT owed_id, 'owed', 'distribution', 'owed:' || key, current_date FROM due"
    ),
    (
        "INSERT INTO reference.posting SELECT cash_id, amount, 0, arrangement_id, NULL, NULL, current_date, 2000, 1 FROM due "
        "UNION ALL SELECT CASE WHEN s = 0 THEN cash_id ELSE owed_id END, CASE WHEN s = 1 THEN amount ELSE 0 END, "
        "CASE WHEN s = 1 THEN 0 ELSE amount END, arrangement_id, claim_id, creditor_id, current_date, "
        "CASE s WHEN 0 THEN 2100 WHEN 1 THEN 200 ELSE 100 END, CASE s WHEN 0 THEN place + 1 "
        "WHEN 1 THEN 2 * place - 1 ELSE 2 * place END "
        "FROM step CROSS JOIN (VALUES (0), (1), (2)) v (s) WHERE amount > 0"
    ),
    "UPDATE reference.claim c SET paid = c.paid + s.amount FROM step s WHERE c.id = s.id AND s.amount > 0",
    (
        "UPDATE reference.instalment i SET paid = least(i.amount, i.paid + d.amount), state = 'paid' FROM due d "
        "WHERE i.arrangement_id = d.arrangement_id"
    ),
    (
        "WITH line AS MATERIALIZED (SELECT creditor_id, claim_id, arrangement_id, paid - remitted AS amount FROM reference.claim "
        "WHERE paid > remitted), payout AS (INSERT INTO reference.payout (creditor_id, total, entry_id) "
        "SELECT creditor_id, sum(amount), nextval('reference.number') FROM line GROUP BY creditor_id RETURNING *), "
        "lines AS (INSERT INTO reference.payout_line SELECT p.id, l.claim_id, l.amount, 'EP270105B' || p.id || 'C' || l.claim_id "
        "FROM line l JOIN payout p USING (creditor_id) ORDER BY p.id, l.claim_id), "
        "entries AS (INSERT INTO reference.entry SELECT entry_id, 'cash', 'remittance', "
        "'cash:payout:' || id, current_date FROM payout) "
        "INSERT INTO reference.posting SELECT p.entry_id, l.amount, 0, l.arrangement_id, l.claim_id, l.creditor_id, "
        "current_date, "
        "2100, (row_number() OVER (PARTITION BY p.id) % 10000 + 1)::smallint FROM line l JOIN payout p USING (creditor_id) "
        "UNION ALL SELECT entry_id, 0, total, "
        "NULL, NULL, NULL, current_date, 1200, 0 FROM payout"
    ),
    "UPDATE reference.claim SET remitted = paid WHERE paid > remitted",
)


def prepare(database: Any) -> None:
    """Tables with the claims as they are now, and what waits to be divided."""
    database.execute(_TABLES)
    database.execute("VACUUM ANALYZE reference.claim, reference.receipt, reference.instalment")


def run(database: Any) -> None:
    """The month."""
    with database.transaction():
        database.execute("SET LOCAL work_mem = '256MB'")
        database.execute("SET LOCAL jit = off")
        for statement in _MONTH:
            database.execute(statement)


def postings(database: Any) -> int:
    """How many it wrote; SystemExit when they do not balance."""
    count, difference = database.execute("SELECT count(*), sum(debit - credit) FROM reference.posting").fetchone()
    if difference:
        raise SystemExit(f"the reference does not balance: {difference} cents")
    return int(count)
