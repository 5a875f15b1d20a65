"""What a month for the whole country needs: guards per statement instead of per row, and room for tables of one transaction.

The worker may make temporary tables (`infra.db.roles`). PostgreSQL looks among those first unless told otherwise, so every
function that runs with the owner's rights now looks there last.
"""

import django.db.models.deletion
from django.db import migrations, models

UNSHADOWED = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN
        SELECT p.oid::regprocedure AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'public' AND p.prosecdef AND pg_get_userbyid(p.proowner) = current_user
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, public, pg_temp', found.name);
    END LOOP;
END $$;
"""

GUARDS = """
-- Looks at an arrangement again only when something changes of what it looks at.
DROP TRIGGER arrangement_is_covered ON arrangements_arrangement;
CREATE TRIGGER arrangement_is_covered
    BEFORE INSERT OR UPDATE OF monthly_cents, proposal_id, citizen_id ON arrangements_arrangement
    FOR EACH ROW EXECUTE FUNCTION arrangement_is_covered();

-- The same rule as before, once per statement: a month changes every line there is.
CREATE FUNCTION waived_lines_stay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE which bigint;
BEGIN
    SELECT n.arrangement_id INTO which
    FROM lines_after n JOIN arrangements_arrangement a ON a.id = n.arrangement_id JOIN lines_before o ON o.id = n.id
    WHERE a.state = 'waived' AND (n.arrangement_id <> o.arrangement_id OR n.claim_id <> o.claim_id
        OR n.creditor_id <> o.creditor_id OR n.citizen_id <> o.citizen_id OR n.outstanding_cents <> o.outstanding_cents
        OR n.share_cents <> o.share_cents OR n.waived_cents <> o.waived_cents OR n.remains_cents <> o.remains_cents
        OR n.dischargeable <> o.dischargeable OR n.is_preferent <> o.is_preferent OR n.paid_cents < o.paid_cents
        OR n.paid_cents + n.parked_cents + n.returned_cents <> o.paid_cents + o.parked_cents + o.returned_cents)
    LIMIT 1;
    IF which IS NOT NULL THEN
        RAISE EXCEPTION 'arrangement % is over', which USING ERRCODE = 'check_violation', CONSTRAINT = 'waived_stays';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER waived_line_stays ON arrangements_arrangementline;
CREATE TRIGGER waived_line_stays AFTER UPDATE ON arrangements_arrangementline
    REFERENCING OLD TABLE AS lines_before NEW TABLE AS lines_after
    FOR EACH STATEMENT EXECUTE FUNCTION waived_lines_stay();
"""

PAYOUTS = """
-- The references of payout lines, proven per statement: a month writes one for every claim there is.
CREATE FUNCTION payout_lines_belong() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM new_lines p
        LEFT JOIN arrangements_arrangementline l
            ON l.claim_id = p.claim_id AND l.arrangement_id = p.arrangement_id AND l.creditor_id = p.creditor_id
        LEFT JOIN arrangements_payoutbatch b ON b.id = p.batch_id AND b.creditor_id = p.creditor_id
        WHERE l.id IS NULL OR b.id IS NULL
    ) THEN
        RAISE EXCEPTION 'a payout line is of no claim in an arrangement, or of another creditor than its payout'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'payout_lines_belong';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER payout_lines_belong AFTER INSERT ON arrangements_payoutline
    REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION payout_lines_belong();
-- Nobody looks for the beginning of an end-to-end id.
DO $$
DECLARE found text;
BEGIN
    FOR found IN SELECT indexname FROM pg_indexes
        WHERE schemaname = 'public' AND tablename = 'arrangements_payoutline' AND indexname LIKE '%end_to_end_id%_like'
    LOOP
        EXECUTE format('DROP INDEX public.%I', found);
    END LOOP;
END $$;
"""

# Per header at the end of the transaction. Planned once, not for every header again.
HEADERS = "ALTER FUNCTION ledger_entry_balances() SET plan_cache_mode = force_generic_plan;"


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0031_remittance")]

    operations = [
        migrations.RunSQL(GUARDS),
        *(
            migrations.AlterField(
                "payoutline",
                name,
                models.ForeignKey(
                    db_constraint=False,
                    db_index=name != "batch",
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name=related,
                    to=to,
                ),
            )
            for name, related, to in (
                ("batch", "lines", "arrangements.payoutbatch"),
                ("creditor", "+", "creditors.creditor"),
                ("claim", "payout_lines", "arrangements.claim"),
                ("arrangement", "payout_lines", "arrangements.arrangement"),
            )
        ),
        migrations.RunSQL(PAYOUTS),
        migrations.RunSQL(HEADERS),
        migrations.RunSQL(UNSHADOWED),
    ]
