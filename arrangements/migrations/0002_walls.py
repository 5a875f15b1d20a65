"""Row level security of the core, and the doors between the parties (each is a line in the README's table)."""

from django.db import migrations

from infra.db import rls

BOTH = (rls.CITIZEN, rls.CREDITOR)
CREDITOR = rls.setting("creditor_id")
CITIZEN = rls.setting("citizen_id")
# Somebody else's claim from the moment it was taken over, also before the worker has marked the row.
NOT_TAKEN = (
    "u.matched_at IS NULL AND NOT EXISTS (SELECT 1 FROM arrangements_claim t "
    f"WHERE t.uploaded_claim_id = u.id AND t.citizen_id <> {CITIZEN})"
)


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
        # How made-up households pay is of the time machine only.
        rls.protect("arrangements_demopayer", read=(), write=()),
        # --- doors -------------------------------------------------------------------------------------------------
        rls.definer_function(
            "uploaded_claim_by_invitation",
            "p_hash text",
            "SETOF creditors_uploadedclaim",
            "SELECT u.* FROM creditors_uploadedclaim u "
            f"WHERE u.invitation_hash = p_hash AND {NOT_TAKEN} AND {CITIZEN} IS NOT NULL",
        ),
        rls.definer_function(
            "uploaded_claims_for_me",
            "",
            "SETOF creditors_uploadedclaim",
            # Anchor and consent are looked up here, not believed: without both, nothing is shown.
            f"SELECT u.* FROM creditors_uploadedclaim u WHERE {NOT_TAKEN} AND u.match_key IN ("
            "SELECT c.match_key FROM accounts_citizen c "
            f"WHERE c.id = {CITIZEN} AND c.match_key <> '' "
            "AND EXISTS (SELECT 1 FROM accounts_identityanchor n WHERE n.citizen_id = c.id) "
            "AND EXISTS (SELECT 1 FROM arrangements_application a WHERE a.citizen_id = c.id "
            "AND a.closed_at IS NULL AND a.consent_at IS NOT NULL))",
        ),
        # Which balances a creditor is asked for: never on the word of somebody who only typed a name (architecture.md,
        # "Who may see which debts"). Anchor and consent are the citizen's rows, so a creditor learns only the outcome.
        rls.definer_function(
            "balance_requests_open",
            "",
            "SETOF bigint",
            "SELECT c.id FROM arrangements_claim c "
            f"WHERE c.creditor_id = {CREDITOR} AND c.state IN ('reported', 'disputed') "
            "AND (c.uploaded_claim_id IS NOT NULL OR ("
            "EXISTS (SELECT 1 FROM accounts_identityanchor n WHERE n.citizen_id = c.citizen_id) "
            "AND EXISTS (SELECT 1 FROM arrangements_application a WHERE a.citizen_id = c.citizen_id "
            "AND a.consent_at IS NOT NULL)))",
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
        rls.definer_function(
            "caseload_signals",
            "",
            "TABLE (citizen_id bigint, refused bigint, silent bigint, missed bigint, verdict text, has_draft boolean, "
            "to_sign boolean, touched_on date)",
            # Signals without an amount or a name, for the clients of the asking coach only.
            "SELECT m.citizen_id, "
            "(SELECT count(*) FROM arrangements_answer w JOIN arrangements_proposal p ON p.id = w.proposal_id "
            "WHERE w.citizen_id = m.citizen_id AND p.state = 'submitted' AND w.left_out_on IS NULL AND w.state = 'refused'), "
            "(SELECT count(*) FROM arrangements_answer w JOIN arrangements_proposal p ON p.id = w.proposal_id "
            "WHERE w.citizen_id = m.citizen_id AND p.state = 'submitted' AND w.left_out_on IS NULL "
            "AND w.state = 'unanswered'), "
            "(SELECT count(*) FROM arrangements_installment i WHERE i.citizen_id = m.citizen_id AND i.state = 'missed'), "
            "CASE WHEN form.id IS NULL THEN NULL ELSE (SELECT s.verdict FROM arrangements_assessment s "
            "WHERE s.citizen_id = m.citizen_id ORDER BY s.id DESC LIMIT 1) END, "
            "EXISTS (SELECT 1 FROM arrangements_proposal p WHERE p.citizen_id = m.citizen_id AND p.state = 'draft'), "
            "EXISTS (SELECT 1 FROM arrangements_proposal p WHERE p.citizen_id = m.citizen_id AND p.state = 'agreed' "
            "AND NOT EXISTS (SELECT 1 FROM arrangements_arrangement r WHERE r.proposal_id = p.id)), "
            "(SELECT max(l.business_date) FROM infra_auditline l "
            "WHERE l.object_type = 'application' AND l.object_id = form.id::text) "
            "FROM accounts_mandate m LEFT JOIN arrangements_application form "
            "ON form.citizen_id = m.citizen_id AND form.closed_at IS NULL "
            f"WHERE m.coach_id = {rls.setting('coach_id')} AND m.ended_at IS NULL",
        ),
        # The pay link works without a login: who holds the token learns the amount, the month and the last four digits.
        rls.definer_function(
            "installment_by_token",
            "p_token uuid",
            "TABLE (installment_id bigint, citizen_id bigint, open_cents bigint, due_date date, number integer, "
            "state varchar, arrangement_state varchar, reference_tail text)",
            "SELECT i.id, i.citizen_id, i.amount_cents - i.paid_cents, i.due_date, i.number::integer, i.state, a.state, "
            "right(a.payment_reference, 4) "
            "FROM arrangements_installment i JOIN arrangements_arrangement a ON a.id = i.arrangement_id "
            "WHERE i.pay_token = p_token",
        ),
        # Back from the bank, without a login: how this one payment went, and nothing about the person.
        rls.definer_function(
            "payment_by_public_id",
            "p_payment uuid",
            "TABLE (state varchar, amount_cents bigint, due_date date, number integer, pay_token uuid, reference_tail text)",
            "SELECT p.state, p.amount_cents, i.due_date, i.number::integer, i.pay_token, right(a.payment_reference, 4) "
            "FROM arrangements_payment p JOIN arrangements_arrangement a ON a.id = p.arrangement_id "
            "LEFT JOIN arrangements_installment i ON i.id = p.installment_id WHERE p.public_id = p_payment",
        ),
        # How a share is computed can be checked by every creditor: totals and counts of all, never a name (S3, 6.2).
        rls.definer_function(
            "proposal_totals",
            "p_proposal bigint",
            "TABLE (claims bigint, total_cents bigint, preferent_claims bigint, preferent_cents bigint)",
            "SELECT count(*), sum(l.outstanding_cents)::bigint, count(*) FILTER (WHERE l.is_preferent), "
            "coalesce(sum(l.outstanding_cents) FILTER (WHERE l.is_preferent), 0)::bigint "
            "FROM arrangements_proposalline l WHERE l.proposal_id = p_proposal AND EXISTS (SELECT 1 "
            "FROM arrangements_answer m WHERE m.proposal_id = p_proposal "
            f"AND (m.creditor_id = {CREDITOR} OR m.citizen_id = {CITIZEN}))",
        ),
        # How far the time machine is: a date and two numbers, of nobody. The row itself belongs to whoever pressed.
        rls.definer_function(
            "advance_progress",
            "",
            "TABLE (state varchar, done integer, total integer, progress varchar)",
            "SELECT j.state, j.progress_done, j.progress_total, j.progress_text FROM infra_job j "
            "WHERE j.kind = 'advance' ORDER BY j.created_at DESC LIMIT 1",
        ),
    ]
