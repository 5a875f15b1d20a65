"""A beslag with its letter and its comparison, statements at a termination; and what is over stays as it was."""

from django.db import migrations, models

from infra.db import rls

CITIZEN, CREDITOR = rls.setting("citizen_id"), rls.setting("creditor_id")

GUARDS = """
-- Waived is over for what hangs on it as well. (The arrangement itself: waived_stays.)
CREATE FUNCTION belongs_to_no_waived_plan() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE found bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.arrangement_id ELSE NEW.arrangement_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM arrangements_arrangement WHERE id = found AND state = 'waived') THEN
        RAISE EXCEPTION 'arrangement % is over', found
            USING ERRCODE = 'check_violation', CONSTRAINT = 'waived_stays';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER waived_stays BEFORE INSERT OR DELETE ON arrangements_arrangementline
    FOR EACH ROW EXECUTE FUNCTION belongs_to_no_waived_plan();
-- One thing may still happen to a line: what was set aside for a dispute goes to the creditor, or back to the citizen.
CREATE TRIGGER waived_line_stays BEFORE UPDATE ON arrangements_arrangementline FOR EACH ROW
    WHEN (NEW.arrangement_id <> OLD.arrangement_id OR NEW.claim_id <> OLD.claim_id OR NEW.creditor_id <> OLD.creditor_id
        OR NEW.citizen_id <> OLD.citizen_id OR NEW.outstanding_cents <> OLD.outstanding_cents
        OR NEW.share_cents <> OLD.share_cents OR NEW.waived_cents <> OLD.waived_cents
        OR NEW.remains_cents <> OLD.remains_cents OR NEW.dischargeable <> OLD.dischargeable
        OR NEW.is_preferent <> OLD.is_preferent OR NEW.paid_cents < OLD.paid_cents
        OR NEW.paid_cents + NEW.parked_cents + NEW.returned_cents
            <> OLD.paid_cents + OLD.parked_cents + OLD.returned_cents)
    EXECUTE FUNCTION belongs_to_no_waived_plan();
CREATE TRIGGER waived_stays BEFORE INSERT OR UPDATE OR DELETE ON arrangements_installment
    FOR EACH ROW EXECUTE FUNCTION belongs_to_no_waived_plan();
CREATE TRIGGER waived_stays BEFORE INSERT ON arrangements_kwijtschelding
    FOR EACH ROW EXECUTE FUNCTION belongs_to_no_waived_plan();

-- A kwijtschelding is never of a day before everything was paid.
CREATE FUNCTION kwijtschelding_is_not_dated_back() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM arrangements_arrangement WHERE id = NEW.arrangement_id AND NEW.granted_on < fulfilled_on
    ) THEN
        RAISE EXCEPTION 'the kwijtschelding of arrangement % is dated back', NEW.arrangement_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'kwijtschelding_is_not_dated_back';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER kwijtschelding_is_not_dated_back BEFORE INSERT ON arrangements_kwijtschelding
    FOR EACH ROW EXECUTE FUNCTION kwijtschelding_is_not_dated_back();

-- After the waiver the owed ledger of a plan is closed, but for what was set aside for a dispute; and what still happens to
-- its money is never dated before the end.
CREATE FUNCTION books_of_waived_stay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM new_postings p JOIN arrangements_ledgerentry e ON e.id = p.entry_id
        JOIN arrangements_arrangement a ON a.id = p.arrangement_id
        WHERE a.state = 'waived' AND ((e.ledger = 'owed' AND e.kind NOT IN ('released', 'claim_changed')) OR e.booked_on < a.waived_on)
    ) THEN
        RAISE EXCEPTION 'the books of an arrangement that is over are closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'books_of_waived_stay';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER books_of_waived_stay AFTER INSERT ON arrangements_ledgerposting
    REFERENCING NEW TABLE AS new_postings FOR EACH STATEMENT EXECUTE FUNCTION books_of_waived_stay();
"""

UNDO = """
DROP TRIGGER books_of_waived_stay ON arrangements_ledgerposting;
DROP FUNCTION books_of_waived_stay();
DROP TRIGGER kwijtschelding_is_not_dated_back ON arrangements_kwijtschelding;
DROP FUNCTION kwijtschelding_is_not_dated_back();
DROP TRIGGER waived_stays ON arrangements_kwijtschelding;
DROP TRIGGER waived_stays ON arrangements_installment;
DROP TRIGGER waived_line_stays ON arrangements_arrangementline;
DROP TRIGGER waived_stays ON arrangements_arrangementline;
DROP FUNCTION belongs_to_no_waived_plan();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_walls"),
        ("arrangements", "0014_claims"),
        ("creditors", "0002_walls"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="document",
            name="one_document_per_kind_and_reader",
        ),
        migrations.AddField(
            model_name="beslag",
            name="letter",
            field=models.CharField(
                choices=[
                    ("income", "Beslag op loon of uitkering"),
                    ("bank", "Beslag op een bankrekening"),
                    ("goods", "Beslag op spullen"),
                    ("warning", "Een brief dat er beslag komt"),
                    ("unknown", "Niet bekend"),
                ],
                default="unknown",
                max_length=8,
                verbose_name="welke brief",
            ),
        ),
        migrations.AddField(
            model_name="creditortask",
            name="reminded_on",
            field=models.DateField(help_text="te laat: organisatie en contactpersoon hebben bericht", null=True),
        ),
        migrations.AlterField(
            model_name="document",
            name="kind",
            field=models.CharField(
                choices=[
                    ("agreement", "Overeenkomst"),
                    ("extract", "Uittreksel van de overeenkomst"),
                    ("closing", "Eindoverzicht"),
                    ("closing_extract", "Eindoverzicht voor de organisatie"),
                    ("ending", "Overzicht bij het stoppen"),
                    ("ending_extract", "Overzicht bij het stoppen voor de organisatie"),
                    ("comparison", "Vergelijking bij beslag"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(
                fields=("arrangement", "kind", "creditor", "reference"),
                name="one_document_per_kind_and_reader",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(GUARDS, UNDO),
        # Before it seizes, a creditor of the plan may see what that would bring: no income, no other creditor, only what is
        # left above the floor and totals (S10). As affordability.gate.bounds_may_be_used: at most the payslip is missing.
        rls.definer_function(
            "beslag_facts",
            "p_arrangement bigint",
            "TABLE (on_date date, capacity_low_cents bigint, capacity_high_cents bigint, open_cents bigint, months integer)",
            "SELECT s.on_date, CASE WHEN s.missing <@ '[\"taxable_income\"]'::jsonb THEN s.capacity_low_cents END, "
            "CASE WHEN s.missing <@ '[\"taxable_income\"]'::jsonb THEN s.capacity_high_cents END, "
            "(SELECT coalesce(sum(l.outstanding_cents - l.paid_cents - l.parked_cents - l.returned_cents), 0)::bigint "
            "FROM arrangements_arrangementline l "
            "WHERE l.arrangement_id = a.id), "
            "(SELECT count(*)::integer FROM arrangements_installment i WHERE i.arrangement_id = a.id "
            "AND i.state NOT IN ('paid', 'moved')) "
            "FROM arrangements_arrangement a LEFT JOIN LATERAL (SELECT * FROM arrangements_assessment t "
            "WHERE t.citizen_id = a.citizen_id ORDER BY t.id DESC LIMIT 1) s ON true "
            "WHERE a.id = p_arrangement AND EXISTS (SELECT 1 FROM arrangements_arrangementline m "
            f"WHERE m.arrangement_id = a.id AND (m.creditor_id = {CREDITOR} OR m.citizen_id = {CITIZEN}))",
        ),
    ]
