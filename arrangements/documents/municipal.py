"""The file for the municipality: everything a recognised body or a court needs to take over, in one paper."""

from typing import Any

from affordability.explain import explain
from affordability.fact_names import AMOUNT_LABELS, SITUATION_LABELS
from affordability.household import Situation
from affordability.norm_names import NORM_GROUPS
from arrangements.documents.agreement import split_section
from arrangements.documents.content import Content, Section, columns, long_date, money, percentage
from arrangements.domain.history import is_told, sentence, why
from arrangements.domain.lifecycle import AnswerState
from arrangements.domain.proposal import Route
from arrangements.models import Answer, Assessment, MunicipalRoute, Proposal, ProposalLine
from arrangements.queries.history import case_history
from arrangements.queries.proposal_versions import Version, versions_of
from arrangements.queries.routes import routes_of

MUNICIPAL_TEXT_VERSION = "dossier-gemeente-1"

COURT_FIRST_ASKS = "De rechter vraagt eerst om hulp van een erkende organisatie, zoals uw gemeente. Wij zijn dat niet."
"""Fw 288(2)(b) with Wck 48(1): the attempt has to be made by a body the law names (domain.md 3)."""

ROUTE_WORDS = {
    Route.PLATFORM: "Dit voorstel",
    Route.MUNICIPAL: "De termijn van de gemeente",
    Route.IN_FULL: "Alles betalen",
}


def municipal_content(*, route: MunicipalRoute) -> Content:
    """The whole file: it is the citizen's own paper, so it lists all creditors. Scope: the citizen's."""
    proposal = route.proposal
    citizen, director = proposal.citizen, proposal.citizen.director
    lines = list(
        ProposalLine.objects.filter(proposal=proposal).select_related("creditor", "claim").order_by("position")
    )
    return {
        "kind": "dossier",
        "version": MUNICIPAL_TEXT_VERSION,
        "lang": "nl",
        "title": "Dossier voor de gemeente",
        "reference": str(proposal.public_id)[:8].upper(),
        "intro": [
            f"Dit is het dossier van {citizen.full_name or 'de burger'}.",
            f"Het is gemaakt op {long_date(route.chosen_on)}. Neem het mee naar uw gemeente.",
            COURT_FIRST_ASKS,
        ],
        "summary": _summary(route, proposal),
        "sections": [
            _household(proposal.assessment),
            _norms(proposal.assessment),
            split_section(lines, caption="Alle organisaties in het voorstel"),
            *(_version(one) for one in versions_of(proposal)),
            _story(route.citizen_id),
            _routes(proposal),
            _choice(route),
        ],
        "contact": [f"Vragen? Bel {director.name} van {director.organisation}: {director.phone}."],
        "hash": "",
    }


def _summary(route: MunicipalRoute, proposal: Proposal) -> list[list[str]]:
    answers = list(Answer.objects.filter(proposal=proposal, left_out_on=None))
    yes = sum(answer.state == AnswerState.ACCEPTED for answer in answers)
    no = sum(answer.state == AnswerState.REFUSED for answer in answers)
    silent = sum(answer.state == AnswerState.UNANSWERED for answer in answers)
    return [
        ["Aanbod", f"{money(proposal.monthly_cents)} per maand, ten hoogste {proposal.months} maanden"],
        ["Samen betaald", money(proposal.pot_cents)],
        ["Open bij alle organisaties", money(proposal.total_cents)],
        ["Deel dat wordt betaald", percentage(proposal.pot_cents, proposal.total_cents)],
        ["Antwoorden", f"{yes} ja, {no} nee, {silent} geen antwoord, van {len(answers)} organisaties"],
        ["Zeker te missen per maand", money(proposal.assessment.sure_cents)],
        ["Gekozen", f"hulp van {route.body_name or 'een gemeente'}, op {long_date(route.chosen_on)}"],
    ]


def _household(assessment: Assessment) -> Section:
    inputs: dict[str, Any] = assessment.inputs
    rows = []
    if inputs.get("situation"):
        rows.append(["Leefsituatie", SITUATION_LABELS[Situation(inputs["situation"])]])
    rows += [
        [label, "niet bekend" if inputs[name] is None else money(inputs[name])]
        for name, label in AMOUNT_LABELS.items()
        if name in inputs
    ]
    for one in explain(assessment.trace).sums:
        rows += [[f"{one.title}: {line.sign} {line.label}".replace("  ", " "), money(line.cents)] for line in one.lines]
    return {
        "key": "huishouden",
        "heading": "Het huishouden en de toets",
        "paragraphs": [
            f"De toets is van {long_date(assessment.on_date)}. Formule: artikel 475da Rv, regels {assessment.rules or '1'}.",
            "Zo is gerekend:",
        ],
        "table": {
            "caption": "Gegevens en uitkomst van de toets",
            "columns": columns("Gegeven", "Bedrag", numbers=(1,)),
            "rows": rows,
        },
    }


