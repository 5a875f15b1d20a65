"""Running plans and their payments for the monthly bench, made in SQL from a fixed seed. Superuser: triggers stay asleep here.

Meant to look like people with debts: ten to fourteen claims each, five organisations that hold half of everything, one claim
in seven preferent, plans of every age; in a month one payment in a hundred is not as it should be.
"""

from typing import Any, Final

FIRST_ID: Final = 1_000_000_000
CREDITORS: Final = 500
LARGE: Final = 5
MONTHS: Final = 36
DEBT: Final = "cash:bench"

# A number from 0 up to `below`, the same on every run for the same row and purpose.
_CHANCE: Final = """
CREATE OR REPLACE FUNCTION bench_chance(n bigint, purpose int, below int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT (abs(hashint8extended(n * 1000 + purpose, 20261125)) %% below)::int $$
"""

_LINES: Final = f"""
CREATE TABLE bench_line AS
WITH claim AS (
    SELECT n, place, {FIRST_ID} + n * 100 + place AS id,
        -- Half of all claims at five organisations.
        %(first_creditor)s + CASE WHEN bench_chance(n * 20 + place, 1, 2) = 0 THEN bench_chance(n * 20 + place, 2, {LARGE})
            ELSE {LARGE} + bench_chance(n * 20 + place, 3, {CREDITORS - LARGE}) END AS creditor_id,
        5000 + bench_chance(n * 20 + place, 4, 20000) * (1 + bench_chance(n * 20 + place, 5, 12)) AS outstanding,
        bench_chance(n * 20 + place, 6, 100) < 15 AS preferent
    FROM generate_series(%(after)s::bigint + 1, %(size)s::bigint) g(n), generate_series(0, 13) p(place)
    WHERE place < 10 + bench_chance(n, 7, 5)
), whole AS (
    SELECT *, outstanding * CASE WHEN preferent THEN 2 ELSE 1 END AS weight,
        sum(outstanding) OVER plan AS total,
        sum(outstanding * CASE WHEN preferent THEN 2 ELSE 1 END) OVER plan AS weights
    FROM claim WINDOW plan AS (PARTITION BY n)
), priced AS (
    -- A fifth of the debts in 36 months.
    SELECT *, (total / 5 / {MONTHS})::bigint AS monthly FROM whole
), floors AS (
    SELECT *, monthly * {MONTHS} * weight / weights AS floor, monthly * {MONTHS} * weight %% weights AS rest FROM priced
)
SELECT n, place, id, creditor_id, outstanding::bigint, preferent, total::bigint, monthly,
    (floor + CASE WHEN row_number() OVER (PARTITION BY n ORDER BY rest DESC, place)
        <= monthly * {MONTHS} - sum(floor) OVER (PARTITION BY n) THEN 1 ELSE 0 END)::bigint AS share
FROM floors
"""


