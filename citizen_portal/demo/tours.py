"""Three guided tours of about six clicks; every case stands just before its decision."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One click: who you are then, where you land, and what to look at. `months`: the time machine instead of a page."""

    text: str
    persona: str = ""
    path: str = ""
    months: int = 0


@dataclass(frozen=True, slots=True)
class Tour:
    slug: str
    title: str
    about: str
    steps: tuple[Step, ...]


TOURS = (
    Tour(
        "gemeente",
        "Gemeente",
        "Niemand betaalt meer dan kan. En aan het eind is het klaar.",
        (
            Step("Anja leeft van bijstand. Vul in dat zij 150 euro kan missen.", "anja", "/mijn/aanvraag/missen/"),
            Step("U ziet het hoogste bedrag. Vul nu 70 euro in.", "anja", "/mijn/aanvraag/missen/"),
            Step("Eén bedrag, verdeeld over iedereen. En 36 maanden naast 18.", "anja", "/mijn/aanvraag/voorstel/"),
            Step("Mehmet betaalt aan 14 organisaties. Bekijk zijn overzicht.", "mehmet", "/mijn/"),
            Step("Gerda betaalt nog twee termijnen. Zet de tijd twee maanden vooruit.", months=2),
            Step("De rest is kwijtgescholden. Bekijk het eindoverzicht.", "gerda", "/mijn/"),
        ),
    ),
    Tour(
        "organisatie",
        "Organisatie",
        "Eén werkvoorraad, uw eigen deel, en beleid dat vanzelf ja zegt.",
        (
            Step("De werkvoorraad van De Linde, op datum.", "delinde-balie", "/schuldeiser/"),
            Step("Bekijk het voorstel van Kim: uw deel en de regel.", "delinde-balie", "/demo/voorstel/kim/"),
            Step("Zeg ja, of nee met een reden.", "delinde-balie", "/demo/voorstel/kim/"),
            Step("Polderzorg zegt vanzelf ja. Bekijk het beleid.", "polderzorg-beheer", "/schuldeiser/beleid/"),
            Step("Wat is er betaald? Bekijk de betaalbestanden.", "delinde-balie", "/schuldeiser/uitbetalingen/"),
            Step("Stuur zelf een bestand met vorderingen op.", "delinde-beheer", "/schuldeiser/vorderingen/import/"),
        ),
    ),
    Tour(
        "coach",
        "Budgetcoach",
        "Wie heeft mij vandaag nodig? En wie beslist?",
        (
            Step("Sam ziet wie vandaag hulp nodig heeft.", "sam", "/coach/"),
            Step("Bij Youssef ontbreekt een gegeven. Open zijn naam en vul het aan.", "sam", "/coach/"),
            Step("Sam zette alles klaar voor Lotte. Werk voor haar en probeer te versturen.", "sam", "/coach/"),
            Step("Versturen doet Lotte zelf.", "lotte", "/mijn/aanvraag/controle/"),
            Step("Piet kreeg een nee. Bekijk wat hij kan kiezen.", "piet", "/mijn/voorstel/"),
            Step("Henk kan de hulp van Sam meteen stoppen.", "henk", "/mijn/helpers/"),
        ),
    ),
)
