"""Row level security and the append-only audit line."""

from django.db import migrations

from infra.db import rls

MINE = (rls.CITIZEN, rls.CREDITOR)


class Migration(migrations.Migration):
    dependencies = [("infra", "0001_initial")]

    operations = [
        rls.REFUSE_CHANGE,
        # Everybody writes a line, the desk reads, nobody changes.
        rls.protect("infra_auditline", read=(), write=(), insert=(rls.EVERYBODY,)),
        rls.append_only("infra_auditline"),
        rls.protect("infra_message", read=MINE, write=(), insert=(rls.EVERYBODY,)),
        rls.protect("infra_job", read=(*MINE, rls.USER), write=(), insert=(rls.EVERYBODY,)),
        # What the check of all books found, for a visitor of the demo without a login. The number of the job is the key.
        rls.definer_function(
            "books_check",
            "p_job uuid",
            "TABLE (state text, result jsonb)",
            "SELECT j.state::text, j.result FROM infra_job j WHERE j.id = p_job AND j.kind = 'check_books'",
        ),
    ]
