"""On whose behalf the code that runs now reads and writes.

The scope is what row level security sees. It travels in a context variable, and the database backend (`infra.db`) sends
it to PostgreSQL before each statement in a transaction whenever it changed. It guards against a forgotten filter, not
against somebody who can run SQL of their own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


class ScopeMissing(Exception):
    """Rows that belong to somebody were asked for on behalf of nobody."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The party on whose behalf. Ids are primary keys; None or False grants nothing.

    `worker` marks set-based work over all parties; it needs a connection with the worker's (or owner's) database role.
    `reason` is for the audit line and does not reach the database.
    """

    user_id: int | None = None
    citizen_id: int | None = None
    creditor_id: int | None = None
    coach_id: int | None = None
    desk: bool = False
    worker: bool = False
    reason: str = ""


NOBODY = Scope()

_scope: ContextVar[Scope | None] = ContextVar("eenplan_scope", default=None)


def current() -> Scope:
    """The scope in force; NOBODY when none was set."""
    return _scope.get() or NOBODY


def is_set() -> bool:
    """Whether somebody said on whose behalf. Scoped managers refuse to run when nobody did."""
    return _scope.get() is not None


@contextmanager
def act_as(scope: Scope) -> Iterator[Scope]:
    """Act on behalf of `scope` inside the block; the one before comes back after it, also inside one transaction."""
    token = _scope.set(scope)
    try:
        yield scope
    finally:
        _scope.reset(token)


@contextmanager
def as_worker(reason: str) -> Iterator[Scope]:
    """Work for all parties at once, for a stated reason. ValueError when the reason is empty."""
    if not reason.strip():
        raise ValueError("work over all parties needs a reason")
    with act_as(Scope(worker=True, reason=reason)) as scope:
        yield scope
