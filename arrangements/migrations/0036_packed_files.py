"""Files for the bank are kept with gzip: a tenth as large, and never whole in memory when a run makes one."""

import gzip

from django.db import migrations, models


def pack(apps, _schema_editor):
    for file in apps.get_model("arrangements", "PayoutFile").objects.iterator(chunk_size=1):
        file.packed = gzip.compress(bytes(file.packed), mtime=0)
        file.save(update_fields=["packed"])


def unpack(apps, _schema_editor):
    for file in apps.get_model("arrangements", "PayoutFile").objects.iterator(chunk_size=1):
        file.packed = gzip.decompress(bytes(file.packed))
        file.save(update_fields=["packed"])


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0035_month_cheaper")]

    operations = [
        migrations.RenameField("payoutfile", "content", "packed"),
        migrations.AlterField(
            "payoutfile",
            "packed",
            models.BinaryField(help_text="het bestand, met gzip: een tiende zo groot"),
        ),
        migrations.AlterField(
            "payoutfile",
            "sha256",
            models.CharField(help_text="van het bestand zelf", max_length=64),
        ),
        migrations.RunPython(pack, unpack),
    ]
