"""What somebody who stands in sees of the cases of a colleague who is away. Runs in the scope of a coach or desk worker."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class StandInTask:
    """An open task of somebody who is away. Without an own mandate of the client `mandate` is None and `text` empty:

    then there is only whom to call, on which number, and by when.
    """

    task: UUID
    director: str
    client: str
    phone: str
    due_on: date
    mandate: UUID | None
    text: str


def stand_in_tasks(today: date) -> list[StandInTask]:
    """The tasks of everybody for whom the asking coach stands in today, the most pressing first (door `stand_in_tasks`)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM stand_in_tasks(%s)", [today])
        return [StandInTask(*row) for row in cursor.fetchall()]
