"""Who may read and write what the life of an arrangement adds; and what the database refuses by itself about it."""

from django.db import migrations

from infra.db import rls

BOTH = (rls.CITIZEN, rls.CREDITOR)
CREDITOR = rls.setting("creditor_id")

GUARDS = """
-- A raise above what was signed rests on a green assessment of the same citizen for that amount.
CREATE OR REPLACE FUNCTION arrangement_is_covered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM arrangements_proposal p
        WHERE p.id = NEW.proposal_id AND p.citizen_id = NEW.citizen_id AND p.monthly_cents >= NEW.monthly_cents
    ) AND NOT (TG_OP = 'UPDATE' AND EXISTS (
        SELECT 1 FROM arrangements_assessment a
        WHERE a.citizen_id = NEW.citizen_id AND a.verdict = 'green' AND a.declared_cents >= NEW.monthly_cents
          AND a.created_at > NEW.signed_at
    )) THEN
        RAISE EXCEPTION 'arrangement % asks more than was proposed', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'arrangement_is_covered';
    END IF;
    RETURN NEW;
END $$;

-- No instalment asks more than the monthly amount of its arrangement.
CREATE FUNCTION installment_is_covered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.amount_cents > (SELECT monthly_cents FROM arrangements_arrangement WHERE id = NEW.arrangement_id) THEN
        RAISE EXCEPTION 'installment % asks more than the monthly amount', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'installment_is_covered';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER installment_is_covered BEFORE INSERT OR UPDATE OF amount_cents ON arrangements_installment
    FOR EACH ROW EXECUTE FUNCTION installment_is_covered();

-- Waived is over: nothing is undone and nothing is dated back.
CREATE FUNCTION waived_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF OLD.state = 'waived' THEN
        RAISE EXCEPTION 'arrangement % is over', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'waived_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER waived_stays BEFORE UPDATE ON arrangements_arrangement FOR EACH ROW EXECUTE FUNCTION waived_stays();

CREATE FUNCTION consent_is_the_creditors() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
BEGIN
    IF current_user IN ('eenplan_worker', 'eenplan_owner') THEN
        RETURN NEW;
    END IF;
    IF NEW.variation_id <> OLD.variation_id OR NEW.citizen_id <> OLD.citizen_id OR NEW.creditor_id <> OLD.creditor_id
        OR NEW.share_before_cents <> OLD.share_before_cents OR NEW.share_after_cents <> OLD.share_after_cents
    THEN
        RAISE EXCEPTION 'a consent stays what was asked' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER consent_is_the_creditors BEFORE UPDATE ON arrangements_consent
    FOR EACH ROW EXECUTE FUNCTION consent_is_the_creditors();

-- What was signed before versions were kept is version 1.
INSERT INTO arrangements_planversion (public_id, arrangement_id, citizen_id, number, ground, monthly_cents, pot_cents,
    received_cents, total_cents, creditor_count, last_due_date, made_on, decided_by, decided_by_user_id, content_hash,
    details, created_at)
SELECT gen_random_uuid(), a.id, a.citizen_id, 1, 'signed', a.monthly_cents, a.pot_cents, 0, a.total_cents, a.creditor_count,
    (SELECT max(i.due_date) FROM arrangements_installment i WHERE i.arrangement_id = a.id), a.signed_on, 'citizen',
    a.signed_by_id, p.content_hash, '{}', a.signed_at
FROM arrangements_arrangement a JOIN arrangements_proposal p ON p.id = a.proposal_id;
INSERT INTO arrangements_planversionline (version_id, claim_id, citizen_id, creditor_id, position, outstanding_cents,
    is_preferent, dischargeable, share_cents, waived_cents, remains_cents, settled_cents)
SELECT v.id, l.claim_id, l.citizen_id, l.creditor_id, l.position, l.outstanding_cents, l.is_preferent, l.dischargeable,
    l.share_cents, l.waived_cents, l.remains_cents, 0
FROM arrangements_arrangementline l JOIN arrangements_planversion v ON v.arrangement_id = l.arrangement_id;
UPDATE arrangements_answer a SET asked_on = p.submitted_on FROM arrangements_proposal p
    WHERE p.id = a.proposal_id AND p.submitted_on IS NOT NULL;
UPDATE arrangements_proposal SET first_submitted_on = submitted_on WHERE submitted_on IS NOT NULL;
"""

UNDO = """
DROP TRIGGER consent_is_the_creditors ON arrangements_consent;
DROP FUNCTION consent_is_the_creditors();
DROP TRIGGER waived_stays ON arrangements_arrangement;
DROP FUNCTION waived_stays();
DROP TRIGGER installment_is_covered ON arrangements_installment;
DROP FUNCTION installment_is_covered();
CREATE OR REPLACE FUNCTION arrangement_is_covered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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
"""


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0010_lifecycle")]

    operations = [
        migrations.RunSQL(GUARDS, UNDO),
        rls.protect(
            "arrangements_planversion",
            read=(
                rls.CITIZEN,
                f"id IN (SELECT l.version_id FROM arrangements_planversionline l WHERE l.creditor_id = {CREDITOR})",
            ),
            write=(),
        ),
        rls.append_only("arrangements_planversion"),
        rls.protect("arrangements_planversionline", read=BOTH, write=()),
        rls.append_only("arrangements_planversionline"),
        rls.protect(
            "arrangements_variation",
            read=(
                rls.CITIZEN,
                f"id IN (SELECT c.variation_id FROM arrangements_consent c WHERE c.creditor_id = {CREDITOR})",
            ),
            write=(rls.CITIZEN,),
        ),
        # Whom to ask is found out by the worker: it touches all of them. Each then answers its own row.
        rls.protect("arrangements_consent", read=BOTH, write=(rls.CREDITOR,), insert=()),
        rls.protect(
            "arrangements_beslag",
            read=(rls.CITIZEN, f"reported_by_creditor_id = {CREDITOR}"),
            write=(rls.CITIZEN,),
            insert=(
                rls.CITIZEN,
                (
                    f"reported_by_creditor_id = {CREDITOR} AND (arrangement_id, citizen_id) IN (SELECT l.arrangement_id, "
                    f"l.citizen_id FROM arrangements_arrangementline l WHERE l.creditor_id = {CREDITOR})"
                ),
            ),
        ),
        rls.protect("arrangements_claimtransfer", read=(*BOTH, f"to_creditor_id = {CREDITOR}"), write=(rls.CREDITOR,)),
        rls.protect("arrangements_claimcorrection", read=BOTH, write=(), insert=(rls.CREDITOR,)),
        rls.protect("arrangements_claimdispute", read=BOTH, write=BOTH, insert=(rls.CITIZEN,)),
        rls.protect("arrangements_creditortask", read=BOTH, write=(rls.CREDITOR,), insert=()),
    ]
