"""The database's own walls, read from its catalogue: a table somebody forgot makes this red."""

import pytest
from django.db import DatabaseError, connection, transaction

from infra.scope import Scope, act_as, as_worker

pytestmark = pytest.mark.django_db

# Tables of Django and allauth: no party's rows under creditor_id or citizen_id.
OWNED = "(a.attname IN ('citizen_id', 'creditor_id', 'coach_id') OR c.relname = 'accounts_citizen')"

APPEND_ONLY = {
    "accounts_handover",
    "accounts_mandatetext",
    "infra_auditline",
    "arrangements_assessment",
    "arrangements_officialfigure",
    "arrangements_stresstest",
    "arrangements_certificatelist",
    "arrangements_document",
    "arrangements_equalitycertificate",
    "arrangements_kwijtschelding",
    "arrangements_ledgerday",
    "arrangements_ledgerentry",
    "arrangements_ledgerposting",
    "arrangements_reconciliation",
    "arrangements_runapproval",
    "arrangements_planversion",
    "arrangements_planversionline",
}


def rows(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def test_every_table_in_which_somebody_owns_rows_has_row_level_security_forced() -> None:
    open_tables = rows(
        "SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
        f"WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND {OWNED} "
        "AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
    )
    assert open_tables == []


def test_no_policy_for_the_web_role_is_simply_true_for_reading() -> None:
    wide = rows(
        "SELECT tablename FROM pg_policies WHERE cmd = 'SELECT' AND qual = 'true' AND 'eenplan_app' = ANY (roles)"
    )
    assert wide == []


def test_no_role_of_the_product_can_walk_around_the_walls() -> None:
    strong = rows(
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'eenplan_%' AND (rolsuper OR rolbypassrls OR rolcreaterole)"
    )
    assert strong == []


def test_every_door_has_a_fixed_search_path_and_is_closed_to_the_public() -> None:
    bad = rows(
        "SELECT p.proname FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace "
        "AND (p.proconfig IS NULL OR NOT EXISTS (SELECT 1 FROM unnest(p.proconfig) x WHERE x LIKE 'search_path=%'))"
    )
    assert bad == []
    public = rows(
        "SELECT p.proname FROM pg_proc p WHERE p.prosecdef AND p.prorettype <> 'trigger'::regtype "
        "AND p.pronamespace = 'public'::regnamespace AND has_function_privilege('eenplan_read', p.oid, 'EXECUTE')"
    )
    assert public == []


def test_the_readme_lists_every_door() -> None:
    from django.conf import settings

    text = (settings.BASE_DIR / "README.md").read_text()
    doors = rows(
        "SELECT p.proname FROM pg_proc p WHERE p.prosecdef AND p.prorettype <> 'trigger'::regtype "
        "AND p.pronamespace = 'public'::regnamespace"
    )
    assert doors
    assert [name for (name,) in doors if f"`{name}`" not in text] == []


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
@pytest.mark.parametrize("role", ["eenplan_app", "eenplan_worker", "eenplan_read"])
def test_what_only_grows_cannot_be_changed_by_privilege(table: str, role: str) -> None:
    (allowed,) = rows(
        f"SELECT has_table_privilege('{role}', '{table}', 'UPDATE'), has_table_privilege('{role}', '{table}', 'DELETE'), "
        f"has_table_privilege('{role}', '{table}', 'TRUNCATE')"
    )
    assert allowed == (False, False, False)


def test_what_only_grows_has_a_trigger_that_refuses_the_owner_too() -> None:
    guarded = {
        name
        for (name,) in rows(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = 'refuse_change' AND NOT c.relispartition "
            "GROUP BY c.relname HAVING count(*) = 2"
        )
    }
    assert guarded == APPEND_ONLY


def test_the_web_role_cannot_write_in_the_books() -> None:
    with act_as(Scope(citizen_id=1)), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO arrangements_ledgerentry (id, ledger, kind, key, booked_on, created_at) "
            "VALUES (1, 'cash', 'x', 'x', current_date, now())"
        )


def test_an_entry_that_does_not_balance_never_gets_in() -> None:
    with as_worker("test"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO arrangements_ledgerentry (id, ledger, kind, key, booked_on, created_at) "
            "VALUES (1, 'cash', 'x', 'x', current_date, now())"
        )
        cursor.execute(
            "SELECT ledger_month(current_date); "
            "INSERT INTO arrangements_ledgerposting (entry_id, line, account, debit_cents, credit_cents, booked_on) "
            "VALUES (1, 1, 1000, 100, 0, current_date), (1, 2, 2000, 0, 99, current_date)"
        )
        with pytest.raises(DatabaseError, match="does not balance"):
            connection.check_constraints()
        transaction.set_rollback(True)
