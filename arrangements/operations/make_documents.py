"""Documents as they are given out: rendered once, kept with their hash, never made again."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from django.db import transaction

from arrangements.documents.agreement import agreement_content
from arrangements.documents.closing import closing_content, closing_extract_content
from arrangements.documents.content import Content
from arrangements.documents.extract import extract_content
from arrangements.documents.pdf import render_pdf
from arrangements.models import Arrangement, ArrangementLine, Document, Kwijtschelding
from creditors.models import Creditor
from infra import clock


@transaction.atomic
def make_agreement(*, arrangement: Arrangement) -> Document:
    """The citizen's copy, with all creditors; once. Scope: the citizen's at the signature, or the worker's."""
    found = Document.objects.filter(arrangement=arrangement, kind=Document.Kind.AGREEMENT).first()
    if found is not None:
        return found
    content = agreement_content(
        proposal=arrangement.proposal, first_due_date=arrangement.first_due_date, arrangement=arrangement
    )
    return _store(Document.Kind.AGREEMENT, arrangement, content)


def make_extracts(*, arrangement: Arrangement) -> list[Document]:
    """An extract for every creditor that has none yet, each with its own line only. Worker only; caller's transaction."""
    lines = lines_of(arrangement)
    done = _readers(arrangement, Document.Kind.EXTRACT)
    return [
        _store(
            Document.Kind.EXTRACT,
            arrangement,
            extract_content(arrangement=arrangement, creditor=creditor, lines=lines),
            creditor,
        )
        for creditor in creditors_of(lines)
        if creditor.pk not in done
    ]


def make_closing(*, arrangement: Arrangement, granted: Mapping[int, Kwijtschelding]) -> list[Document]:
    """The closing statements, the citizen's first. `granted` by claim. Worker only; part of the caller's transaction."""
    lines = lines_of(arrangement)
    made = []
    if not Document.objects.filter(arrangement=arrangement, kind=Document.Kind.CLOSING).exists():
        content = closing_content(arrangement=arrangement, lines=lines, granted=granted)
        made.append(_store(Document.Kind.CLOSING, arrangement, content))
    done = _readers(arrangement, Document.Kind.CLOSING_EXTRACT)
    for creditor in creditors_of(lines):
        if creditor.pk not in done:
            content = closing_extract_content(arrangement=arrangement, creditor=creditor, lines=lines, granted=granted)
            made.append(_store(Document.Kind.CLOSING_EXTRACT, arrangement, content, creditor))
    return made


def lines_of(arrangement: Arrangement) -> list[ArrangementLine]:
    """All lines, in the order of the agreement, with claim and creditor."""
    rows = ArrangementLine.objects.filter(arrangement=arrangement).select_related("claim", "creditor")
    return list(rows.order_by("position"))


def creditors_of(lines: Sequence[ArrangementLine]) -> list[Creditor]:
    """Each creditor once, in the order of the lines."""
    return list({line.creditor_id: line.creditor for line in lines}.values())


def _readers(arrangement: Arrangement, kind: Document.Kind) -> set[int | None]:
    return set(Document.objects.filter(arrangement=arrangement, kind=kind).values_list("creditor_id", flat=True))


def _store(
    kind: Document.Kind, arrangement: Arrangement, content: Content, creditor: Creditor | None = None
) -> Document:
    pdf = render_pdf(content)
    return Document.objects.create(
        kind=kind,
        arrangement=arrangement,
        citizen_id=None if creditor else arrangement.citizen_id,
        creditor=creditor,
        reference=content["reference"],
        content=content,
        pdf=pdf,
        sha256=sha256(pdf).hexdigest(),
        made_on=clock.today(),
    )
