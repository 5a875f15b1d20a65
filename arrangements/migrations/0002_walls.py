"""Row level security of the core, and the doors between the parties (each is a line in the README's table)."""

from django.db import migrations

from infra.db import rls

BOTH = (rls.CITIZEN, rls.CREDITOR)
CREDITOR = rls.setting("creditor_id")
CITIZEN = rls.setting("citizen_id")


class Migration(migrations.Migration):
    dependencies = [
        ("arrangements", "0001_initial"),
        ("accounts", "0002_walls"),
        ("creditors", "0002_walls"),
        ("infra", "0002_walls"),
    ]

    operations = [
        rls.protect("arrangements_application", read=(rls.CITIZEN,), write=(rls.CITIZEN,)),
        rls.protect("arrangements_assessment", read=(rls.CITIZEN,), write=(), insert=(rls.CITIZEN,)),
        rls.append_only("arrangements_assessment"),
        rls.protect("arrangements_claim", read=BOTH, write=BOTH),
        rls.protect("arrangements_answer", read=BOTH, write=BOTH, insert=(rls.CITIZEN,)),
        rls.protect("arrangements_proposalline", read=BOTH, write=(rls.CITIZEN,)),
        rls.protect(
            "arrangements_proposal",
            read=(
                rls.CITIZEN,
                f"id IN (SELECT a.proposal_id FROM arrangements_answer a WHERE a.creditor_id = {CREDITOR})",
            ),
            write=(rls.CITIZEN,),
        ),
        rls.protect("arrangements_arrangementline", read=BOTH, write=(rls.CITIZEN,)),
        rls.protect(
            "arrangements_arrangement",
            read=(
                rls.CITIZEN,
                f"id IN (SELECT l.arrangement_id FROM arrangements_arrangementline l WHERE l.creditor_id = {CREDITOR})",
            ),
            write=(rls.CITIZEN,),
        ),
        rls.protect("arrangements_installment", read=(rls.CITIZEN,), write=(rls.CITIZEN,)),
        rls.protect("arrangements_payment", read=(rls.CITIZEN,), write=(rls.CITIZEN,)),
        rls.protect("arrangements_receipt", read=(rls.CITIZEN,), write=()),
        rls.protect("arrangements_payoutbatch", read=(rls.CREDITOR,), write=()),
        rls.protect("arrangements_payoutline", read=(rls.CREDITOR,), write=()),
        rls.protect("arrangements_kwijtschelding", read=BOTH, write=()),
        rls.append_only("arrangements_kwijtschelding"),
        rls.protect("arrangements_document", read=BOTH, write=(), insert=(rls.CITIZEN,)),
        rls.append_only("arrangements_document"),
        rls.protect(
            "arrangements_casetask",
            read=(rls.CITIZEN, f"assigned_to_id = {rls.setting('coach_id')}"),
            write=(rls.CITIZEN, f"assigned_to_id = {rls.setting('coach_id')}"),
        ),
        # A webhook comes without a login; reading it back is the worker's work.
        rls.protect("arrangements_providerevent", read=(), write=(), insert=(rls.EVERYBODY,)),
        # --- doors -------------------------------------------------------------------------------------------------
        rls.definer_function(
            "uploaded_claim_by_invitation",
            "p_hash text",
            "SETOF creditors_uploadedclaim",
            "SELECT u.* FROM creditors_uploadedclaim u "
            f"WHERE u.invitation_hash = p_hash AND u.matched_at IS NULL AND {CITIZEN} IS NOT NULL",
        ),
        rls.definer_function(
            "uploaded_claims_for_me",
            "",
            "SETOF creditors_uploadedclaim",
            # Anchor and consent are looked up here, not believed: without both, nothing is shown.
            "SELECT u.* FROM creditors_uploadedclaim u WHERE u.matched_at IS NULL AND u.match_key IN ("
            "SELECT c.match_key FROM accounts_citizen c "
            f"WHERE c.id = {CITIZEN} AND c.match_key <> '' "
            "AND EXISTS (SELECT 1 FROM accounts_identityanchor n WHERE n.citizen_id = c.id) "
            "AND EXISTS (SELECT 1 FROM arrangements_application a WHERE a.citizen_id = c.id "
            "AND a.closed_at IS NULL AND a.consent_at IS NOT NULL))",
        ),
        rls.definer_function(
            "claim_balances",
            "",
            "TABLE (claim_id bigint, outstanding_cents bigint, paid_cents bigint, waived_cents bigint)",
            "SELECT p.claim_id, "
            "sum(CASE WHEN p.account = 100 THEN p.debit_cents - p.credit_cents ELSE 0 END)::bigint, "
            "sum(CASE WHEN p.account = 200 THEN p.debit_cents - p.credit_cents ELSE 0 END)::bigint, "
            "sum(CASE WHEN p.account = 300 THEN p.debit_cents - p.credit_cents ELSE 0 END)::bigint "
            "FROM arrangements_ledgerposting p JOIN arrangements_ledgerentry e ON e.id = p.entry_id AND e.ledger = 'owed' "
            "WHERE p.claim_id IN (SELECT c.id FROM arrangements_claim c "
            f"WHERE c.citizen_id = {CITIZEN} OR c.creditor_id = {CREDITOR}) GROUP BY p.claim_id",
        ),
        rls.definer_function(
            "answers_so_far",
            "p_proposal bigint",
            "TABLE (asked bigint, accepted bigint, refused bigint)",
            "SELECT count(*), count(*) FILTER (WHERE a.state = 'accepted'), count(*) FILTER (WHERE a.state = 'refused') "
            "FROM arrangements_answer a WHERE a.proposal_id = p_proposal AND EXISTS (SELECT 1 FROM arrangements_answer m "
            f"WHERE m.proposal_id = p_proposal AND (m.creditor_id = {CREDITOR} OR m.citizen_id = {CITIZEN}))",
        ),
    ]
