"""Row level security, written once: the third wall (reliability.md 4.2).

Every table in which a citizen or a creditor owns rows is protected with `protect(...)` in the migration that makes it.
The scope comes from `infra.db.base`, which sets `app.*` for every statement; no scope means no rows.
"""

from collections.abc import Sequence

from django.db.migrations.operations import RunSQL


def _setting(name: str) -> str:
    # After a SET LOCAL ends the setting is an empty string, not NULL: hence nullif.
    return f"nullif(current_setting('app.{name}', true), '')::bigint"


CITIZEN = f"citizen_id = {_setting('citizen_id')}"
CREDITOR = f"creditor_id = {_setting('creditor_id')}"
COACH = f"coach_id = {_setting('coach_id')}"
USER = f"user_id = {_setting('user_id')}"
DESK = "current_setting('app.desk', true) = 'on'"
EVERYBODY = "true"


def setting(name: str) -> str:
    """The SQL expression for one part of the scope, a bigint or NULL."""
    return _setting(name)


def protect(table: str, *, read: Sequence[str], write: Sequence[str], insert: Sequence[str] | None = None) -> RunSQL:
    """Switch row level security on for `table`.

    `read`, `write`, `insert`: SQL conditions, any of which is enough; `insert` defaults to `write`.
    The worker and the owner (migrations) have their own policy. An empty `write` means: the web role cannot change rows.
    """
    reading = " OR ".join(f"({one})" for one in (*read, DESK))
    writing = " OR ".join(f"({one})" for one in write) or "false"
    inserting = " OR ".join(f"({one})" for one in (insert if insert is not None else write)) or "false"
    up = f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY {table}_read ON {table} FOR SELECT TO eenplan_app, eenplan_read USING ({reading});
CREATE POLICY {table}_insert ON {table} FOR INSERT TO eenplan_app WITH CHECK ({inserting});
CREATE POLICY {table}_update ON {table} FOR UPDATE TO eenplan_app USING ({writing}) WITH CHECK ({writing});
CREATE POLICY {table}_delete ON {table} FOR DELETE TO eenplan_app USING ({writing});
CREATE POLICY {table}_worker ON {table} FOR ALL TO eenplan_worker USING (true) WITH CHECK (true);
CREATE POLICY {table}_owner ON {table} FOR ALL TO eenplan_owner USING (true) WITH CHECK (true);
"""
    names = ("read", "insert", "update", "delete", "worker", "owner")
    down = "".join(f"DROP POLICY {table}_{name} ON {table};\n" for name in names)
    down += f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;\nALTER TABLE {table} DISABLE ROW LEVEL SECURITY;\n"
    return RunSQL(up, down)


def append_only(table: str) -> RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE twice: by privilege for the roles, by trigger for the owner too."""
    up = f"""
REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM eenplan_app, eenplan_worker, eenplan_read;
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
    down = f"DROP TRIGGER {table}_no_change ON {table};\nDROP TRIGGER {table}_no_truncate ON {table};\n"
    return RunSQL(up, down)


REFUSE_CHANGE = RunSQL(
    """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % only grows: correct a row with a new one', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
""",
    "DROP FUNCTION refuse_change();",
)


def definer_function(name: str, arguments: str, returns: str, body: str, *, writes: bool = False) -> RunSQL:
    """A door through the walls: SECURITY DEFINER, fixed search_path, owned by the owner, executable by app and worker only.

    Every use is a line in the README's table of doors.
    """
    types = ", ".join(part.split()[-1] for part in arguments.split(",")) if arguments else ""
    up = f"""
CREATE FUNCTION {name}({arguments}) RETURNS {returns} LANGUAGE sql {"VOLATILE" if writes else "STABLE"} SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$ {body} $$;
REVOKE ALL ON FUNCTION {name}({types}) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {name}({types}) TO eenplan_app, eenplan_worker;
"""
    return RunSQL(up, f"DROP FUNCTION {name}({types});")
