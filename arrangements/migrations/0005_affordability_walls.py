"""Row level security of the tables of the affordability work, what the database refuses there, and two doors."""

from django.db import migrations

from infra.db import rls

CITIZEN = rls.setting("citizen_id")

GUARDS = """
-- Never below the floor, whoever writes the row: a submitted proposal rests on a green assessment of the same citizen that
-- was asked for at least the monthly amount, and whose sure capacity covers that amount.
CREATE OR REPLACE FUNCTION proposal_is_covered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.state <> 'draft' AND NOT EXISTS (
        SELECT 1 FROM arrangements_assessment a
        WHERE a.id = NEW.assessment_id AND a.citizen_id = NEW.citizen_id AND a.verdict = 'green'
          AND a.purpose = 'first'
          AND a.declared_cents >= NEW.monthly_cents AND a.capacity_low_cents >= NEW.monthly_cents
    ) THEN
        RAISE EXCEPTION 'proposal % asks more than the assessment leaves room for', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_is_covered';
    END IF;
    RETURN NEW;
END $$;

-- An arrangement never asks more per month than the proposal it was signed for.
CREATE FUNCTION arrangement_is_covered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM arrangements_proposal p
        WHERE p.id = NEW.proposal_id AND p.citizen_id = NEW.citizen_id AND p.monthly_cents >= NEW.monthly_cents
    ) THEN
        RAISE EXCEPTION 'arrangement % asks more than was proposed', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'arrangement_is_covered';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER arrangement_is_covered BEFORE INSERT OR UPDATE ON arrangements_arrangement
    FOR EACH ROW EXECUTE FUNCTION arrangement_is_covered();

-- Norms that were approved are never changed and never go away: what was computed with them can be done over.
CREATE FUNCTION approved_norms_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.approved_at IS NOT NULL THEN
        RAISE EXCEPTION 'norms of % are approved: they are not changed any more', OLD.starts
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Approving is looking at what a colleague entered: nothing of it changes in the same breath.
    IF TG_OP = 'UPDATE' AND NEW.approved_at IS NOT NULL
        AND (NEW.norms, NEW.starts, NEW.entered_by_id, NEW.entered_at)
            IS DISTINCT FROM (OLD.norms, OLD.starts, OLD.entered_by_id, OLD.entered_at)
    THEN
        RAISE EXCEPTION 'norms of % are approved as they were entered', OLD.starts
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER approved_norms_stay BEFORE UPDATE OR DELETE ON arrangements_normsentry
    FOR EACH ROW EXECUTE FUNCTION approved_norms_stay();
"""

UNDO = """
DROP TRIGGER approved_norms_stay ON arrangements_normsentry;
DROP FUNCTION approved_norms_stay();
DROP TRIGGER arrangement_is_covered ON arrangements_arrangement;
DROP FUNCTION arrangement_is_covered();
-- As it was in 0003: the column `purpose` goes away next.
CREATE OR REPLACE FUNCTION proposal_is_covered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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
"""

SHARED_CLAIM = f"""
DROP POLICY arrangements_claim_read ON arrangements_claim;
CREATE POLICY arrangements_claim_read ON arrangements_claim FOR SELECT TO eenplan_app, eenplan_read USING (
    ({rls.CITIZEN}) OR ({rls.CREDITOR}) OR ({rls.DESK})
    OR id IN (SELECT d.claim_id FROM arrangements_codebtor d WHERE d.citizen_id = {CITIZEN})
);
"""
NOT_SHARED = f"""
DROP POLICY arrangements_claim_read ON arrangements_claim;
CREATE POLICY arrangements_claim_read ON arrangements_claim FOR SELECT TO eenplan_app, eenplan_read USING (
    ({rls.CITIZEN}) OR ({rls.CREDITOR}) OR ({rls.DESK})
);
"""


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0004_affordability")]

    operations = [
        rls.protect("arrangements_officialfigure", read=(rls.CITIZEN,), write=(), insert=(rls.CITIZEN,)),
        rls.append_only("arrangements_officialfigure"),
        # A mark is dropped by whoever changes a figure; it is given by a coach (the operation sees to that).
        rls.protect("arrangements_budgetmark", read=(rls.CITIZEN,), write=(rls.CITIZEN,)),
        rls.protect("arrangements_stresstest", read=(rls.CITIZEN,), write=(), insert=(rls.CITIZEN,)),
        rls.append_only("arrangements_stresstest"),
        rls.protect("arrangements_normsrerunline", read=(rls.CITIZEN,), write=()),
        rls.protect("arrangements_householdmember", read=(rls.CITIZEN,), write=(rls.CITIZEN,)),
        rls.protect("arrangements_householdinvitation", read=(rls.CITIZEN,), write=(rls.CITIZEN,)),
        # Who is named as co-debtor sees the row; the one whose claim it is makes it.
        rls.protect(
            "arrangements_codebtor",
            read=(rls.CITIZEN,),
            write=(),
            insert=(f"claim_id IN (SELECT c.id FROM arrangements_claim c WHERE c.citizen_id = {CITIZEN})",),
        ),
        migrations.RunSQL(SHARED_CLAIM, NOT_SHARED),
        migrations.RunSQL(GUARDS, UNDO),
        # What the partner already promised, as one amount: the same household cannot promise it twice.
        rls.definer_function(
            "household_committed",
            "",
            "bigint",
            "SELECT coalesce(sum(promised.cents), 0)::bigint FROM ("
            "SELECT p.monthly_cents AS cents FROM arrangements_proposal p WHERE p.state IN ('submitted', 'agreed') "
            "AND NOT EXISTS (SELECT 1 FROM arrangements_arrangement r WHERE r.proposal_id = p.id) AND p.citizen_id IN ("
            "SELECT o.citizen_id FROM arrangements_householdmember m JOIN arrangements_householdmember o "
            "ON o.household = m.household AND o.left_on IS NULL "
            f"WHERE m.citizen_id = {CITIZEN} AND m.left_on IS NULL AND o.citizen_id <> m.citizen_id) "
            "UNION ALL "
            "SELECT r.monthly_cents FROM arrangements_arrangement r "
            "WHERE r.state IN ('signed', 'active', 'paused', 'suspended') AND r.citizen_id IN ("
            "SELECT o.citizen_id FROM arrangements_householdmember m JOIN arrangements_householdmember o "
            "ON o.household = m.household AND o.left_on IS NULL "
            f"WHERE m.citizen_id = {CITIZEN} AND m.left_on IS NULL AND o.citizen_id <> m.citizen_id)"
            ") AS promised",
        ),
    ]
