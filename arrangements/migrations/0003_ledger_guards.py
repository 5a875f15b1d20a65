"""What the database refuses by itself: unbalanced entries, late postings, changed history, a proposal under the floor."""

from django.db import migrations

from infra.db import rls

GUARDS = """
CREATE SEQUENCE arrangements_ledger_number;
GRANT USAGE, SELECT ON SEQUENCE arrangements_ledger_number TO eenplan_worker;

-- In which transaction the entry was made. Not xmin: inside a savepoint that is another number.
ALTER TABLE arrangements_ledgerentry ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE lines bigint; difference numeric;
BEGIN
    SELECT count(*), coalesce(sum(debit_cents - credit_cents), 0) INTO lines, difference
    FROM arrangements_ledgerposting WHERE entry_id = NEW.id;
    IF lines < 2 OR difference <> 0 THEN
        RAISE EXCEPTION 'ledger entry % does not balance: % postings, difference % cents', NEW.id, lines, difference
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balances';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON arrangements_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances();

CREATE FUNCTION ledger_entry_is_open() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM new_postings p JOIN arrangements_ledgerentry e ON e.id = p.entry_id
        WHERE e.tx <> pg_current_xact_id()
    ) THEN
        RAISE EXCEPTION 'a posting was added to an entry of an earlier transaction'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_is_open';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_entry_is_open AFTER INSERT ON arrangements_ledgerposting
    REFERENCING NEW TABLE AS new_postings FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_is_open();

-- Never below the floor, whoever writes the row (architecture.md): a submitted proposal rests on a green assessment of
-- the same citizen, asked for at least the monthly amount (green means: within the sure capacity, see the table).
CREATE FUNCTION proposal_is_covered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.state <> 'draft' AND NOT EXISTS (
        SELECT 1 FROM arrangements_assessment a
        WHERE a.id = NEW.assessment_id AND a.citizen_id = NEW.citizen_id AND a.verdict = 'green'
          AND a.declared_cents >= NEW.monthly_cents
    ) THEN
        RAISE EXCEPTION 'proposal % asks more than the assessment leaves room for', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_is_covered';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proposal_is_covered BEFORE INSERT OR UPDATE ON arrangements_proposal
    FOR EACH ROW EXECUTE FUNCTION proposal_is_covered();
"""

UNDO = """
DROP TRIGGER proposal_is_covered ON arrangements_proposal;
DROP FUNCTION proposal_is_covered();
DROP TRIGGER ledger_entry_is_open ON arrangements_ledgerposting;
DROP FUNCTION ledger_entry_is_open();
DROP TRIGGER ledger_entry_balances ON arrangements_ledgerentry;
DROP FUNCTION ledger_entry_balances();
ALTER TABLE arrangements_ledgerentry DROP COLUMN tx;
DROP SEQUENCE arrangements_ledger_number;
"""


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0002_walls")]

    operations = [
        migrations.RunSQL(GUARDS, UNDO),
        # Only the worker writes and reads the books; each party reads its own lines through a door, the desk reads all.
        rls.protect("arrangements_ledgerentry", read=(), write=()),
        rls.protect("arrangements_ledgerposting", read=(), write=()),
        rls.append_only("arrangements_ledgerentry"),
        rls.append_only("arrangements_ledgerposting"),
    ]
