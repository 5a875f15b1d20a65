"""Managers that refuse to run without a scope: the second wall (architecture.md, reliability.md 4.1)."""

from typing import TypeVar

from django.db import models

from infra import scope

M = TypeVar("M", bound=models.Model)


class ScopedManager(models.Manager[M]):
    """Shows only the rows of the party that is asking, and raises `ScopeMissing` when nobody is.

    `citizen`, `creditor`, `coach`, `user`: the names of the columns that say whose row it is ('' when there is none).
    The worker and the desk (reading, in /beheer/) are not filtered here; row level security decides for them.
    """

    def __init__(self, *, citizen: str = "", creditor: str = "", coach: str = "", user: str = "") -> None:
        super().__init__()
        self._columns = {"citizen_id": citizen, "creditor_id": creditor, "coach_id": coach, "user_id": user}

    def get_queryset(self) -> models.QuerySet[M]:
        now = scope.current()
        if now == scope.NOBODY:
            raise scope.ScopeMissing(f"{self.model.__name__} is read without saying for whom: use infra.scope.act_as")
        rows: models.QuerySet[M] = super().get_queryset()
        if now.worker or now.desk:
            return rows
        columns = self._columns
        if not any(columns.values()):
            # The managers Django makes for a relation (citizen.anchors) are of our class, but made without our arguments.
            columns = getattr(self.model._default_manager, "_columns", columns)  # noqa: SLF001  Django's own name for it
        mine = models.Q(pk__in=[])
        for part, column in columns.items():
            value = getattr(now, part)
            if column and value is not None:
                mine |= models.Q(**{column: value})
        mine_only: models.QuerySet[M] = rows.filter(mine)
        return mine_only
