"""Django's PostgreSQL backend, plus one thing: inside a transaction the database always knows the current scope.

`set_config(…, true)` lasts until the end of the transaction, so nothing can leak to the next user of a pooled
connection, and a query outside a transaction sees no scope at all: that fails closed. Setting it only when the
transaction starts is not enough: the actor may change inside one, and a savepoint that is rolled back takes the setting
with it while one that is released keeps it. So the wanted scope is compared before each statement and sent when it
differs from what was sent last.
"""

from collections.abc import Callable
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from infra import scope as scopes

_SETTINGS: Final = ("app.user_id", "app.citizen_id", "app.creditor_id", "app.coach_id", "app.desk")
_SEND: Final = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in _SETTINGS)
# `role` is PostgreSQL's own setting; this is SET LOCAL ROLE as a function, so that it fits in the same round trip.
_SEND_WITH_ROLE: Final = _SEND + ", set_config('role', %s, true)"


def _as_parameters(scope: scopes.Scope) -> tuple[str, ...]:
    """The scope as PostgreSQL settings hold it; an empty string is nobody."""

    def text(identifier: int | None) -> str:
        return "" if identifier is None else str(identifier)

    return (
        text(scope.user_id),
        text(scope.citizen_id),
        text(scope.creditor_id),
        text(scope.coach_id),
        "on" if scope.desk else "",
    )


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection that remembers which scope PostgreSQL has been told."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What the current transaction was told; None means "unknown, tell it again".
        self._told: tuple[str, ...] | None = None
        self.execute_wrappers.append(self._tell_scope)

    def _wanted(self) -> tuple[str, ...]:
        scope = scopes.current()
        wanted = _as_parameters(scope)
        if self.settings_dict.get("ASSUME_ROLE"):
            return (*wanted, "eenplan_worker" if scope.worker else "eenplan_app")
        if scope.worker and self.settings_dict.get("EENPLAN_ROLE") not in ("worker", "owner"):
            raise ImproperlyConfigured(
                "work over all parties was asked for on a connection of the app; "
                "it belongs in a task or a command that runs as the worker"
            )
        return wanted

    def _listens(self) -> bool:
        return bool(self.connection.info.transaction_status != TransactionStatus.INERROR)

    def _tell_scope(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        """Execute wrapper around every statement Django sends."""
        if self.in_atomic_block:
            wanted = self._wanted()
            # After an error PostgreSQL only listens to a rollback, and that must get through untouched.
            if wanted != self._told and self._listens():
                with self.wrap_database_errors:
                    # On the bare psycopg connection, or this wrapper would call itself.
                    self.connection.execute(_SEND_WITH_ROLE if len(wanted) > len(_SETTINGS) else _SEND, wanted)
                self._told = wanted
        return execute(sql, params, many, context)

    # Whatever starts, ends or rewinds a transaction makes PostgreSQL forget, so this side forgets too.

    def _set_autocommit(self, autocommit: bool) -> None:
        self._told = None
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # Django's own hook, left out of its stubs

    def _commit(self) -> None:
        self._told = None
        super()._commit()  # type: ignore[misc]  # Django's own hook, left out of its stubs

    def _rollback(self) -> None:
        self._told = None
        super()._rollback()  # type: ignore[misc]  # Django's own hook, left out of its stubs

    def _close(self) -> None:
        self._told = None
        super()._close()  # type: ignore[misc]  # Django's own hook, left out of its stubs

    def connect(self) -> None:
        self._told = None
        super().connect()

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # Django's own hook, left out of its stubs
        # Only now: PostgreSQL has put back what was set before the savepoint, which may be anybody.
        self._told = None
