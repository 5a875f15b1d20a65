"""Row level security of the creditors' side."""

from django.db import migrations

from infra.db import rls

OWN_ORGANISATION = f"id = {rls.setting('creditor_id')}"
# A name a citizen typed is seen by that citizen alone: it may say more than a name should.
NAMED_BY_ME = f"named_by_citizen_id = {rls.setting('citizen_id')}"


class Migration(migrations.Migration):
    dependencies = [("creditors", "0001_initial"), ("infra", "0002_walls")]

    operations = [
        rls.protect(
            "creditors_creditor",
            read=("named_by_citizen_id IS NULL", NAMED_BY_ME, OWN_ORGANISATION),
            write=(OWN_ORGANISATION, rls.DESK),
            insert=(f"{NAMED_BY_ME} AND NOT participates", rls.DESK),
        ),
        rls.protect("creditors_creditormember", read=(rls.CREDITOR, rls.USER), write=(rls.CREDITOR, rls.DESK)),
        rls.protect("creditors_acceptancepolicy", read=(rls.CREDITOR,), write=(rls.CREDITOR,)),
        rls.protect("creditors_claimimport", read=(rls.CREDITOR,), write=(rls.CREDITOR,)),
        rls.protect("creditors_uploadedclaim", read=(rls.CREDITOR,), write=(rls.CREDITOR,)),
    ]
