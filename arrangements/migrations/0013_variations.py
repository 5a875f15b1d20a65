"""The doors of variations: of the others only numbers, and whether who was left out may still come in."""

from django.db import migrations

from infra.db import rls

CITIZEN, CREDITOR = rls.setting("citizen_id"), rls.setting("creditor_id")


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0012_history")]

    operations = [
        rls.definer_function(
            "variation_facts",
            "p_variation bigint",
            "TABLE (asked bigint, accepted bigint, refused bigint, is_current boolean, reference varchar, "
            "monthly_cents bigint, pot_cents bigint, received_cents bigint, total_cents bigint, creditor_count integer, "
            "last_due_date date)",
            "SELECT count(c.id), count(c.id) FILTER (WHERE c.state = 'accepted'), "
            "count(c.id) FILTER (WHERE c.state = 'refused'), a.version = v.plan_number AND v.state = 'proposed', "
            "a.payment_reference, a.monthly_cents, a.pot_cents, a.received_cents, a.total_cents, a.creditor_count, "
            "(SELECT max(i.due_date) FROM arrangements_installment i WHERE i.arrangement_id = a.id AND i.state <> 'moved') "
            "FROM arrangements_variation v JOIN arrangements_arrangement a ON a.id = v.arrangement_id "
            "LEFT JOIN arrangements_consent c ON c.variation_id = v.id WHERE v.id = p_variation AND "
            f"(v.citizen_id = {CITIZEN} OR EXISTS (SELECT 1 FROM arrangements_consent m WHERE m.variation_id = v.id "
            f"AND m.creditor_id = {CREDITOR})) GROUP BY v.id, a.id",
        ),
        # Left out when the plan was made, and that plan runs: the creditor cannot see the plan itself.
        rls.definer_function(
            "may_join_later",
            "p_answer bigint",
            "boolean",
            "SELECT EXISTS (SELECT 1 FROM arrangements_answer w JOIN arrangements_proposal p ON p.id = w.proposal_id "
            "JOIN arrangements_proposal q ON q.application_id = p.application_id "
            "JOIN arrangements_arrangement a ON a.proposal_id = q.id AND a.state IN ('active', 'paused', 'suspended') "
            f"WHERE w.id = p_answer AND w.creditor_id = {CREDITOR} AND w.left_out_on IS NOT NULL AND w.share_cents > 0 "
            "AND NOT EXISTS (SELECT 1 FROM arrangements_arrangementline l WHERE l.arrangement_id = a.id "
            "AND l.creditor_id = w.creditor_id) AND NOT EXISTS (SELECT 1 FROM arrangements_variation v "
            "JOIN arrangements_consent c ON c.variation_id = v.id WHERE v.arrangement_id = a.id AND v.state = 'proposed' "
            "AND c.creditor_id = w.creditor_id))",
        ),
    ]
