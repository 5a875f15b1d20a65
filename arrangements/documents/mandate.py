"""The words of a mandate as a document: made from the text that was kept, never from the words of today."""

from accounts.models import MandateText
from arrangements.documents.content import Content, Section, long_date


def mandate_document(given: MandateText, *, versioned: bool = True) -> Content:
    """What the citizen said yes to, to the letter, with when, until when, and the hash of the text.

    `versioned`: with the name of the version, which is no word for a page of a citizen.
    """
    lines = given.text.splitlines()
    title = lines[1] if len(lines) > 1 else "Machtiging"
    intro: list[str] = []
    sections: list[Section] = []
    for line in lines[2:]:
        if line.startswith("# "):
            sections.append({"key": f"deel-{len(sections) + 1}", "heading": line[2:], "paragraphs": [], "points": []})
        elif line.startswith("- ") and sections:
            sections[-1]["points"].append(line[2:])
        elif sections:
            sections[-1]["paragraphs"].append(line)
        else:
            intro.append(line)
    return {
        "kind": "machtiging",
        "version": given.text_version,
        "lang": "nl",
        "title": title,
        "reference": "",
        "intro": intro,
        "summary": [
            ["Ja gezegd op", long_date(given.given_on)],
            ["Laatste dag", long_date(given.valid_until)],
            *([["Versie", given.text_version]] if versioned else []),
        ],
        "sections": sections,
        "contact": [],
        "hash": given.text_hash,
    }