def _norms(assessment: Assessment) -> Section:
    labels = {name: label for group in NORM_GROUPS for name, label in group.labels.items()}
    rows = []
    for name, label in labels.items():
        entry = assessment.norms.get(name)
        if isinstance(entry, dict):
            value = f"{entry['percent']} %" if "percent" in entry else money(entry["cents"])
            rows.append([label, value, entry["source"]])
    example = ["Let op: dit zijn voorbeeldnormen."] if assessment.uses_example_norms else []
    return {
        "key": "normen",
        "heading": "De normen van de toets",
        "paragraphs": [f"Normen van het halfjaar {assessment.norms_key}.", *example],
        "table": {"caption": "Normen met hun bron", "columns": columns("Norm", "Bedrag", "Bron"), "rows": rows},
    }


def _version(one: Version) -> Section:
    proposal = one.proposal
    sent = f"verstuurd op {long_date(proposal.submitted_on)}" if proposal.submitted_on else "niet verstuurd"
    return {
        "key": f"versie-{proposal.version}",
        "heading": f"Versie {proposal.version}: wie zei wat",
        "paragraphs": [
            f"Deze versie is {sent}. De stand: {one.ended}.",
            f"Het aanbod was {money(proposal.monthly_cents)} per maand, ten hoogste {proposal.months} maanden.",
        ],
        "table": {
            "caption": f"Antwoorden op versie {proposal.version}",
            "columns": columns(
                "Organisatie", "Open", "Aanbod", "Deel", "Antwoord", "Datum", "Reden", numbers=(1, 2, 3)
            ),
            "rows": [
                [
                    said.name,
                    money(said.outstanding_cents),
                    money(said.share_cents),
                    percentage(said.share_cents, said.outstanding_cents),
                    said.word,
                    f"{said.on:%d-%m-%Y}" if said.on else "–",
                    said.reason or "–",
                ]
                for said in one.said
            ],
        },
    }


def _story(citizen_id: int) -> Section:
    rows = [
        [f"{event.on:%d-%m-%Y}", sentence(event), why(event) or "–"]
        for event in case_history(citizen_id)
        if is_told(event)
    ]
    return {
        "key": "verloop",
        "heading": "Wat er is gebeurd, in volgorde",
        "paragraphs": ["Elke stap, met de datum en de reden."],
        "table": {
            "caption": "Het verloop",
            "columns": columns("Datum", "Wat", "Waarom"),
            "rows": rows or [["–", "–", "–"]],
        },
    }


def _routes(proposal: Proposal) -> Section:
    found = routes_of(proposal)
    return {
        "key": "vergelijking",
        "heading": f"Naast de termijn van {found.municipal_months} maanden",
        "paragraphs": [
            f"Met hetzelfde bedrag per maand: {money(found.monthly_cents)}.",
            "De gemeente rekent zelf opnieuw. Haar uitkomst kan anders zijn.",
        ],
        "table": {
            "caption": "Drie manieren naast elkaar",
            "columns": columns("Manier", "Maanden", "Betaald", "Vervalt", "Blijft over", numbers=(1, 2, 3, 4)),
            "rows": [
                [
                    words,
                    str(found.routes[key].months),
                    money(found.routes[key].paid),
                    money(found.routes[key].waived),
                    money(found.routes[key].remains),
                ]
                for key, words in ROUTE_WORDS.items()
            ],
        },
    }


def _choice(route: MunicipalRoute) -> Section:
    body = f"{route.body_name} ({route.get_body_kind_display().lower()})" if route.body_name else "nog niet bekend"
    return {
        "key": "keuze",
        "heading": "Wat de burger kiest",
        "paragraphs": [
            f"Op {long_date(route.chosen_on)} koos de burger voor hulp van een gemeente.",
            f"De organisatie die helpt: {body}.",
            COURT_FIRST_ASKS,
            "Artikel 288 lid 2 onder b Faillissementswet, artikel 48 Wet op het consumentenkrediet.",
        ],
    }
