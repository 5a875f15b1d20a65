"""Postings get narrow, and a partition per month; what a claim has had is read from its line, and proven against them."""

import django.db.models.deletion
from django.db import migrations, models

from infra.db import rls

TABLE = """
ALTER TABLE arrangements_ledgerposting RENAME TO ledgerposting_before;
CREATE TABLE arrangements_ledgerposting (
    entry_id bigint NOT NULL,
    debit_cents bigint NOT NULL,
    credit_cents bigint NOT NULL,
    arrangement_id integer,
    claim_id integer,
    creditor_id integer,
    booked_on date NOT NULL,
    account smallint NOT NULL CHECK (account >= 0),
    line smallint NOT NULL CHECK (line > 0),
    CONSTRAINT posting_has_one_side CHECK (
        (debit_cents > 0 AND credit_cents = 0) OR (debit_cents = 0 AND credit_cents > 0))
) PARTITION BY RANGE (booked_on);
CREATE INDEX posting_by_entry ON arrangements_ledgerposting (entry_id);

-- The partition of a month, made when it is not there. Anybody who may post may have it made.
CREATE FUNCTION ledger_month(p_day date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
    first date := date_trunc('month', p_day)::date;
    part text := 'arrangements_ledgerposting_' || to_char(p_day, 'YYYYMM');
BEGIN
    IF to_regclass('public.' || part) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(x'4c6564'::int);
    IF to_regclass('public.' || part) IS NOT NULL THEN
        RETURN;
    END IF;
    -- Attached afterwards: that leaves readers and writers of the other months alone.
    EXECUTE format('CREATE TABLE public.%I (LIKE public.arrangements_ledgerposting INCLUDING CONSTRAINTS)', part);
    EXECUTE format('REVOKE ALL ON public.%I FROM eenplan_app, eenplan_worker, eenplan_read', part);
    EXECUTE format(
        'CREATE TRIGGER %I BEFORE TRUNCATE ON public.%I FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()',
        part || '_no_truncate', part);
    EXECUTE format(
        'ALTER TABLE public.arrangements_ledgerposting ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        part, first, (first + interval '1 month')::date);
END $$;
REVOKE ALL ON FUNCTION ledger_month(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_month(date) TO eenplan_worker;
"""

FILL = """
SELECT ledger_month(m.month) FROM (
    SELECT DISTINCT date_trunc('month', booked_on)::date AS month FROM arrangements_ledgerentry) m;
INSERT INTO arrangements_ledgerposting
    (entry_id, debit_cents, credit_cents, arrangement_id, claim_id, creditor_id, booked_on, account, line)
SELECT p.entry_id, p.debit_cents, p.credit_cents, p.arrangement_id, p.claim_id, p.creditor_id, e.booked_on, p.account,
    row_number() OVER (PARTITION BY p.entry_id ORDER BY p.id)
FROM ledgerposting_before p JOIN arrangements_ledgerentry e ON e.id = p.entry_id
ORDER BY p.entry_id;
DROP TABLE ledgerposting_before;
"""

GUARDS = """
-- Per entry header, for whoever writes: it balances. The month is known, so one partition is read.
CREATE OR REPLACE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE lines bigint; difference numeric;
BEGIN
    SELECT count(*), coalesce(sum(debit_cents - credit_cents), 0) INTO lines, difference
    FROM arrangements_ledgerposting WHERE entry_id = NEW.id AND booked_on = NEW.booked_on;
    IF lines < 2 OR difference <> 0 THEN
        RAISE EXCEPTION 'ledger entry % does not balance: % postings, difference % cents', NEW.id, lines, difference
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balances';
    END IF;
    RETURN NULL;
END $$;

-- Per statement, however many rows: every posting belongs to an entry of this transaction and of the same day. This is the
-- foreign key, without its price per row.
CREATE OR REPLACE FUNCTION ledger_entry_is_open() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT entry_id, booked_on FROM new_postings) p
        LEFT JOIN arrangements_ledgerentry e ON e.id = p.entry_id
        WHERE e.id IS NULL OR e.tx <> pg_current_xact_id() OR e.booked_on <> p.booked_on
    ) THEN
        RAISE EXCEPTION 'a posting was added to no entry, or to one of an earlier transaction or another day'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_is_open';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_entry_is_open AFTER INSERT ON arrangements_ledgerposting
    REFERENCING NEW TABLE AS new_postings FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_is_open();
CREATE TRIGGER books_of_waived_stay AFTER INSERT ON arrangements_ledgerposting
    REFERENCING NEW TABLE AS new_postings FOR EACH STATEMENT EXECUTE FUNCTION books_of_waived_stay();
"""

