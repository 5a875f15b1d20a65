"""The scope reaches PostgreSQL for every statement in a transaction, and only there."""

import contextlib
import os

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction

from infra.scope import NOBODY, Scope, act_as, as_worker, current, is_set
from infra.servers.embedded import connect_superuser
from tests.support.databases import database_name

ALBERT = Scope(citizen_id=1)
BERTA = Scope(citizen_id=2)


def _ask(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _setting(name: str) -> object:
    return _ask(f"SELECT nullif(current_setting('app.{name}', true), '')")[0][0]


def _role() -> object:
    return _ask("SELECT current_user")[0][0]


@pytest.fixture
def guarded(transactional_db: None) -> None:
    """A table with one row for each of two citizens, guarded as the product's own tables are."""
    with connect_superuser(os.environ["EENPLAN_SOCKETS"], database_name()) as superuser:
        for statement in (
            "SET ROLE eenplan_owner",
            "CREATE TABLE guarded (id int PRIMARY KEY, citizen_id bigint NOT NULL)",
            "INSERT INTO guarded VALUES (1, 1), (2, 2)",
            "ALTER TABLE guarded ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE guarded FORCE ROW LEVEL SECURITY",
            """CREATE POLICY app ON guarded TO eenplan_app
               USING (citizen_id = nullif(current_setting('app.citizen_id', true), '')::bigint)
               WITH CHECK (citizen_id = nullif(current_setting('app.citizen_id', true), '')::bigint)""",
            "CREATE POLICY worker ON guarded TO eenplan_worker USING (true) WITH CHECK (true)",
        ):
            superuser.execute(statement)


def _visible() -> list[object]:
    return [row[0] for row in _ask("SELECT id FROM guarded ORDER BY id")]


def test_without_a_scope_it_is_nobody() -> None:
    assert current() == NOBODY
    assert not is_set()
    with act_as(NOBODY):
        assert is_set()


def test_the_scope_before_comes_back_after_an_error() -> None:
    with act_as(ALBERT):
        with pytest.raises(ZeroDivisionError), act_as(BERTA):
            raise ZeroDivisionError
        assert current() == ALBERT


def test_work_over_all_parties_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"), as_worker("  "):
        pass


def test_each_party_sees_its_own_row_and_nobody_sees_none(guarded: None) -> None:
    with transaction.atomic():
        assert _visible() == []
        with act_as(ALBERT):
            assert _visible() == [1]
        with act_as(BERTA):
            assert _visible() == [2]
        assert _visible() == []


def test_outside_a_transaction_nothing_is_visible(guarded: None) -> None:
    with act_as(ALBERT):
        assert _visible() == []
        assert _setting("citizen_id") is None


def test_a_savepoint_that_is_rolled_back_takes_no_scope_with_it(guarded: None) -> None:
    with transaction.atomic(), act_as(ALBERT):
        assert _visible() == [1]
        with contextlib.suppress(ZeroDivisionError), transaction.atomic(), act_as(BERTA):
            assert _visible() == [2]
            raise ZeroDivisionError
        assert _visible() == [1]


def test_a_savepoint_that_is_released_leaves_no_scope_behind(guarded: None) -> None:
    with transaction.atomic(), act_as(ALBERT):
        with transaction.atomic(), act_as(BERTA):
            assert _visible() == [2]
        assert _visible() == [1]


def test_after_a_database_error_the_savepoint_can_be_rolled_back_by_another_actor(guarded: None) -> None:
    with transaction.atomic(), act_as(ALBERT):
        # Made inside, rewound outside: the rollback itself runs with another scope than the statement that failed.
        with act_as(BERTA), pytest.raises(DatabaseError), transaction.atomic(), act_as(ALBERT):
            _ask("SELECT 1/0")
        assert _visible() == [1]


def test_the_next_transaction_on_the_connection_starts_with_nobody(guarded: None) -> None:
    with transaction.atomic(), act_as(ALBERT):
        assert _visible() == [1]
    with transaction.atomic():
        assert _visible() == []


def test_a_row_for_somebody_else_is_refused(guarded: None) -> None:
    with (
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
        act_as(ALBERT),
        connection.cursor() as cursor,
    ):
        cursor.execute("INSERT INTO guarded VALUES (3, 2)")


def test_the_worker_sees_all_rows_and_the_app_comes_back_after_it(guarded: None) -> None:
    with transaction.atomic(), act_as(ALBERT):
        assert _role() == "eenplan_app"
        with as_worker("counting"):
            assert _role() == "eenplan_worker"
            assert _visible() == [1, 2]
        assert _role() == "eenplan_app"
        assert _visible() == [1]


def test_a_scope_survives_the_loss_of_the_connection(guarded: None) -> None:
    with act_as(ALBERT):
        with transaction.atomic():
            assert _visible() == [1]
        connection.close()
        with transaction.atomic():
            assert _visible() == [1]


@pytest.mark.django_db
def test_the_worker_scope_is_refused_on_a_connection_of_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "ASSUME_ROLE", value=False)
    with as_worker("by mistake"), pytest.raises(ImproperlyConfigured, match="runs as the worker"):
        _ask("SELECT 1")


@pytest.mark.django_db
def test_the_app_role_is_no_superuser_and_cannot_bypass_row_security() -> None:
    assert _ask("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user") == [(False, False)]
    assert _role() == "eenplan_app"


@pytest.mark.django_db
def test_the_app_cannot_make_a_table() -> None:
    with pytest.raises(DatabaseError, match="permission denied") as refused, transaction.atomic():
        _ask("CREATE TABLE mine (id int)")
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
