"""The log of one case, for the citizen (and whoever acts for them): a door, because the log itself is nobody's to read."""

from django.db import migrations

from infra.db import rls

CITIZEN = rls.setting("citizen_id")

# Who, and about which organisation, as a name; never a user's e-mail address. The details of a line stay inside.
LINES = """
SELECT l.at, l.business_date, l.action::text, l.object_type::text, l.object_id::text, l.from_state::text, l.to_state::text,
    l.reason, coalesce(w.name, d.name, o.name, '')::text, coalesce(l.actor_user_id = c.user_id AND l.actor_coach_id IS NULL, false),
    coalesce(k.name, '')::text,
    CASE l.object_type
        WHEN 'installment' THEN (SELECT i.number FROM arrangements_installment i WHERE i.id::text = l.object_id)
        WHEN 'proposal' THEN (SELECT p.version FROM arrangements_proposal p WHERE p.id::text = l.object_id)
    END::integer
FROM infra_auditline l JOIN accounts_citizen c ON c.id = l.citizen_id
LEFT JOIN accounts_caseworker w ON w.id = l.actor_coach_id
LEFT JOIN accounts_caseworker d ON d.user_id = l.actor_user_id AND l.actor_coach_id IS NULL
LEFT JOIN creditors_creditormember m ON m.user_id = l.actor_user_id
LEFT JOIN creditors_creditor o ON o.id = m.creditor_id
LEFT JOIN creditors_creditor k ON k.id = l.creditor_id
WHERE l.citizen_id = p_citizen AND ({allowed})
ORDER BY l.at, l.id
"""


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0011_lifecycle_walls")]

    operations = [
        rls.definer_function(
            "case_history",
            "p_citizen bigint",
            "TABLE (at timestamptz, business_date date, action text, object_type text, object_id text, from_state text, "
            "to_state text, reason text, who text, by_citizen boolean, creditor text, number integer)",
            # The worker prints any case; the desk reads the log anyhow; the web role only the citizen it acts for.
            LINES.format(
                allowed=f"p_citizen = {CITIZEN} OR {rls.DESK} OR session_user = 'eenplan_worker' "
                "OR current_setting('role', true) = 'eenplan_worker'"
            ),
        ),
    ]
