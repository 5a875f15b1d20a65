"""Who stands in, hand-overs, the words of a mandate, and bewind; with their walls."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from infra.db import rls

COACH = rls.setting("coach_id")

# Who answers the phone for whom: a stand-in who is away (fell ill) hands on to the next, one who left to the desk.
STAND_INS = (
    "WITH RECURSIVE away AS (SELECT a.case_worker_id, a.until_date, CASE WHEN s.active THEN s.id ELSE ("
    "SELECT d.id FROM accounts_caseworker d WHERE d.is_default_director AND d.active) END AS stand_in_id "
    "FROM accounts_absence a JOIN accounts_caseworker s ON s.id = a.stand_in_id "
    "WHERE p_today BETWEEN a.from_date AND a.until_date), "
    "chain AS (SELECT w.case_worker_id, w.stand_in_id, w.until_date, 1 AS steps FROM away w "
    "UNION ALL SELECT c.case_worker_id, w.stand_in_id, c.until_date, c.steps + 1 "
    "FROM chain c JOIN away w ON w.case_worker_id = c.stand_in_id WHERE c.steps < 8) "
    "SELECT c.case_worker_id, c.stand_in_id, c.until_date FROM chain c WHERE c.stand_in_id <> c.case_worker_id "
    "AND NOT EXISTS (SELECT 1 FROM away w WHERE w.case_worker_id = c.stand_in_id)"
)

MINE_TO_READ = (
    f"to_worker_id = {COACH} AND citizen_id IN (SELECT m.citizen_id FROM accounts_mandate m "
    f"WHERE m.coach_id = {COACH} AND m.ended_at IS NULL)"
)

# "Gezien" is said by the coach or desk worker who acts now, never by a citizen or for somebody else.
SEEN_BY_ME = f"{rls.CITIZEN} AND recorded_by_id = {COACH}"

GUARDS = """
ALTER TABLE accounts_mandatetext ADD CONSTRAINT mandate_text_has_its_own_hash
    CHECK (text_hash = encode(sha256(convert_to(text, 'UTF8')), 'hex'));
ALTER TABLE accounts_bewindconsent ADD CONSTRAINT bewind_text_has_its_own_hash
    CHECK (text_hash = encode(sha256(convert_to(text, 'UTF8')), 'hex'));
REVOKE DELETE, TRUNCATE ON accounts_bewind, accounts_bewindconsent FROM eenplan_app, eenplan_worker, eenplan_read;

-- A consent is of the living bewind of the same citizen, and afterwards only withdrawn, once.
CREATE FUNCTION bewind_consent_stays() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE before accounts_bewindconsent;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT 1 FROM accounts_bewind b WHERE b.id = NEW.bewind_id AND b.citizen_id = NEW.citizen_id
            AND b.ended_on IS NULL AND b.name <> '')
        THEN
            RAISE EXCEPTION 'a consent is of a named bewindvoerder of this citizen, in a bewind that lasts'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'bewind_consent_stays';
        END IF;
        RETURN NEW;
    END IF;
    before := OLD;
    before.withdrawn_on := NEW.withdrawn_on;
    before.withdrawn_by_user_id := NEW.withdrawn_by_user_id;
    IF OLD.withdrawn_on IS NOT NULL OR before IS DISTINCT FROM NEW THEN
        RAISE EXCEPTION 'a consent is only withdrawn, once' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bewind_consent_stays BEFORE INSERT OR UPDATE ON accounts_bewindconsent
    FOR EACH ROW EXECUTE FUNCTION bewind_consent_stays();

-- Another bewindvoerder is another row: what was agreed to was agreed to by the person named here.
CREATE FUNCTION bewind_keeps_its_name() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF OLD.ended_on IS NOT NULL OR NEW.citizen_id <> OLD.citizen_id OR (
        (NEW.name, NEW.organisation) IS DISTINCT FROM (OLD.name, OLD.organisation)
        AND EXISTS (SELECT 1 FROM accounts_bewindconsent c WHERE c.bewind_id = OLD.id))
    THEN
        RAISE EXCEPTION 'bewind % is over, or somebody consented under this name', OLD.id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bewind_keeps_its_name BEFORE UPDATE ON accounts_bewind
    FOR EACH ROW EXECUTE FUNCTION bewind_keeps_its_name();
"""

UNDO = """
DROP TRIGGER bewind_keeps_its_name ON accounts_bewind;
DROP FUNCTION bewind_keeps_its_name();
DROP TRIGGER bewind_consent_stays ON accounts_bewindconsent;
DROP FUNCTION bewind_consent_stays();
GRANT DELETE, TRUNCATE ON accounts_bewind, accounts_bewindconsent TO eenplan_app, eenplan_worker;
ALTER TABLE accounts_bewindconsent DROP CONSTRAINT bewind_text_has_its_own_hash;
ALTER TABLE accounts_mandatetext DROP CONSTRAINT mandate_text_has_its_own_hash;
"""

# Mandates that were given before their words were kept: the words of that version, as accounts.mandate_text has them.
KEEP_WORDS = """
INSERT INTO accounts_mandatetext (public_id, mandate_id, citizen_id, coach_id, given_on, valid_until, text_version, text,
    text_hash, given_by_user_id, created_at)