def make(database: Any, original: Any, size: int, after: int = 0) -> None:
    """`size` plans like `original` (an Arrangement the product made), numbered from `after` + 1; nothing paid yet."""
    from arrangements.models import ArrangementLine, Installment

    database.execute("SET session_replication_role = replica")
    database.execute("SET work_mem = '256MB'")
    database.execute(_CHANCE.replace("%%", "%"))
    proposal = original.proposal
    line = (
        ArrangementLine.objects.filter(arrangement=original).select_related("claim__creditor").order_by("position")[0]
    )
    installment = Installment.objects.filter(arrangement=original).order_by("number")[0]
    creditor = line.claim.creditor
    numbered = {"id": f"{FIRST_ID} + g.n", "public_id": "gen_random_uuid()"}
    if not after:
        _copy(
            database,
            creditor,
            {**numbered, "name": "'Grote organisatie ' || g.n", "email": "'post' || g.n || '@organisatie.example'"}
            | {"iban": "'NL91ABNA0417164300'", "kvk_number": "lpad(g.n::text, 8, '0')"},
            f"generate_series(0, {CREDITORS - 1}) g(n)",
        )
    database.execute("DROP TABLE IF EXISTS bench_line")
    database.execute(_LINES, {"first_creditor": FIRST_ID, "after": after, "size": size})
    database.execute("CREATE INDEX ON bench_line (n)")
    database.execute("ANALYZE bench_line")
    plans = "(SELECT n, max(total) AS total, max(monthly) AS monthly, count(*) AS claims FROM bench_line GROUP BY n) g"
    mine = {**numbered, "citizen_id": f"{FIRST_ID} + g.n"}
    _copy(database, original.citizen, {**numbered, "user_id": "NULL", "match_key": "'bench' || g.n"}, plans)
    _copy(database, proposal.application, mine, plans)
    _copy(database, proposal.assessment, mine, plans)
    _copy(
        database,
        proposal,
        {**mine, "application_id": f"{FIRST_ID} + g.n", "assessment_id": f"{FIRST_ID} + g.n"},
        plans,
    )
    _copy(
        database,
        original,
        {
            **mine,
            "proposal_id": f"{FIRST_ID} + g.n",
            "payment_reference": "lpad(g.n::text, 16, '0')",
            "monthly_cents": "g.monthly",
            "pot_cents": f"g.monthly * {MONTHS}",
            "total_cents": "g.total",
            "creditor_count": "g.claims",
        },
        plans,
    )
    of_line = {"citizen_id": f"{FIRST_ID} + g.n", "creditor_id": "g.creditor_id", "is_preferent": "g.preferent"}
    _copy(
        database,
        line.claim,
        {
            **of_line,
            "id": "g.id",
            "public_id": "gen_random_uuid()",
            "reference": "'F-' || g.id",
            "confirmed_cents": "g.outstanding",
            "preference_ground": "CASE WHEN g.preferent THEN 'wet' ELSE '' END",
        },
        "bench_line g",
    )
    _copy(
        database,
        line,
        {
            **of_line,
            "id": "g.id",
            "arrangement_id": f"{FIRST_ID} + g.n",
            "claim_id": "g.id",
            "position": "g.place + 1",
            "outstanding_cents": "g.outstanding",
            "share_cents": "g.share",
            "waived_cents": "g.outstanding - g.share",
            "remains_cents": "0",
            "dischargeable": "true",
        },
        "bench_line g ORDER BY g.n, g.place",
    )
    _copy(
        database,
        installment,
        {
            "id": f"{FIRST_ID} + g.n * 100 + m.number",
            "arrangement_id": f"{FIRST_ID} + g.n",
            "citizen_id": f"{FIRST_ID} + g.n",
            "number": "m.number",
            "due_date": "(date '2026-12-25' + (m.number - 1) * interval '1 month')::date",
            "amount_cents": "g.monthly",
            "pay_token": "gen_random_uuid()",
        },
        f"{plans}, generate_series(1, {MONTHS}) m(number)",
    )
    database.execute("SET session_replication_role = origin")
    database.execute("VACUUM ANALYZE")


def _copy(database: Any, row: Any, changed: dict[str, str], source: str) -> None:
    table = row._meta.db_table
    columns = [field.column for field in row._meta.concrete_fields]
    values = [changed.get(column, f't."{column}"') for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    database.execute(
        f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table} t, {source}".replace(
            f"FROM {table} t,", f"FROM (SELECT * FROM {table} WHERE id = {row.pk}) t,"
        )
    )


