"""Who to call about a case: the director, or who stands in while the director is away. The one place that knows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from accounts.models import CaseWorker
from infra import clock


@dataclass(frozen=True, slots=True)
class Contact:
    """The director of a case, and who takes the phone until `until` (the director's last day away, included).

    `name`, `phone` and `organisation` are those of the person who answers now: a page never shows a number nobody picks up.
    """

    director: CaseWorker
    stand_in: CaseWorker | None = None
    until: date | None = None

    @property
    def on_duty(self) -> CaseWorker:
        return self.stand_in or self.director

    @property
    def name(self) -> str:
        return self.on_duty.name

    @property
    def phone(self) -> str:
        return self.on_duty.phone

    @property
    def organisation(self) -> str:
        return self.on_duty.organisation

    @property
    def away(self) -> str:
        """The name of the director who is away; '' when the director is there."""
        return self.director.name if self.stand_in else ""

    @property
    def question_line(self) -> str:
        """The sentence under every message."""
        if self.stand_in:
            return f"Vragen? {self.away} is er nu niet.\n{self.name} neemt waar: {self.phone}."
        return f"Vragen? Bel {self.name}: {self.phone}."


def contact_of(director: CaseWorker) -> Contact:
    """Who to call today about the cases of `director`. One query, in any scope (door `stand_ins`)."""
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stand_in_id, until_date FROM stand_ins(%s) WHERE case_worker_id = %s", [today, director.pk]
        )
        found = cursor.fetchone()
    if found is None:
        return Contact(director)
    return Contact(director, CaseWorker.objects.get(pk=found[0]), found[1])


def contacts_of(director_ids: Iterable[int]) -> dict[int, Contact]:
    """`contact_of` for many directors, in three queries. Worker only."""
    today = clock.today()
    directors = CaseWorker.objects.in_bulk(set(director_ids))
    with connection.cursor() as cursor:
        cursor.execute("SELECT case_worker_id, stand_in_id, until_date FROM stand_ins(%s)", [today])
        away = {row[0]: (row[1], row[2]) for row in cursor.fetchall() if row[0] in directors}
    others = CaseWorker.objects.in_bulk({stand_in for stand_in, _until in away.values()})
    return {
        pk: Contact(one, others[away[pk][0]], away[pk][1]) if pk in away else Contact(one)
        for pk, one in directors.items()
    }


def default_director() -> CaseWorker | None:
    """The worker of the desk who gets every case that nobody else has; None when an operator has to appoint one."""
    return CaseWorker.objects.filter(is_default_director=True, active=True).first()
