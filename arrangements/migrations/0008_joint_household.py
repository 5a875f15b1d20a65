"""Two partners who take part together: only doors write who belongs together and what is shared (features C30)."""

from django.db import migrations

from infra.db import rls

ME = rls.setting("citizen_id")

# The household of the asking citizen: `m` is the own row, `o` that of the partner.
TOGETHER = (
    "arrangements_householdmember m JOIN arrangements_householdmember o "
    "ON o.household = m.household AND o.left_on IS NULL AND o.citizen_id <> m.citizen_id"
)
USABLE = "i.code_hash = p_hash AND i.used_at IS NULL AND i.expires_at > clock_timestamp()"
# A claim that is gone binds nobody any more.
STANDS = "c.state NOT IN ('withdrawn', 'transferred')"

# Whether the partner takes part is asked again of both, of whatever is being filled in now.
ASK_AGAIN = (
    "UPDATE arrangements_application a SET partner_takes_part = NULL, "
    "entered_by = a.entered_by - 'partner_takes_part', updated_at = clock_timestamp() "
    "WHERE a.closed_at IS NULL AND a.citizen_id IN "
)

# With a policy of their own the web role could put itself in any household, or show a claim to anybody.
ONLY_BY_DOORS = """
DROP POLICY arrangements_householdmember_insert ON arrangements_householdmember;
DROP POLICY arrangements_householdmember_update ON arrangements_householdmember;
DROP POLICY arrangements_householdmember_delete ON arrangements_householdmember;
DROP POLICY arrangements_codebtor_insert ON arrangements_codebtor;
"""
BY_THE_CITIZEN = f"""
CREATE POLICY arrangements_householdmember_insert ON arrangements_householdmember FOR INSERT TO eenplan_app
    WITH CHECK ({rls.CITIZEN});
CREATE POLICY arrangements_householdmember_update ON arrangements_householdmember FOR UPDATE TO eenplan_app
    USING ({rls.CITIZEN}) WITH CHECK ({rls.CITIZEN});
CREATE POLICY arrangements_householdmember_delete ON arrangements_householdmember FOR DELETE TO eenplan_app
    USING ({rls.CITIZEN});
CREATE POLICY arrangements_codebtor_insert ON arrangements_codebtor FOR INSERT TO eenplan_app WITH CHECK (
    claim_id IN (SELECT c.id FROM arrangements_claim c WHERE c.citizen_id = {ME})
);
"""


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0007_official_papers"), ("accounts", "0002_walls")]

    operations = [
        migrations.RunSQL(ONLY_BY_DOORS, BY_THE_CITIZEN),
        rls.definer_function(
            "join_household",
            "p_hash text, p_today date",
            "TABLE (household uuid, member_id bigint)",
            # Both citizens are held first, in one order (operations.lock_household has the same names): what one of them
            # is sending at this moment counts for the other from the start.
            "SELECT pg_advisory_xact_lock(hashtextextended('citizen:' || who.id, 0)) FROM ("
            f"SELECT i.citizen_id AS id FROM arrangements_householdinvitation i WHERE {USABLE} "
            f"UNION SELECT {ME} WHERE {ME} IS NOT NULL ORDER BY 1) who; "
            # Two people at most, nobody in two households, and a code opens nothing for its own maker.
            "WITH code AS MATERIALIZED (UPDATE arrangements_householdinvitation i SET used_at = clock_timestamp() "
            f"WHERE {USABLE} AND i.citizen_id <> {ME} AND NOT EXISTS (SELECT 1 FROM arrangements_householdmember m "
            f"WHERE m.left_on IS NULL AND m.citizen_id IN (i.citizen_id, {ME})) "
            "RETURNING i.citizen_id, gen_random_uuid() AS household), "
            "made AS (INSERT INTO arrangements_householdmember (household, citizen_id, joined_on, created_at) "
            "SELECT code.household, who.id, p_today, clock_timestamp() FROM code "
            f"CROSS JOIN LATERAL (VALUES (code.citizen_id), ({ME})) AS who (id) RETURNING household, citizen_id), "
            f"asked AS ({ASK_AGAIN} (SELECT made.citizen_id FROM made)) "
            "SELECT made.household, made.citizen_id FROM made",
            writes=True,
        ),
        rls.definer_function(
            "leave_household",
            "p_today date",
            "TABLE (household uuid, member_id bigint)",
            "WITH gone AS (UPDATE arrangements_householdmember o SET left_on = p_today WHERE o.left_on IS NULL "
            "AND o.household = (SELECT m.household FROM arrangements_householdmember m "
            f"WHERE m.citizen_id = {ME} AND m.left_on IS NULL) RETURNING o.household, o.citizen_id), "
            f"asked AS ({ASK_AGAIN} (SELECT gone.citizen_id FROM gone)) "
            "SELECT gone.household, gone.citizen_id FROM gone",
            writes=True,
        ),
        rls.definer_function(
            "household_partner",
            "",
            "TABLE (first_name text, identified boolean)",
            "SELECT c.first_name::text, EXISTS (SELECT 1 FROM accounts_identityanchor n WHERE n.citizen_id = c.id) "
            f"FROM {TOGETHER} JOIN accounts_citizen c ON c.id = o.citizen_id "
            f"WHERE m.citizen_id = {ME} AND m.left_on IS NULL",
        ),
        rls.definer_function(
            "share_claim",
            "p_claim bigint, p_ground text, p_today date",
            "TABLE (sharing_id bigint, partner_id bigint)",
            # An own claim, to the partner of now, and only when we know of both who they are.
            "INSERT INTO arrangements_codebtor AS d (claim_id, citizen_id, ground, since, created_at) "
            "SELECT c.id, o.citizen_id, p_ground, p_today, clock_timestamp() "
            f"FROM arrangements_claim c JOIN ({TOGETHER}) ON m.citizen_id = c.citizen_id AND m.left_on IS NULL "
            f"WHERE c.id = p_claim AND c.citizen_id = {ME} AND {STANDS} "
            "AND EXISTS (SELECT 1 FROM accounts_identityanchor n WHERE n.citizen_id = m.citizen_id) "
            "AND EXISTS (SELECT 1 FROM accounts_identityanchor n WHERE n.citizen_id = o.citizen_id) "
            "ON CONFLICT (claim_id, citizen_id) DO UPDATE SET ground = EXCLUDED.ground RETURNING d.id, d.citizen_id",
            writes=True,
        ),
        rls.definer_function(
            "stop_sharing_claim",
            "p_claim bigint",
            "TABLE (sharing_id bigint, partner_id bigint)",
            "DELETE FROM arrangements_codebtor d USING arrangements_claim c WHERE d.claim_id = p_claim "
            f"AND c.id = d.claim_id AND c.citizen_id = {ME} RETURNING d.id, d.citizen_id",
            writes=True,
        ),
        rls.definer_function(
            "shared_claims",
            "",
            "TABLE (public_id uuid, mine boolean, creditor_name text, reference text, outstanding_cents bigint, "
            "ground text, since date)",
            # What is open comes from the books once they are open, else from the creditor, else from who told it.
            f"SELECT c.public_id, c.citizen_id = {ME}, e.name::text, c.reference::text, coalesce(("
            "SELECT sum(p.debit_cents - p.credit_cents)::bigint FROM arrangements_ledgerposting p "
            "JOIN arrangements_ledgerentry l ON l.id = p.entry_id AND l.ledger = 'owed' "
            "WHERE p.claim_id = c.id AND p.account = 100), c.confirmed_cents, c.told_cents), d.ground::text, d.since "
            "FROM arrangements_codebtor d JOIN arrangements_claim c ON c.id = d.claim_id "
            "JOIN creditors_creditor e ON e.id = c.creditor_id "
            f"WHERE (c.citizen_id = {ME} OR d.citizen_id = {ME}) AND {STANDS} ORDER BY e.name, c.id",
        ),
    ]
