"""Who may write norms and reruns: the desk its drafts, a second person the approval, the worker the reruns; nobody else."""

from django.db import migrations

from infra.db import rls

USER = rls.setting("user_id")

# A draft carries the name of whoever wrote it last; an approval that of whoever gives it. The web role cannot write another.
DRAFT = f"({rls.DESK}) AND approved_at IS NULL AND entered_by_id = {USER}"
APPROVAL = f"({rls.DESK}) AND approved_at IS NOT NULL AND approved_by_id = {USER} AND entered_by_id <> {USER}"

WALLS = f"""
DROP POLICY arrangements_normsentry_insert ON arrangements_normsentry;
DROP POLICY arrangements_normsentry_update ON arrangements_normsentry;
CREATE POLICY arrangements_normsentry_insert ON arrangements_normsentry FOR INSERT TO eenplan_app WITH CHECK ({DRAFT});
CREATE POLICY arrangements_normsentry_update ON arrangements_normsentry FOR UPDATE TO eenplan_app
    USING ({rls.DESK}) WITH CHECK (({DRAFT}) OR ({APPROVAL}));
REVOKE DELETE, TRUNCATE ON arrangements_normsentry FROM eenplan_app, eenplan_worker, eenplan_read;
REVOKE DELETE, TRUNCATE ON arrangements_normsrerun FROM eenplan_app, eenplan_worker, eenplan_read;
REVOKE DELETE, TRUNCATE ON arrangements_normsrerunline FROM eenplan_app, eenplan_worker, eenplan_read;
CREATE TRIGGER arrangements_normsentry_no_truncate BEFORE TRUNCATE ON arrangements_normsentry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Norms begin as a draft, whoever writes the row: what is approved at birth was never looked at by a second person.
CREATE FUNCTION norms_begin_as_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.approved_at IS NOT NULL THEN
        RAISE EXCEPTION 'norms of % must be entered before they are approved', NEW.starts
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER norms_begin_as_draft BEFORE INSERT ON arrangements_normsentry
    FOR EACH ROW EXECUTE FUNCTION norms_begin_as_draft();
"""

UNDO = """
DROP TRIGGER norms_begin_as_draft ON arrangements_normsentry;
DROP FUNCTION norms_begin_as_draft();
DROP TRIGGER arrangements_normsentry_no_truncate ON arrangements_normsentry;
"""


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0005_affordability_walls")]

    operations = [
        # Approved norms are everybody's; a draft is the desk's.
        rls.protect("arrangements_normsentry", read=("approved_at IS NOT NULL",), write=()),
        rls.protect("arrangements_normsrerun", read=(), write=()),
        migrations.RunSQL(WALLS, UNDO),
    ]
