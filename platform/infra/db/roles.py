"""The four database roles and what each may do by default.

    eenplan_owner   owns schema and tables, runs migrations; not a superuser
    eenplan_app     web: reads and writes rows under row level security
    eenplan_worker  Celery: the same tables, policies of its own
    eenplan_read    support and figures: reads under row level security

None may bypass row level security. Exceptions to the default grants (ledger, history) stand in the migration that
makes the table. `python -m infra.db.roles` prints the SQL for a server of your own; run it as a superuser, then give
each role its password.
"""

from typing import Final

OWNER: Final = "eenplan_owner"
APP: Final = "eenplan_app"
WORKER: Final = "eenplan_worker"
READ: Final = "eenplan_read"
# Exists on test servers only: becomes app or worker by turns, and is nothing by itself.
TEST: Final = "eenplan_test"

ROLES: Final = (OWNER, APP, WORKER, READ)
_ATTRIBUTES: Final = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"


def _create_role(name: str) -> list[str]:
    # CREATE ROLE knows no IF NOT EXISTS.
    return [
        f"""DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}')
            THEN CREATE ROLE {name}; END IF; END $$""",
        f"ALTER ROLE {name} {_ATTRIBUTES}",
    ]


def cluster_sql(*, tests: bool = False) -> list[str]:
    """Statements that make the roles; once per server, as superuser, repeatable."""
    statements = [statement for name in ROLES for statement in _create_role(name)]
    if tests:
        statements += _create_role(TEST)
        statements += [f"GRANT {name} TO {TEST} WITH INHERIT FALSE, SET TRUE" for name in (APP, WORKER)]
    return statements


def database_sql(name: str) -> list[str]:
    """Statements for one database, run inside it as superuser before its first migration, repeatable.

    All but the first three live in the database's own catalog and come along when it is the template of another.
    """
    everyone = f"{OWNER}, {APP}, {WORKER}, {READ}"
    default = f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public"
    return [
        f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC',
        f'GRANT CONNECT ON DATABASE "{name}" TO {everyone}',
        # For work in bulk. Functions with the owner's rights look among temporary tables last, so nothing is shadowed.
        f'GRANT TEMPORARY ON DATABASE "{name}" TO {WORKER}',
        f"ALTER SCHEMA public OWNER TO {OWNER}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {APP}, {WORKER}, {READ}",
        f"{default} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP}, {WORKER}",
        f"{default} GRANT USAGE, SELECT ON SEQUENCES TO {APP}, {WORKER}",
        f"{default} GRANT SELECT ON TABLES TO {READ}",
    ]


def create_database_sql(name: str) -> str:
    """The statement that makes an empty database owned by the owner."""
    return f"CREATE DATABASE \"{name}\" OWNER {OWNER} TEMPLATE template0 ENCODING 'UTF8'"


def main() -> None:
    """Print the whole script for a database called eenplan."""
    print(";\n".join([*cluster_sql(), create_database_sql("eenplan")]) + ";")
    print("\\connect eenplan")
    print(";\n".join(database_sql("eenplan")) + ";")


if __name__ == "__main__":
    main()
