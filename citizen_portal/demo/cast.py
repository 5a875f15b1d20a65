"""Who plays: organisations, helpers and households. All names, numbers and addresses are made up.

What each household owes stands in the organisations' own files (`claims/<day of upload>/<organisation>.csv`), which go
through the same upload as anybody's. Amounts here are in cents.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

CLAIMS = Path(__file__).parent / "claims"
START = date(2026, 1, 12)
"""The demo's history begins here, so that one household can stand just before its waiver."""
TODAY = date(2026, 11, 23)
"""The business date on which the demo opens."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """A creditor. `accepts_from`: its own policy, in hundredths of a percent; None means that people answer."""

    slug: str
    name: str
    kind: str
    iban: str
    clerk: str
    manager: str
    accepts_from: int | None = None
    is_health_insurer: bool = False

    @property
    def email(self) -> str:
        return f"post@{self.slug}.example"

    @property
    def clerk_email(self) -> str:
        return f"balie@{self.slug}.example"

    @property
    def manager_email(self) -> str:
        return f"beheer@{self.slug}.example"


ORGANISATIONS = (
    Organisation(
        "polderzorg",
        "Zorgverzekeraar Polderzorg",
        "care",
        "NL96DEMO1000207919",
        "Ilse Dekker",
        "Bram Kuipers",
        2_000,
        True,
    ),
    Organisation("delinde", "Woonstichting De Linde", "other", "NL71DEMO1000215838", "Joke Willems", "Peter van Loon"),
    Organisation(
        "waterstroom", "Waterstroom Energie", "utility", "NL46DEMO1000223757", "Samira Haddad", "Koen Bos", 2_500
    ),
    Organisation("belvrij", "BelVrij Telecom", "other", "NL21DEMO1000231676", "Tim Prins", "Lisa Hoekstra", 3_000),
    Organisation(
        "rivierdal", "Belastingen Rivierdal", "public", "NL93DEMO1000239595", "Els Brouwer", "Hans Vos", 4_000
    ),
    Organisation("boetebureau", "Boetebureau", "public", "NL68DEMO1000247514", "Rob Schouten", "Anita Kramer"),
    Organisation(
        "wolkenveld", "Warenhuis Wolkenveld", "other", "NL43DEMO1000255433", "Nina Post", "Jeroen Smits", 2_500
    ),
    Organisation("noorderzon", "Noorderzon Krediet", "other", "NL18DEMO1000263352", "Mark Hendriks", "Eva Blom"),
    Organisation(
        "helderbron", "Waterbedrijf Helderbron", "utility", "NL90DEMO1000271271", "Wim Jonker", "Sara Mol", 2_000
    ),
    Organisation("boomhut", "Kinderopvang De Boomhut", "other", "NL65DEMO1000279190", "Dewi Sari", "Karin Evers"),
    Organisation(
        "mondzorg", "Factuurhuis Mondzorg", "care", "NL40DEMO1000287109", "Frank Maas", "Julia Wolters", 3_000
    ),
    Organisation(
        "toeslagen", "Inning Toeslagen", "public", "NL15DEMO1000295028", "Petra Zwart", "Martin de Boer", 5_000
    ),
    Organisation(
        "studieboeken", "Studieboeken Direct", "other", "NL87DEMO1000302947", "Roos Klein", "Max Groen", 3_500
    ),
    Organisation(
        "wegwijzer", "Autoverzekering De Wegwijzer", "other", "NL62DEMO1000310866", "Gijs Timmer", "Lotta Haas"
    ),
    Organisation(
        "fitfris", "Sportclub Fit en Fris", "other", "NL37DEMO1000318785", "Bo Admiraal", "Tess Verhoef", 4_000
    ),
)


@dataclass(frozen=True, slots=True)
class Helper:
    """A coach or somebody of the desk."""

    slug: str
    name: str
    kind: str
    organisation: str
    phone: str

    @property
    def email(self) -> str:
        return f"{self.slug}@hulp.example"


DESK = Helper("fatima", "Fatima El Amrani", "desk", "Loket Eén Plan", "088 000 21 00")
# What takes two people of the desk can be tried by hand.
DESK_TOO = Helper("bram", "Bram Visser", "desk", "Loket Eén Plan", "088 000 21 01")
SAM = Helper("sam", "Sam de Vries", "coach", "Budgetmaatjes Rivierdal", "088 000 21 31")
NOOR = Helper("noor", "Noor Bakker", "coach", "Stichting Samen Verder", "088 000 21 45")
HELPERS = (DESK, DESK_TOO, SAM, NOOR)


@dataclass(frozen=True, slots=True)
class Household:
    """A citizen with what they fill in. `letter`: the organisation whose letter, with its code, proves who they are."""

    slug: str
    first_name: str
    family_name: str
    birth_date: date
    postcode: str
    house_number: str
    phone: str
    story: str
    answers: dict[str, Any] = field(default_factory=dict)
    letter: tuple[str, str] | None = None
    pays: str = "pays"

    @property
    def email(self) -> str:
        return f"{self.slug}@post.example"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.family_name}"


FIXED_COSTS: dict[str, dict[str, Any] | None] = {
    "rent": {"cents": 640_00, "period": "month"},
    "energy": {"cents": 145_00, "period": "month"},
    "health_insurance": {"cents": 152_00, "period": "month"},
}
"""What everybody of the cast pays every month."""


def _alone(net: int, taxable: int | None, **more: Any) -> dict[str, Any]:
    return {
        "situation": "alleenstaand",
        "net_income_cents": net,
        "taxable_income_cents": taxable,
        "taxable_income_unknown": taxable is None,
        "holiday_allowance": "included",
    } | more


ANJA = Household(
    "anja",
    "Anja",
    "Smit",
    date(1968, 8, 30),
    "7411EF",
    "19",
    "06 00 00 11 01",
    "Anja leeft van bijstand. Haar aanvraag is klaar tot de vraag wat zij kan missen.",
    _alone(1_419_46, 19_100_00),
    ("polderzorg", "POL-202611-002"),
)
MEHMET = Household(
    "mehmet",
    "Mehmet",
    "Yılmaz",
    date(1984, 9, 22),
    "6511KL",
    "117",
    "06 00 00 11 02",
    "Mehmet werkt. Zijn partner doet niet mee. Hij betaalt sinds juni aan 14 organisaties.",
    _alone(
        2_400_00,
        48_000_00,
        situation="gehuwd",
        partner_takes_part=False,
        partner_income_cents=900_00,
        declared_cents=300_00,
    ),
    ("delinde", "DEL-202605-001"),
    pays="late",
)
PIET = Household(
    "piet",
    "Piet",
    "de Groot",
    date(1979, 11, 19),
    "3011PQ",
    "44 B",
    "06 00 00 11 03",
    "Piet heeft een preferente vordering, een boete die niet mag worden kwijtgescholden, en een nee.",
    _alone(1_900_00, 26_000_00, declared_cents=180_00),
    ("delinde", "DEL-202611-002"),
)
RIA = Household(
    "ria",
    "Ria",
    "Jansen",
    date(1972, 6, 2),
    "7551CD",
    "31",
    "06 00 00 11 04",
    "Ria leeft van bijstand en heeft één schuld, bij haar zorgverzekeraar. Zij betaalt € 25, 36 maanden lang.",
    _alone(1_419_46, 19_100_00, declared_cents=25_00),
    ("polderzorg", "POL-202611-001"),
)
GERDA = Household(
    "gerda",
    "Gerda",
    "Mulder",
    date(1961, 3, 14),
    "7301AB",
    "8",
    "06 00 00 11 05",
    "Gerda betaalt nog twee termijnen. Daarna wordt de rest kwijtgescholden.",
    _alone(1_700_00, 22_000_00, declared_cents=40_00, months=12),
    ("delinde", "DEL-202601-001"),
)
KIM = Household(
    "kim",
    "Kim",
    "Peeters",
    date(1988, 12, 11),
    "6211WX",
    "5",
    "06 00 00 11 06",
    "Kim stuurde vorige week een voorstel. Zes organisaties zeiden vanzelf ja, door hun eigen beleid.",
    _alone(2_200_00, 30_000_00, declared_cents=140_00),
    ("delinde", "DEL-202611-003"),
    pays="half",
)
YOUSSEF = Household(
    "youssef",
    "Youssef",
    "Amrani",
    date(1990, 1, 7),
    "2512RS",
    "203",
    "06 00 00 11 07",
    "Youssef weet zijn belastbaar inkomen niet. De toets weet nog niet zeker of het bedrag past.",
    _alone(1_600_00, None, declared_cents=100_00),
)
LOTTE = Household(
    "lotte",
    "Lotte",
    "van Dam",
    date(1995, 4, 28),
    "5611TV",
    "12",
    "06 00 00 11 08",
    "Lottes coach zette alles klaar. Lotte moet het voorstel zelf bekijken en versturen.",
    _alone(
        2_050_00,
        27_000_00,
        situation="alleenstaande_ouder",
        members=[{"role": "child", "birth_year": 2018, "is_eighteen": None}],
        declared_cents=90_00,
    ),
)
HENK = Household(
    "henk",
    "Henk",
    "Veenstra",
    date(1958, 10, 3),
    "9711YZ",
    "61",
    "06 00 00 11 09",
    "Henks aanvraag ligt stil en de machtiging van zijn coach loopt bijna af.",
    {"situation": "alleenstaand"},
)
ROBIN = Household(
    "robin",
    "Robin",
    "Visser",
    date(1987, 5, 5),
    "3511GH",
    "76",
    "06 00 00 11 10",
    "Robin is er nog niet. Log in met een eigen e-mailadres en doe alles zelf.",
    _alone(1_900_00, 26_000_00),
    ("polderzorg", "POL-202611-006"),
)
DAAN = Household(
    "daan",
    "Daan",
    "Kok",
    date(1983, 7, 17),
    "8011JK",
    "23",
    "06 00 00 11 11",
    "Daan wordt gebruikt door de controle van de demo.",
    _alone(1_900_00, 26_000_00),
    ("polderzorg", "POL-202611-007"),
)

SANNE = Household(
    "sanne",
    "Sanne",
    "Brouwer",
    date(1991, 2, 9),
    "2311AB",
    "14",
    "06 00 00 11 12",
    "Bij één organisatie klopte Sannes bedrag niet. Iedereen kreeg een nieuwe versie van het voorstel.",
    _alone(1_900_00, 26_000_00, declared_cents=50_00),
    ("delinde", "DEL-202611-008"),
)
OMAR = Household(
    "omar",
    "Omar",
    "Haddad",
    date(1986, 6, 21),
    "1315CD",
    "88",
    "06 00 00 11 13",
    "Eén organisatie zei nee tegen Omar. Hij vroeg of zij nog eens wil kijken.",
    _alone(1_900_00, 26_000_00, declared_cents=45_00),
    ("delinde", "DEL-202611-009"),
)
FLEUR = Household(
    "fleur",
    "Fleur",
    "Vos",
    date(1993, 11, 30),
    "7001EF",
    "3",
    "06 00 00 11 14",
    "Fleur heeft een crisis. Haar coach gaf haar een pauze van een maand.",
    _alone(1_900_00, 26_000_00, declared_cents=40_00),
    ("delinde", "DEL-202605-002"),
)
JAN = Household(
    "jan",
    "Jan",
    "de Wit",
    date(1975, 3, 17),
    "4811GH",
    "52",
    "06 00 00 11 15",
    "Jan krijgt zijn geld deze maand later. Hij zette zijn termijn zelf tien dagen later.",
    _alone(1_900_00, 26_000_00, declared_cents=35_00),
    ("delinde", "DEL-202605-003"),
)
NADIA = Household(
    "nadia",
    "Nadia",
    "Kaya",
    date(1989, 8, 8),
    "6041JK",
    "27",
    "06 00 00 11 16",
    "Een deurwaarder legde beslag bij Nadia. Haar plan staat stil voor alle organisaties.",
    _alone(1_900_00, 26_000_00, declared_cents=60_00),
    ("delinde", "DEL-202605-004"),
)
TOM = Household(
    "tom",
    "Tom",
    "Meijer",
    date(1980, 5, 25),
    "8441LM",
    "9",
    "06 00 00 11 17",
    "Tom vond nog een schuld terwijl zijn plan al liep. De organisaties moeten ja zeggen tegen de nieuwe verdeling.",
    _alone(1_900_00, 26_000_00, declared_cents=70_00),
    ("delinde", "DEL-202605-005"),
)
TOMS_LATE_DEBT = ("rivierdal", "RIV-202611-009", 480_00)
"""What Tom found when his plan ran: the organisation, its reference, and the amount in cents."""

TURNS = (SANNE, OMAR, FLEUR, JAN, NADIA, TOM)
"""Those whose plan takes a turn: a balance, a second look, a pause, a later day, a beslag, a debt found late."""

HOUSEHOLDS = (ANJA, MEHMET, PIET, RIA, GERDA, KIM, YOUSSEF, LOTTE, HENK, *TURNS)
"""Those who have a login. Robin and Daan only have letters."""
STILL_TO_COME = (ROBIN, DAAN)
