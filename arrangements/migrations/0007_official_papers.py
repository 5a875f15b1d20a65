"""The date on the paper stands beside the figure the gate reads, and only who saw a paper can say so."""

from django.db import migrations, models

from infra.db import rls

TABLE = "arrangements_officialfigure"


def _insert(condition: str) -> str:
    return f"""
DROP POLICY {TABLE}_insert ON {TABLE};
CREATE POLICY {TABLE}_insert ON {TABLE} FOR INSERT TO eenplan_app WITH CHECK ({condition});
"""


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0006_norms_walls")]

    operations = [
        migrations.AddField(
            model_name="application",
            name="official_paper_date",
            field=models.DateField(help_text="de datum op het papier met de beslagvrije voet", null=True),
        ),
        migrations.AddField(
            model_name="application",
            name="vtlb_paper_date",
            field=models.DateField(help_text="de datum op de vtlb-berekening", null=True),
        ),
        migrations.AddConstraint(
            model_name="officialfigure",
            constraint=models.CheckConstraint(
                condition=models.Q(("photo__isnull", True), ("photo_type", ""))
                | models.Q(("photo__isnull", False), models.Q(("photo_type", ""), _negated=True)),
                name="official_photo_has_a_type",
            ),
        ),
        # "Gezien aan balie" is said by the coach or desk worker who is acting now, never by a citizen or for somebody else.
        migrations.RunSQL(
            _insert(f"{rls.CITIZEN} AND (seen_by_id IS NULL OR seen_by_id = {rls.setting('coach_id')})"),
            _insert(rls.CITIZEN),
        ),
    ]
