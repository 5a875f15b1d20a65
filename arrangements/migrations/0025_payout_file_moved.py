"""The file stands with its run now; a payout keeps no copy."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0024_money_walls")]

    operations = [
        migrations.RemoveField(model_name="payoutbatch", name="own_file"),
        migrations.RemoveField(model_name="payoutbatch", name="sha256"),
    ]