# What is open, paid and waived of a claim, from its line. `check_books` proves that the ledger says the same.
WAIVED = (
    "CASE WHEN a.state = 'waived' THEN l.outstanding_cents - l.returned_cents - l.paid_cents - l.parked_cents "
    "- CASE WHEN l.dischargeable THEN 0 ELSE l.remains_cents END ELSE 0 END"
)
OPEN = f"l.outstanding_cents - l.returned_cents - l.paid_cents - {WAIVED}"
CITIZEN = rls.setting("citizen_id")
CREDITOR = rls.setting("creditor_id")

DOORS = f"""
CREATE OR REPLACE FUNCTION claim_balances()
RETURNS TABLE (claim_id bigint, outstanding_cents bigint, paid_cents bigint, waived_cents bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
SELECT l.claim_id, {OPEN}, l.paid_cents, {WAIVED}
FROM arrangements_arrangementline l JOIN arrangements_arrangement a ON a.id = l.arrangement_id
WHERE a.state <> 'signed' AND (l.citizen_id = {CITIZEN} OR l.creditor_id = {CREDITOR})
$$;

CREATE OR REPLACE FUNCTION shared_claims()
RETURNS TABLE (public_id uuid, mine boolean, creditor_name text, reference text, outstanding_cents bigint,
    ground text, since date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
SELECT c.public_id, c.citizen_id = {CITIZEN}, e.name::text, c.reference::text, coalesce((
    SELECT {OPEN} FROM arrangements_arrangementline l JOIN arrangements_arrangement a ON a.id = l.arrangement_id
    WHERE l.claim_id = c.id AND a.state <> 'signed'), c.confirmed_cents, c.told_cents), d.ground::text, d.since
FROM arrangements_codebtor d JOIN arrangements_claim c ON c.id = d.claim_id
JOIN creditors_creditor e ON e.id = c.creditor_id
WHERE (c.citizen_id = {CITIZEN} OR d.citizen_id = {CITIZEN}) AND c.state NOT IN ('withdrawn', 'transferred') ORDER BY e.name, c.id
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0020_kinds_together")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name="LedgerPosting"),
                migrations.CreateModel(
                    name="LedgerPosting",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "entry_id", "line", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("debit_cents", models.BigIntegerField(default=0)),
                        ("credit_cents", models.BigIntegerField(default=0)),
                        ("arrangement_id", models.IntegerField(null=True)),
                        ("claim_id", models.IntegerField(null=True)),
                        ("creditor_id", models.IntegerField(null=True)),
                        ("booked_on", models.DateField(help_text="als van het boekstuk")),
                        ("account", models.PositiveSmallIntegerField()),
                        ("line", models.PositiveSmallIntegerField()),
                        (
                            "entry",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="postings",
                                to="arrangements.ledgerentry",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("credit_cents", 0), ("debit_cents__gt", 0)),
                                    models.Q(("credit_cents__gt", 0), ("debit_cents", 0)),
                                    _connector="OR",
                                ),
                                name="posting_has_one_side",
                            )
                        ],
                    },
                ),
            ],
            database_operations=[migrations.RunSQL(TABLE)],
        ),
        rls.protect("arrangements_ledgerposting", read=(), write=()),
        migrations.RunSQL(FILL),
        migrations.RunSQL(GUARDS),
        rls.append_only("arrangements_ledgerposting"),
        migrations.RunSQL(DOORS),
        # Amounts of lines change every month: room on the page keeps the indexes out of it (HOT).
        migrations.RunSQL(
            "ALTER TABLE arrangements_arrangementline SET (fillfactor = 50);"
            "ALTER TABLE arrangements_arrangement SET (fillfactor = 70);"
            "ALTER TABLE arrangements_installment SET (fillfactor = 70);",
            "ALTER TABLE arrangements_arrangementline RESET (fillfactor);"
            "ALTER TABLE arrangements_arrangement RESET (fillfactor);"
            "ALTER TABLE arrangements_installment RESET (fillfactor);",
        ),
    ]
