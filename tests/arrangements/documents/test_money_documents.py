"""What documents say, to whom, and that they are printed the same way every time."""

import json
from hashlib import sha256
from io import BytesIO

import pytest
from django.template.loader import render_to_string
from pypdf import PdfReader

from arrangements.documents.agreement import agreement_content, agreement_text
from arrangements.documents.pdf import render_pdf
from arrangements.models import Document
from arrangements.operations.sign_arrangement import first_due_date
from infra import clock, jobs
from infra.scope import act_as, as_worker
from tests.factories.money import pay_all, running_case
from tests.factories.people import citizen_scope, creditor_scope

pytestmark = pytest.mark.django_db


def test_what_is_on_the_screen_is_what_is_hashed_and_signed() -> None:
    case, arrangement = running_case(10_000_00, 20_000_00)
    assert case.proposal is not None
    with act_as(citizen_scope(case.citizen)):
        text = agreement_text(
            proposal=case.proposal, first_due_date=first_due_date(clock.today(), case.proposal.pay_day)
        )
    assert sha256(text.encode()).hexdigest() == arrangement.agreement_hash
    with as_worker("test"):
        assert Document.objects.get(kind="agreement").content["hash"] == arrangement.agreement_hash


def test_the_first_page_answers_the_six_questions() -> None:
    case, arrangement = running_case(10_000_00, 20_000_00)
    with act_as(citizen_scope(case.citizen)):
        content = agreement_content(proposal=arrangement.proposal, first_due_date=arrangement.first_due_date)
    answers = dict(content["summary"])
    assert answers["U betaalt"] == "45 euro per maand, 36 keer"
    assert answers["U betaalt voor het eerst"] == "op 1 december 2026"
    assert answers["U betaalt voor het laatst"] == "op 1 november 2029"
    assert "28.380 euro niet meer" in answers["Wat er met de rest gebeurt"]
    assert case.citizen.director.phone in content["contact"][0]


def test_the_rows_add_up_to_the_totals() -> None:
    _case, arrangement = running_case(10_000_00, 20_000_00, 1_234_57, preferent={0}, kept={2})
    with as_worker("test"):
        table = Document.objects.get(kind="agreement").content["sections"][1]["table"]

    def cents(text: str) -> int:
        return int("".join(letter for letter in text if letter.isdigit()))

    for column in (2, 3, 5, 6):
        assert sum(cents(row[column]) for row in table["rows"]) == cents(table["total"][column])
    assert cents(table["total"][3]) == arrangement.pot_cents


def test_an_extract_names_no_other_creditor_and_no_other_amount() -> None:
    case, arrangement = running_case(10_000_00, 20_000_11, 1_234_57)
    for number, creditor in enumerate(case.creditors):
        with act_as(creditor_scope(creditor)):
            own = Document.objects.get(arrangement=arrangement)
        printed = "".join(page.extract_text() for page in PdfReader(BytesIO(bytes(own.pdf))).pages)
        for text in (json.dumps(own.content, ensure_ascii=False), printed):
            assert case.claims[number].reference in text
            for other, stranger in enumerate(case.creditors):
                if other != number:
                    assert stranger.name not in text
                    assert case.claims[other].reference not in text
                    assert "20.000,11" not in text or number == 1
        assert "nog 2 andere organisaties" in json.dumps(own.content)


def test_the_pdf_is_dutch_has_a_title_an_outline_and_numbered_pages() -> None:
    _case, _arrangement = running_case(*[1_000_00 + number for number in range(14)])
    with as_worker("test"):
        document = Document.objects.get(kind="agreement")
    pdf = bytes(document.pdf)
    assert sha256(pdf).hexdigest() == document.sha256
    reader = PdfReader(BytesIO(pdf))
    pages = [page.extract_text() for page in reader.pages]
    assert len(pages) > 1
    for number, text in enumerate(pages, start=1):
        assert f"pagina {number} van {len(pages)}" in text
        assert document.reference in text
        assert document.content["hash"] in text
    assert str(reader.root_object["/Lang"]) == "nl"
    assert reader.metadata is not None
    assert reader.metadata.title == "Uw regeling"
    assert len(reader.outline) > 0
    assert "Eén Plan verdeelt" in pages[0]
    assert "€" in "".join(pages)


def test_the_same_content_gives_the_same_bytes() -> None:
    running_case(10_000_00)
    with as_worker("test"):
        document = Document.objects.get(kind="agreement")
    assert render_pdf(document.content) == render_pdf(document.content) == bytes(document.pdf)


def test_a_name_the_font_does_not_have_is_printed_without_its_accent() -> None:
    running_case(10_000_00)
    with as_worker("test"):
        content = Document.objects.get(kind="agreement").content
    content["intro"] = ["Erdős Şahin <b>&amp;"]
    text = PdfReader(BytesIO(render_pdf(content))).pages[0].extract_text()
    assert "Erdos Şahin <b>&amp;" in text


def test_the_page_holds_everything_the_document_says() -> None:
    running_case(10_000_00, 20_000_00, kept={1})
    with as_worker("test"):
        content = Document.objects.get(kind="agreement").content
    html = render_to_string("documents/document.html", {"content": content})
    for section in content["sections"]:
        assert section["heading"] in html
        for point in section.get("points", []):
            assert point in html
        for row in section.get("table", {}).get("rows", []):
            assert all(cell in html for cell in row)
    assert content["hash"] in html


def test_the_closing_statements_tell_what_was_waived_and_what_remains() -> None:
    case, arrangement = running_case(10_000_00, 20_000_00, kept={1})
    pay_all(arrangement)
    jobs.run_all()
    with act_as(citizen_scope(case.citizen)):
        closing = dict(Document.objects.get(kind="closing").content["summary"])
    assert closing["U betaalde"] == "€\u00a01.620,00"
    assert closing["Dit hoeft u niet meer te betalen"] == "€\u00a09.460,00"
    assert closing["Dit blijft over"] == "€\u00a018.920,00"
    with act_as(creditor_scope(case.creditors[0])):
        extract = dict(Document.objects.get(kind="closing_extract").content["summary"])
    assert (extract["U kreeg"], extract["Kwijtgescholden"], extract["Blijft over"]) == (
        "€\u00a0540,00",
        "€\u00a09.460,00",
        "€\u00a00,00",
    )
