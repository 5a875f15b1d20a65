"""The bank's file belongs to a run, no longer to one creditor: the old name makes room."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0021_ledger_by_month"), ("creditors", "0003_who_collects")]

    operations = [migrations.RenameField(model_name="payoutbatch", old_name="file", new_name="own_file")]