# What comes in in a month. Of a hundred plans one is not as usual: nothing, half, twice, or a month late and then twice.
_RECEIPTS: Final = f"""
INSERT INTO arrangements_receipt (kind, arrangement_id, citizen_id, source, key, amount_cents, divided_cents, extra_cents,
    repaid_cents, received_on, created_at)
SELECT 'installment', a.id, a.citizen_id, 'transfer', %(key)s || ':' || a.id || ':' || part, amount, 0, 0, 0, %(day)s, now()
FROM (SELECT id, citizen_id, monthly_cents, bench_chance(id - {FIRST_ID}, %(month)s, 1000) AS luck FROM arrangements_arrangement
      WHERE id > {FIRST_ID} AND state = 'active') a,
LATERAL (SELECT part, CASE WHEN %(age)s THEN a.monthly_cents * ((a.id - {FIRST_ID}) %% {MONTHS})
    WHEN luck BETWEEN 3 AND 5 THEN a.monthly_cents / 2 ELSE a.monthly_cents END AS amount
    FROM generate_series(1, CASE WHEN %(age)s THEN 1 WHEN luck < 3 THEN 0 WHEN luck BETWEEN 6 AND 9 THEN 2 ELSE 1 END) p(part)) r
WHERE amount > 0
ORDER BY a.id
"""

_BOOKED: Final = """
WITH entry AS (
    INSERT INTO arrangements_ledgerentry (id, ledger, kind, key, booked_on, created_at)
    SELECT nextval('arrangements_ledger_number'), 'cash', 'receipt_transfer', 'cash:' || key, %(day)s, now()
    FROM arrangements_receipt WHERE key LIKE %(key)s || ':%%' RETURNING id, key)
INSERT INTO arrangements_ledgerposting
    (entry_id, debit_cents, credit_cents, arrangement_id, claim_id, creditor_id, booked_on, account, line)
SELECT e.id, CASE WHEN line = 1 THEN r.amount_cents ELSE 0 END, CASE WHEN line = 2 THEN r.amount_cents ELSE 0 END,
    CASE WHEN line = 2 THEN r.arrangement_id END, NULL, NULL, %(day)s::date, CASE WHEN line = 1 THEN 1000 ELSE 2000 END, line
FROM entry e JOIN arrangements_receipt r ON 'cash:' || r.key = e.key, generate_series(1, 2) s(line)
"""


def pay(database: Any, *, month: int, day: Any, age: bool = False) -> None:
    """Book what comes in in a month, undivided; `age`: at once what every plan has paid so far, by its number."""
    values = {"key": f"bench{month}", "day": day, "month": 100 + month, "age": age}
    database.execute("SET session_replication_role = replica")
    database.execute("SELECT ledger_month(%s)", [day])
    database.execute(_RECEIPTS, values)
    database.execute(_BOOKED, values)
    database.execute("SET session_replication_role = origin")
    database.execute("VACUUM ANALYZE arrangements_receipt")


# An earlier month of the books: as many postings as `day` has, under other numbers.
_EARLIER: Final = (
    (
        "INSERT INTO arrangements_ledgerentry (id, ledger, kind, key, booked_on, created_at) "
        "SELECT -id - %(shift)s, ledger, kind, 'past' || %(shift)s || ':' || key, %(past)s, created_at "
        "FROM arrangements_ledgerentry WHERE booked_on = %(day)s"
    ),
    (
        "INSERT INTO arrangements_ledgerposting "
        "(entry_id, debit_cents, credit_cents, arrangement_id, claim_id, creditor_id, booked_on, account, line) "
        "SELECT -entry_id - %(shift)s, debit_cents, credit_cents, arrangement_id, claim_id, creditor_id, %(past)s, account, line "
        "FROM arrangements_ledgerposting WHERE booked_on = %(day)s"
    ),
)


def fill_past(database: Any, *, months: int, day: Any) -> None:
    """Books of `months` earlier months, each as full as those of `day`."""
    database.execute("SET session_replication_role = replica")
    for number in range(1, months + 1):
        past = day.replace(year=day.year - (number + 11) // 12, month=(day.month - number - 1) % 12 + 1, day=1)
        database.execute("SELECT ledger_month(%s)", [past])
        for statement in _EARLIER:
            database.execute(statement, {"shift": number * 10**12, "past": past, "day": day})
    database.execute("SET session_replication_role = origin")
    database.execute("VACUUM ANALYZE arrangements_ledgerentry")