SELECT gen_random_uuid(), g.id, g.citizen_id, g.coach_id, g.valid_from, g.valid_until, g.text_version, g.text,
    encode(sha256(convert_to(g.text, 'UTF8')), 'hex'), g.given_by_user_id, g.created_at
FROM (
    SELECT m.*, 'machtiging ' || m.text_version || E'\n'
        || 'Mag ' || w.name || E' u helpen?\n'
        || w.name || ' werkt bij ' || w.organisation || '. Het telefoonnummer is ' || w.phone || E'.\n'
        || E'# Dit mag uw coach\n- Uw gegevens zien.\n- Antwoorden voor u invullen.\n'
        || E'- Een voorstel voor u klaarzetten.\n'
        || E'# Dit doet u altijd zelf\n- Ja zeggen en tekenen.\n- Een helper stoppen.\n'
        || E'# Hoe lang\nDit duurt ' || n.months || ' maand' || CASE WHEN n.months = 1 THEN '' ELSE 'en' END
        || E'. U kunt dit elke dag stoppen.\n' AS text
    FROM accounts_mandate m JOIN accounts_caseworker w ON w.id = m.coach_id
    CROSS JOIN LATERAL (SELECT greatest(1, (extract(year FROM age(m.valid_until, m.valid_from)) * 12
        + extract(month FROM age(m.valid_until, m.valid_from)))::int) AS months) n
) g;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_walls"),
    ]

    operations = [
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("from_date", models.DateField(verbose_name="vanaf")),
                ("until_date", models.DateField(verbose_name="tot en met")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "afwezigheid",
                "verbose_name_plural": "afwezigheid",
                "ordering": ["from_date", "id"],
            },
        ),
        migrations.CreateModel(
            name="Bewind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(blank=True, max_length=100, verbose_name="naam van de bewindvoerder")),
                ("organisation", models.CharField(blank=True, max_length=100, verbose_name="kantoor")),
                ("phone", models.CharField(blank=True, max_length=20, verbose_name="telefoonnummer")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mailadres")),
                ("since", models.DateField(blank=True, null=True, verbose_name="onder bewind sinds")),
                ("told_by", models.CharField(help_text='"citizen" of "coach:<id>"', max_length=40)),
                ("ended_on", models.DateField(null=True, verbose_name="bewind gestopt op")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "bewind",
                "verbose_name_plural": "bewind",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="BewindConsent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("consent_on", models.DateField(verbose_name="datum op het papier")),
                ("text_version", models.CharField(max_length=20)),
                ("text", models.TextField(verbose_name="tekst")),
                ("text_hash", models.CharField(max_length=64)),
                ("recorded_on", models.DateField(verbose_name="vastgelegd op")),
                ("photo", models.BinaryField(null=True)),
                ("photo_type", models.CharField(blank=True, max_length=20)),
                ("withdrawn_on", models.DateField(null=True, verbose_name="ingetrokken op")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "toestemming van een bewindvoerder",
                "verbose_name_plural": "toestemmingen van bewindvoerders",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="HandOver",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("by_hand", "Overgedragen"),
                            ("mandate_given", "De burger gaf een machtiging"),
                            ("mandate_ended", "De burger stopte de machtiging"),
                            ("mandate_over", "De machtiging is verlopen"),
                            ("left", "De contactpersoon werkt hier niet meer"),
                        ],
                        max_length=14,
                        verbose_name="reden",
                    ),
                ),
                ("note", models.TextField(max_length=2000, verbose_name="notitie")),
                ("handed_on", models.DateField(verbose_name="op")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "overdracht",
                "verbose_name_plural": "overdrachten",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="MandateText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("given_on", models.DateField()),
                ("valid_until", models.DateField(help_text="laatste dag van de machtiging na deze ja")),
                ("text_version", models.CharField(max_length=20)),
                ("text", models.TextField()),
                ("text_hash", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "tekst van een machtiging",
                "verbose_name_plural": "teksten van machtigingen",
                "ordering": ["-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="caseworker",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_default_director", False), ("active", True), _connector="OR"),
                name="default_director_is_active",
                violation_error_message="Deze medewerker krijgt alle nieuwe zaken. Wijs eerst een ander aan.",
            ),
        ),
        migrations.AddField(
            model_name="absence",
            name="case_worker",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="absences",
                to="accounts.caseworker",
                verbose_name="wie is er niet",
            ),
        ),
        migrations.AddField(
            model_name="absence",
            name="stand_in",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="stands_in_for",
                to="accounts.caseworker",
                verbose_name="wie neemt waar",
            ),
        ),
        migrations.AddField(
            model_name="absence",
            name="told_by_user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="bewind",
            name="citizen",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bewinden",
                to="accounts.citizen",
                verbose_name="burger",
            ),
        ),
        migrations.AddField(
            model_name="bewindconsent",
            name="bewind",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consents",
                to="accounts.bewind",
                verbose_name="bewind",
            ),
        ),
        migrations.AddField(
            model_name="bewindconsent",
            name="citizen",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.citizen",
                verbose_name="burger",
            ),
        ),
        migrations.AddField(
            model_name="bewindconsent",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.caseworker",
                verbose_name="gezien door",
            ),
        ),
        migrations.AddField(
            model_name="bewindconsent",
            name="withdrawn_by_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="citizen",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="hand_overs",
                to="accounts.citizen",
                verbose_name="burger",
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="from_worker",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.caseworker",
                verbose_name="van",
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="made_by_user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="door",
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="to_worker",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.caseworker",
                verbose_name="naar",
            ),
        ),
        migrations.AddField(
            model_name="mandatetext",
            name="citizen",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.citizen"
            ),
        ),
        migrations.AddField(
            model_name="mandatetext",
            name="coach",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.caseworker"
            ),
        ),
        migrations.AddField(
            model_name="mandatetext",
            name="given_by_user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="mandatetext",
            name="mandate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="texts", to="accounts.mandate"
            ),
        ),
        migrations.AddIndex(
            model_name="absence",
            index=models.Index(fields=["until_date", "from_date"], name="absence_by_day"),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.CheckConstraint(
                condition=models.Q(("until_date__gte", models.F("from_date"))), name="absence_ends_after_it_starts"
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.CheckConstraint(
                condition=models.Q(("stand_in", models.F("case_worker")), _negated=True),
                name="nobody_stands_in_for_themselves",
            ),
        ),
        migrations.AddConstraint(
            model_name="bewind",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_on__isnull", True)),
                fields=("citizen",),
                name="one_living_bewind_per_citizen",
            ),
        ),
        migrations.AddConstraint(
            model_name="bewindconsent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_on__isnull", True)),
                fields=("bewind",),
                name="one_living_consent_per_bewind",
            ),
        ),
        migrations.AddConstraint(
            model_name="bewindconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(("consent_on__lte", models.F("recorded_on"))),
                name="bewind_consent_is_not_of_tomorrow",
            ),
        ),
        migrations.AddConstraint(
            model_name="bewindconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_by_user__isnull", True), ("withdrawn_on__isnull", True)),
                    models.Q(("withdrawn_by_user__isnull", False), ("withdrawn_on__isnull", False)),
                    _connector="OR",
                ),
                name="withdrawn_consent_says_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="bewindconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("photo__isnull", True), ("photo_type", "")),
                    models.Q(("photo__isnull", False), models.Q(("photo_type", ""), _negated=True)),
                    _connector="OR",
                ),
                name="bewind_photo_has_a_type",
            ),
        ),
        migrations.AddIndex(
            model_name="handover",
            index=models.Index(fields=["citizen", "-created_at"], name="hand_over_by_citizen"),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(("note", ""), _negated=True), name="hand_over_has_a_note"
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_worker", models.F("to_worker")), _negated=True),
                name="hand_over_is_to_somebody_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", "by_hand"), _negated=True), ("made_by_user__isnull", False), _connector="OR"
                ),
                name="hand_over_by_hand_says_by_whom",
            ),
        ),
        # Who is away is no secret among helpers; a citizen learns who answers the phone by the door.
        rls.protect(
            "accounts_absence",
            read=(f"{COACH} IS NOT NULL",),
            write=(f"case_worker_id = {COACH}", rls.DESK),
        ),
        # Written by whoever moves the case, read by the new director while the mandate has not been ended, and the desk.
        rls.protect(
            "accounts_handover",
            read=(MINE_TO_READ,),
            write=(),
            insert=(rls.CITIZEN,),
        ),
        rls.append_only("accounts_handover"),
        rls.protect("accounts_mandatetext", read=(rls.CITIZEN, rls.COACH), write=(), insert=(rls.CITIZEN,)),
        rls.append_only("accounts_mandatetext"),
        rls.protect("accounts_bewind", read=(rls.CITIZEN,), write=(rls.CITIZEN,)),
        rls.protect("accounts_bewindconsent", read=(rls.CITIZEN,), write=(rls.CITIZEN,), insert=(SEEN_BY_ME,)),
        rls.definer_function(
            "stand_ins",
            "p_today date",
            "TABLE (case_worker_id bigint, stand_in_id bigint, until_date date)",
            STAND_INS,
        ),
        migrations.RunSQL(GUARDS, UNDO),
        migrations.RunSQL(KEEP_WORDS, migrations.RunSQL.noop),
    ]
