"""How the states of `arrangements.domain.lifecycle` become columns."""

from enum import StrEnum

from django.db import models


def choices(states: type[StrEnum]) -> list[tuple[str, str]]:
    """The values of a state enum as Django choices."""
    return [(state.value, state.value) for state in states]


def one_of(column: str, states: type[StrEnum], name: str) -> models.CheckConstraint:
    """The database knows the states too."""
    return models.CheckConstraint(condition=models.Q(**{f"{column}__in": [s.value for s in states]}), name=name)
