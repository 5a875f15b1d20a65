"""Tasks of a director who is away, and: under bewind nothing starts without the consent of the bewindvoerder."""

from django.db import migrations, models

from infra.db import rls

COACH = rls.setting("coach_id")
HOLDS = "m.ended_at IS NULL AND p_today BETWEEN m.valid_from AND m.valid_until"
MINE = f"SELECT m.public_id FROM accounts_mandate m WHERE m.citizen_id = c.id AND m.coach_id = {COACH} AND {HOLDS}"

# Whom to call, and by when. What it is about only with a mandate of one's own: a citizen lets one person look, not an
# office. And only while the director may work on the case: the desk always, a coach as long as the mandate holds.
STAND_IN_TASKS = (
    "SELECT t.public_id, w.name::text, trim(c.first_name || ' ' || c.family_name)::text, c.phone::text, t.due_on, "
    "own.public_id, CASE WHEN own.public_id IS NULL THEN '' ELSE t.text END::text "
    "FROM stand_ins(p_today) s JOIN accounts_caseworker w ON w.id = s.case_worker_id "
    "JOIN arrangements_casetask t ON t.assigned_to_id = w.id AND t.done_on IS NULL "
    "JOIN accounts_citizen c ON c.id = t.citizen_id AND c.director_id = w.id "
    f"LEFT JOIN LATERAL ({MINE}) own ON true "
    f"WHERE s.stand_in_id = {COACH} AND (w.kind = 'desk' OR EXISTS (SELECT 1 FROM accounts_mandate m "
    f"WHERE m.citizen_id = c.id AND m.coach_id = w.id AND {HOLDS})) ORDER BY t.due_on, t.id"
)

WAITS = """EXISTS (
        SELECT 1 FROM accounts_bewind b WHERE b.citizen_id = NEW.citizen_id AND b.ended_on IS NULL AND NOT EXISTS (
            SELECT 1 FROM accounts_bewindconsent y WHERE y.bewind_id = b.id AND y.withdrawn_on IS NULL))"""

GUARDS = f"""
-- A version in the place of one that was sent starts nothing: the signature below still asks.
CREATE FUNCTION proposal_starts_with_consent() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state <> 'draft' THEN
        RETURN NEW;
    END IF;
    IF NEW.state <> 'draft' AND {WAITS} AND NOT EXISTS (
        SELECT 1 FROM arrangements_proposal o
        WHERE o.application_id = NEW.application_id AND o.id <> NEW.id AND o.submitted_on IS NOT NULL AND o.state <> 'withdrawn'
    ) THEN
        RAISE EXCEPTION 'the bewindvoerder has not consented to proposal %', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_starts_with_consent';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proposal_starts_with_consent BEFORE INSERT OR UPDATE OF state ON arrangements_proposal
    FOR EACH ROW EXECUTE FUNCTION proposal_starts_with_consent();

CREATE FUNCTION arrangement_starts_with_consent() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF {WAITS} THEN
        RAISE EXCEPTION 'the bewindvoerder has not consented to an arrangement'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'arrangement_starts_with_consent';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER arrangement_starts_with_consent BEFORE INSERT ON arrangements_arrangement
    FOR EACH ROW EXECUTE FUNCTION arrangement_starts_with_consent();
"""
UNDO = """
DROP TRIGGER arrangement_starts_with_consent ON arrangements_arrangement;
DROP FUNCTION arrangement_starts_with_consent();
DROP TRIGGER proposal_starts_with_consent ON arrangements_proposal;
DROP FUNCTION proposal_starts_with_consent();
"""


class Migration(migrations.Migration):
    dependencies = [("arrangements", "0015_beslag"), ("accounts", "0003_director_and_bewind")]

    operations = [
        migrations.AlterField(
            model_name="casetask",
            name="kind",
            field=models.CharField(
                choices=[
                    ("missing_fact", "Ontbrekend gegeven navragen"),
                    ("norms_missing", "Toets kon niet worden berekend"),
                    ("no_answer", "Organisatie antwoordt niet"),
                    ("refusal", "Organisatie zegt nee"),
                    ("nothing_to_miss", "Burger kan niets missen"),
                    ("missed_payment", "Betaling is niet gekomen"),
                    ("call_back", "Terugbellen"),
                    ("changed", "Er is iets veranderd"),
                    ("review", "Jaarlijkse controle"),
                    ("bewind", "Toestemming van de bewindvoerder vragen"),
                    ("norms_changed", "Nieuwe normen: het plan past niet meer zeker"),
                ],
                max_length=16,
            ),
        ),
        rls.definer_function(
            "stand_in_tasks",
            "p_today date",
            "TABLE (task uuid, director text, client text, phone text, due_on date, mandate uuid, text text)",
            STAND_IN_TASKS,
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ]
