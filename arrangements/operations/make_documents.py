"""Documents as they are given out: rendered once, kept with their hash, never made again."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from django.db import transaction

from arrangements.documents.agreement import agreement_content
from arrangements.documents.closing import closing_content, closing_extract_content
from arrangements.documents.comparison import comparison_content
from arrangements.documents.content import Content
from arrangements.documents.ending import ending_content, ending_extract_content
from arrangements.documents.extract import extract_content
from arrangements.documents.pdf import render_pdf
from arrangements.models import Arrangement, ArrangementLine, Beslag, Document, Kwijtschelding
from arrangements.queries.beslag import (
    beslag_facts,
    comparison_for_creditor,
    comparison_for_outsider,
    comparison_reference,
    party_of,
)
from creditors.models import Creditor
from infra import clock
from infra.scope import Scope, act_as


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


def make_ending(*, arrangement: Arrangement) -> list[Document]:
    """The statements after a termination, the citizen's first. Worker only; part of the caller's transaction."""
    lines = lines_of(arrangement)
    made = []
    if not Document.objects.filter(arrangement=arrangement, kind=Document.Kind.ENDING).exists():
        made.append(_store(Document.Kind.ENDING, arrangement, ending_content(arrangement=arrangement, lines=lines)))
    done = _readers(arrangement, Document.Kind.ENDING_EXTRACT)
    for creditor in creditors_of(lines):
        if creditor.pk not in done:
            content = ending_extract_content(arrangement=arrangement, creditor=creditor, lines=lines)
            made.append(_store(Document.Kind.ENDING_EXTRACT, arrangement, content, creditor))
    return made


def make_comparison(*, arrangement: Arrangement, beslag: Beslag, takes_part: bool) -> Document:
    """The comparison for the party that seizes, once per report. Worker only; part of the caller's transaction.

    Its own when it takes part; else the citizen's, so that whoever helps can hand it over.
    """
    reference = comparison_reference(arrangement, beslag)
    found = Document.objects.filter(kind=Document.Kind.COMPARISON, reference=reference).first()
    if found is not None:
        return found
    with act_as(Scope(citizen_id=arrangement.citizen_id, reason="vergelijking bij beslag")):
        facts = beslag_facts(arrangement.pk)
        if takes_part and beslag.creditor is not None:
            comparison = comparison_for_creditor(arrangement, beslag.creditor)
        else:
            comparison = comparison_for_outsider(arrangement, beslag.claim_cents)
    lines = [line for line in lines_of(arrangement) if takes_part and line.creditor_id == beslag.creditor_id]
    content = comparison_content(
        arrangement=arrangement,
        comparison=comparison,
        party=party_of(beslag),
        reference=reference,
        debtor=lines[0].claim.debtor_name if lines else arrangement.citizen.full_name,
        on_date=facts.on_date if facts.capacity is not None else None,
    )
    return _store(Document.Kind.COMPARISON, arrangement, content, beslag.creditor if takes_part else None)


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
