"""What the citizen may do to an answer: reply to a question, and ask once to look again. Everything else is the creditor's."""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION answer_is_the_creditors() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
DECLARE
    before text := 'open';
    the_creditor boolean :=
        nullif(current_setting('app.creditor_id', true), '')::bigint IS NOT DISTINCT FROM NEW.creditor_id;
BEGIN
    IF current_user IN ('eenplan_worker', 'eenplan_owner') THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        before := OLD.state;
        IF NEW.proposal_id <> OLD.proposal_id OR NEW.citizen_id <> OLD.citizen_id OR NEW.creditor_id <> OLD.creditor_id
            OR NEW.outstanding_cents <> OLD.outstanding_cents OR NEW.share_cents <> OLD.share_cents
            OR NEW.waived_cents <> OLD.waived_cents
        THEN
            RAISE EXCEPTION 'an answer stays with its proposal and its parties' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF the_creditor AND (NEW.reply <> OLD.reply OR NEW.replied_on IS DISTINCT FROM OLD.replied_on
            OR NEW.reconsideration_on IS DISTINCT FROM OLD.reconsideration_on
            OR NEW.reconsideration_note <> OLD.reconsideration_note)
        THEN
            RAISE EXCEPTION 'what the citizen says is said by the citizen' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NOT the_creditor AND (NEW.question <> OLD.question OR NEW.refusal_code <> OLD.refusal_code
            OR NEW.refusal_note <> OLD.refusal_note OR NEW.seen_hash <> OLD.seen_hash OR NEW.why <> OLD.why
            OR NEW.claimed_balance_cents IS DISTINCT FROM OLD.claimed_balance_cents
            OR NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id
            OR NEW.decided_by_policy_id IS DISTINCT FROM OLD.decided_by_policy_id
            OR NEW.decided_at IS DISTINCT FROM OLD.decided_at OR NEW.decided_on IS DISTINCT FROM OLD.decided_on)
        THEN
            RAISE EXCEPTION 'what the creditor says is said by the creditor' USING ERRCODE = 'insufficient_privilege';
        END IF;
        -- The citizen answered the one question there may be, or asks, once, to look again: it is the creditor's turn.
        IF NOT the_creditor AND OLD.state = 'question' AND NEW.state = 'open' AND OLD.reply = '' AND NEW.reply <> '' THEN
            RETURN NEW;
        END IF;
        IF NOT the_creditor AND OLD.state = 'refused' AND NEW.state = 'reconsideration'
            AND OLD.reconsideration_on IS NULL AND NEW.reconsideration_on IS NOT NULL
        THEN
            RETURN NEW;
        END IF;
    END IF;
    IF NEW.state <> before AND NOT the_creditor THEN
        RAISE EXCEPTION 'an answer is given by its creditor' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
"""

UNDO = """
CREATE OR REPLACE FUNCTION answer_is_the_creditors() RETURNS trigger LANGUAGE plpgsql
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
"""


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0016_stand_in_and_bewind")]

    operations = [migrations.RunSQL(GUARD, UNDO)]
