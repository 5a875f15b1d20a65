"""Transfers of municipalities and the specifications they belong to. Scope: the desk's or the worker's."""

import re
from dataclasses import dataclass

from arrangements.models import BankLine, WithholdingFile


@dataclass(frozen=True, slots=True)
class Difference:
    """A transfer with the right sender and reference and another amount. `cents`: what came less what was said."""

    file: WithholdingFile
    line: BankLine
    cents: int


def differing() -> list[Difference]:
    """Every waiting specification with an unplaced transfer that names it."""
    waiting = list(
        WithholdingFile.objects.filter(state=WithholdingFile.State.WAITING).select_related("withholder").order_by("pk")
    )
    lines = list(
        BankLine.objects.filter(
            meaning=BankLine.Meaning.OPEN,
            amount_cents__gt=0,
            counterparty_iban__in={file.withholder.iban for file in waiting},
        ).order_by("booked_on", "pk")
    )
    return [
        Difference(file, line, line.amount_cents - file.total_cents)
        for file in waiting
        for line in lines
        if line.amount_cents != file.total_cents and speaks_of(line, file)
    ]


def speaks_of(bank_line: BankLine, file: WithholdingFile) -> bool:
    """Whether this transfer comes from the withholder and names the reference of the specification, amount aside."""
    if bank_line.amount_cents <= 0 or bank_line.counterparty_iban != file.withholder.iban:
        return False
    wanted = _bare(file.reference)
    if _bare(bank_line.structured_reference) == wanted or _bare(bank_line.end_to_end_id) == wanted:
        return True
    # As a word of its own: INH-2026-1 is not INH-2026-11.
    return re.search(rf"(?<![0-9A-Z]){_loose(file.reference)}(?![0-9A-Z])", bank_line.text.upper()) is not None


def _bare(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def _loose(reference: str) -> str:
    """The reference as banks may have written it: other signs or none between the letters and digits."""
    return "[^0-9A-Z]{0,2}".join(re.findall(r"[0-9A-Z]", reference.upper()))
