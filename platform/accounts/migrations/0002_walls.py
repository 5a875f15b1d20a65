"""Row level security, and the doors a person without a role yet may knock on with a code."""

from django.db import migrations

from infra.db import rls

OWN_ROW = f"id = {rls.setting('citizen_id')}"
CLIENT_OF_COACH = (
    f"id IN (SELECT m.citizen_id FROM accounts_mandate m WHERE m.coach_id = {rls.setting('coach_id')} "
    "AND m.ended_at IS NULL)"
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("infra", "0002_walls")]

    operations = [
        rls.protect("accounts_mandate", read=(rls.CITIZEN, rls.COACH), write=(rls.CITIZEN,)),
        rls.protect("accounts_citizen", read=(OWN_ROW, rls.USER, CLIENT_OF_COACH), write=(OWN_ROW, rls.USER)),
        rls.protect("accounts_identityanchor", read=(rls.CITIZEN,), write=(rls.CITIZEN,)),
        rls.protect("accounts_mandateinvitation", read=(rls.COACH,), write=(rls.COACH,)),
        rls.protect("accounts_papercode", read=(rls.CITIZEN,), write=(rls.CITIZEN,)),
        rls.definer_function(
            "open_mandate_invitation",
            "p_hash text",
            "TABLE (coach_id bigint, valid_months smallint)",
            "SELECT i.coach_id, i.valid_months FROM accounts_mandateinvitation i "
            "WHERE i.code_hash = p_hash AND i.used_at IS NULL AND i.expires_at > now()",
        ),
        rls.definer_function(
            "use_mandate_invitation",
            "p_hash text, p_mandate bigint",
            "TABLE (papers_seen boolean)",
            # The mandate must be the asking citizen's own: a code cannot be spent for somebody else.
            "UPDATE accounts_mandateinvitation i SET used_at = now(), mandate_id = p_mandate "
            "WHERE i.code_hash = p_hash AND i.used_at IS NULL AND i.expires_at > now() "
            "AND EXISTS (SELECT 1 FROM accounts_mandate m WHERE m.id = p_mandate AND m.coach_id = i.coach_id "
            f"AND m.citizen_id = {rls.setting('citizen_id')}) RETURNING i.papers_seen",
            writes=True,
        ),
        rls.definer_function(
            "redeem_paper_code",
            "p_hash text",
            "TABLE (user_id bigint)",
            "UPDATE accounts_papercode p SET used_at = now() FROM accounts_citizen c "
            "WHERE p.code_hash = p_hash AND p.used_at IS NULL AND p.expires_at > now() AND c.id = p.citizen_id "
            "RETURNING c.user_id",
            writes=True,
        ),
    ]
