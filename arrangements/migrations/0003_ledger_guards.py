"""What the database refuses by itself: unbalanced entries, late postings, changed history, a proposal under the
floor, one party speaking for another."""

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

-- Row level security says whose row it is, not which party may write what in it. These say that. The worker acts for
-- all; whoever is neither worker nor owner speaks for the party in the scope.
CREATE FUNCTION claim_keeps_its_parties() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
BEGIN
    IF current_user IN ('eenplan_worker', 'eenplan_owner') THEN
        RETURN NEW;
    END IF;
    IF NEW.citizen_id <> OLD.citizen_id OR NEW.creditor_id <> OLD.creditor_id THEN
        RAISE EXCEPTION 'a claim stays between the same two parties'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF nullif(current_setting('app.citizen_id', true), '')::bigint IS DISTINCT FROM NEW.citizen_id
        AND (NEW.citizen_says <> OLD.citizen_says OR NEW.told_cents IS DISTINCT FROM OLD.told_cents)
    THEN
        RAISE EXCEPTION 'what a citizen says is said by the citizen' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claim_keeps_its_parties BEFORE UPDATE ON arrangements_claim
    FOR EACH ROW EXECUTE FUNCTION claim_keeps_its_parties();

CREATE FUNCTION answer_is_the_creditors() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
DECLARE before text := 'open';
BEGIN
    IF current_user IN ('eenplan_worker', 'eenplan_owner') THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        before := OLD.state;
        IF NEW.proposal_id <> OLD.proposal_id OR NEW.citizen_id <> OLD.citizen_id OR NEW.creditor_id <> OLD.creditor_id
        THEN
            RAISE EXCEPTION 'an answer stays with its proposal and its parties' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    IF NEW.state <> before
        AND nullif(current_setting('app.creditor_id', true), '')::bigint IS DISTINCT FROM NEW.creditor_id
    THEN
        RAISE EXCEPTION 'an answer is given by its creditor' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER answer_is_the_creditors BEFORE INSERT OR UPDATE ON arrangements_answer
    FOR EACH ROW EXECUTE FUNCTION answer_is_the_creditors();

CREATE FUNCTION proposal_is_agreed_by_the_worker() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.state = 'agreed' AND current_user NOT IN ('eenplan_worker', 'eenplan_owner')
        AND (TG_OP = 'INSERT' OR OLD.state <> 'agreed')
    THEN
        RAISE EXCEPTION 'a proposal is agreed when its creditors have said so' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proposal_is_agreed_by_the_worker BEFORE INSERT OR UPDATE ON arrangements_proposal
    FOR EACH ROW EXECUTE FUNCTION proposal_is_agreed_by_the_worker();
"""

UNDO = """
DROP TRIGGER proposal_is_agreed_by_the_worker ON arrangements_proposal;
DROP FUNCTION proposal_is_agreed_by_the_worker();
DROP TRIGGER answer_is_the_creditors ON arrangements_answer;
DROP FUNCTION answer_is_the_creditors();
DROP TRIGGER claim_keeps_its_parties ON arrangements_claim;
DROP FUNCTION claim_keeps_its_parties();
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
