"""A creditor asks for another account number; the desk decides, the worker puts it in force."""

from django.db import migrations

from infra.db import rls


class Migration(migrations.Migration):
    dependencies = [("creditors", "0004_payouts_to_creditors"), ("infra", "0002_walls")]

    operations = [
        rls.protect(
            "creditors_ibanchange",
            read=(rls.CREDITOR,),
            write=(rls.CREDITOR, rls.DESK),
            insert=(rls.CREDITOR, rls.DESK),
        ),
    ]
