"""What comes in: net income with its period and holiday allowance, the payslip, the partner (ux.md C7, domain.md 1.1)."""

from typing import Any

from django import forms

from affordability.household import UncertainReason
from affordability.income import (
    MOST_PER_MONTH,
    MOST_TAXABLE,
    HolidayAllowance,
    looks_too_low,
    net_per_month,
    taxable_per_year,
)
from affordability.replay import INCOME_UNKNOWN
from arrangements.models import Application
from citizen_portal.forms.citizen import YES_NO, choice_field
from infra.forms import EuroField, PageForm
from kernel.cents import format_euro
from kernel.periods import Period, per_month

PERIODS = (
    (Period.MONTH.value, "Elke maand"),
    (Period.FOUR_WEEKS.value, "Elke 4 weken"),
    (Period.WEEK.value, "Elke week"),
)
PAPERS = (
    (Period.MONTH.value, "Loonstrook van een maand"),
    (Period.FOUR_WEEKS.value, "Loonstrook van 4 weken"),
    (Period.WEEK.value, "Loonstrook van een week"),
    (Period.YEAR.value, "Jaaropgave, voor een heel jaar"),
)
UNKNOWN_LABEL = "Dat weet ik niet"
ONE_ANSWER = "Kies één antwoord: een bedrag, of dat weet ik niet."
AMOUNT_OR_UNKNOWN = "Vul een bedrag in. Of kies: dat weet ik niet."
TOO_MUCH = f"Dit is meer dan {format_euro(MOST_PER_MONTH)} per maand. Kijk nog eens naar het bedrag."


def _unknown() -> forms.BooleanField:
    return forms.BooleanField(label=UNKNOWN_LABEL, required=False)


class _AmountOrUnknownForm(PageForm):
    """A form in which an amount is asked and "weet ik niet" is an answer."""

    def need(self, given: dict[str, Any], amount: str, unknown: bool) -> None:
        """Exactly one of the two. An amount that could not be read has its own error already."""
        if amount in self.errors:
            return
        if given.get(amount) is None and not unknown:
            self.add_error(amount, AMOUNT_OR_UNKNOWN)
        elif given.get(amount) is not None and unknown:
            self.add_error(amount, ONE_ANSWER)


def _with(unknown: list[str], reason: str, doubtful: bool) -> list[str]:
    return sorted((set(unknown) - {reason}) | ({reason} if doubtful else set()))


def _as_typed(typed: dict[str, Any], cents: int | None, period: Period) -> dict[str, Any]:
    """What was typed; where only the outcome is known (per `period`), that."""
    return typed or ({} if cents is None else {"cents": cents, "period": period.value})


class IncomeForm(_AmountOrUnknownForm):
    """Net income with its period, and where the holiday allowance is."""

    amount = EuroField(
        label="Hoeveel geld komt er binnen, in euro?",
        required=False,
        maximum=MOST_PER_MONTH,
        help_text="Tel uw loon, uitkering of pensioen op. Tel toeslagen niet mee. Dan houdt u genoeg over.",
    )
    period = choice_field(
        "Hoe vaak komt dit bedrag?", PERIODS, missing="Kies hoe vaak dit bedrag komt.", required=False
    )
    unknown = _unknown()
    holiday = choice_field(
        "Zit uw vakantiegeld al in dit bedrag?",
        Application.HolidayAllowance.choices,
        missing="Kies een antwoord over uw vakantiegeld.",
        required=False,
        help_text="Meestal krijgt u vakantiegeld apart, in mei of juni.",
    )
    holiday_amount = EuroField(
        label="Hoeveel vakantiegeld krijgt u per jaar, in euro?",
        required=False,
        maximum=MOST_PER_MONTH,
        help_text="Vul in wat er op uw rekening komt. Alleen als u het apart krijgt.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        unknown = bool(given.get("unknown"))
        self.need(given, "amount", unknown)
        if unknown:
            return given
        if not given.get("period") and "period" not in self.errors:
            self.add_error("period", "Kies hoe vaak dit bedrag komt.")
        if not given.get("holiday") and "holiday" not in self.errors:
            self.add_error("holiday", "Kies een antwoord over uw vakantiegeld.")
        apart = given.get("holiday") == HolidayAllowance.APART
        if apart and given.get("holiday_amount") is None and "holiday_amount" not in self.errors:
            self.add_error("holiday_amount", "Vul uw vakantiegeld in. Weet u het niet? Kies dan: dat weet ik niet.")
        if not self.errors and per_month(given["amount"], Period(given["period"])) > MOST_PER_MONTH:
            self.add_error("amount", TOO_MUCH)
        return given

    def answers(self, application: Application) -> dict[str, Any]:
        """What is saved: what was typed, the income per month, and what is not known."""
        given = self.cleaned_data
        if given["unknown"]:
            doubts = _with(application.unknown, INCOME_UNKNOWN, True)
            return {
                "net_income_cents": None,
                "income_typed": {},
                "holiday_allowance": "",
                "unknown": _with(doubts, UncertainReason.HOLIDAY_ALLOWANCE_UNKNOWN, False),
            }
        holiday = HolidayAllowance(given["holiday"])
        apart = given["holiday_amount"] if holiday is HolidayAllowance.APART else None
        doubts = _with(application.unknown, INCOME_UNKNOWN, False)
        return {
            "net_income_cents": net_per_month(
                given["amount"], Period(given["period"]), holiday=holiday, holiday_per_year=apart
            ),
            "income_typed": {"cents": given["amount"], "period": given["period"], "holiday_cents": apart},
            "holiday_allowance": holiday.value,
            "unknown": _with(doubts, UncertainReason.HOLIDAY_ALLOWANCE_UNKNOWN, holiday is HolidayAllowance.UNKNOWN),
        }

    @staticmethod
    def known(application: Application) -> dict[str, Any]:
        """What was filled in before, as the form wants it."""
        typed = _as_typed(application.income_typed, application.net_income_cents, Period.MONTH)
        return {
            "amount": typed.get("cents"),
            "period": typed.get("period", Period.MONTH.value),
            "unknown": INCOME_UNKNOWN in application.unknown,
            "holiday": application.holiday_allowance,
            "holiday_amount": typed.get("holiday_cents"),
        }


class TaxableForm(_AmountOrUnknownForm):
    """The taxable amount on a payslip or year statement; for a couple that of the partner beside it."""

    taxable_income_cents = EuroField(
        label="Welk bedrag staat er bij 'loon loonheffing', in euro?",
        required=False,
        maximum=MOST_TAXABLE,
        help_text="Heeft u geen loon maar een uitkering? Kijk dan op de specificatie van uw uitkering.",
    )
    taxable_period = choice_field("Op welk papier staat dit bedrag?", PAPERS, required=False)
    partner_taxable_cents = EuroField(
        label="En welk bedrag staat er bij uw partner, in euro?",
        required=False,
        maximum=MOST_TAXABLE,
        help_text="Heeft uw partner geen inkomen? Vul dan 0 in.",
    )
    partner_taxable_period = choice_field("Op welk papier van uw partner?", PAPERS, required=False)
    unknown = _unknown()
    klopt = forms.BooleanField(label="Ja, dit bedrag klopt", required=False)

    asks_to_confirm = False
    """Whether the amount looks like that of one month: then `klopt` stands on the page."""

    def __init__(self, *args: Any, couple: bool, net_income: int | None, **kwargs: Any) -> None:
        """`couple`: whether there is a partner; `net_income`: of the citizen, cents per month, when it is known."""
        super().__init__(*args, **kwargs)
        self._net_income = net_income
        if not couple:
            del self.fields["partner_taxable_cents"], self.fields["partner_taxable_period"]

    @property
    def _couple(self) -> bool:
        return "partner_taxable_cents" in self.fields

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        unknown = bool(given.get("unknown"))
        self.need(given, "taxable_income_cents", unknown)
        if unknown:
            return given
        if not given.get("taxable_period") and not self.errors:
            self.add_error("taxable_period", "Kies het papier waarop dit bedrag staat.")
        if self._couple:
            if given.get("partner_taxable_cents") is None and "partner_taxable_cents" not in self.errors:
                self.add_error("partner_taxable_cents", "Vul het bedrag van uw partner in. Geen inkomen? Vul 0 in.")
            elif given.get("partner_taxable_cents") and not given.get("partner_taxable_period"):
                self.add_error("partner_taxable_period", "Kies het papier van uw partner.")
        if not self.errors:
            total = self.total(given)
            if total > MOST_TAXABLE:
                self.add_error(
                    "taxable_income_cents",
                    f"Dit is meer dan {format_euro(MOST_TAXABLE)} per jaar. Kijk nog eens naar bedrag en papier.",
                )
            elif looks_too_low(total, self._net_income or 0):
                # Too low a taxable income makes the floor too low: worth one more question, never a guess.
                self.asks_to_confirm = True
                if not given.get("klopt"):
                    self.add_error(
                        "taxable_income_cents",
                        f"Dit is {format_euro(total)} per jaar. Dat is minder dan u krijgt. "
                        "Klopt het toch? Kies dan onderaan: ja, dit bedrag klopt.",
                    )
        return given

    @staticmethod
    def total(given: dict[str, Any]) -> int:
        """The taxable income in cents per year, of both together (475da(3))."""
        own = taxable_per_year(given["taxable_income_cents"], Period(given["taxable_period"]))
        partner = given.get("partner_taxable_cents")
        if not partner:
            return own
        return own + taxable_per_year(partner, Period(given["partner_taxable_period"]))

    def answers(self) -> dict[str, Any]:
        """What is saved: what was typed, and the amount per year."""
        given = self.cleaned_data
        if given["unknown"]:
            return {"taxable_income_cents": None, "taxable_income_unknown": True, "taxable_typed": {}}
        return {
            "taxable_income_cents": self.total(given),
            "taxable_income_unknown": False,
            "taxable_typed": {
                "cents": given["taxable_income_cents"],
                "period": given["taxable_period"],
                "partner_cents": given.get("partner_taxable_cents"),
                "partner_period": given.get("partner_taxable_period") or "",
            },
        }

    @staticmethod
    def known(application: Application) -> dict[str, Any]:
        """What was filled in before, as the form wants it."""
        typed = _as_typed(application.taxable_typed, application.taxable_income_cents, Period.YEAR)
        return {
            "taxable_income_cents": typed.get("cents"),
            "taxable_period": typed.get("period", ""),
            "partner_taxable_cents": typed.get("partner_cents"),
            "partner_taxable_period": typed.get("partner_period", ""),
            "unknown": application.taxable_income_unknown,
        }


class PartnerForm(_AmountOrUnknownForm):
    """Whether the partner takes part in this plan, and the partner's net income with its period."""

    takes_part = choice_field(
        "Doet uw partner mee met dit plan?",
        YES_NO,
        help_text="Meedoen kan als uw partner ook moet betalen. Dan telt het inkomen van u samen.",
    )
    partner_income_cents = EuroField(
        label="Hoeveel geld komt er bij uw partner binnen, in euro?",
        required=False,
        maximum=MOST_PER_MONTH,
        help_text="Tel vakantiegeld mee. Heeft uw partner geen inkomen? Vul dan 0 in.",
    )
    partner_period = choice_field("Hoe vaak komt dit bedrag?", PERIODS, required=False)
    unknown = _unknown()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        unknown = bool(given.get("unknown"))
        self.need(given, "partner_income_cents", unknown)
        amount = given.get("partner_income_cents")
        if amount and not unknown and not given.get("partner_period") and "partner_period" not in self.errors:
            self.add_error("partner_period", "Kies hoe vaak dit bedrag komt.")
        if amount and not self.errors and per_month(amount, Period(given["partner_period"])) > MOST_PER_MONTH:
            self.add_error("partner_income_cents", TOO_MUCH)
        return given

    def answers(self, application: Application) -> dict[str, Any]:
        """What is saved: what was typed, the income per month, and what is not known."""
        given = self.cleaned_data
        unknown, amount = given["unknown"], given["partner_income_cents"]
        period = Period(given["partner_period"] or Period.MONTH)
        return {
            "partner_takes_part": given["takes_part"] == "ja",
            "partner_income_cents": None if unknown else per_month(amount, period),
            "partner_typed": {} if unknown else {"cents": amount, "period": period.value},
            "unknown": _with(application.unknown, UncertainReason.PARTNER_INCOME_UNKNOWN, unknown),
        }

    @staticmethod
    def known(application: Application) -> dict[str, Any]:
        """What was filled in before, as the form wants it."""
        typed = _as_typed(application.partner_typed, application.partner_income_cents, Period.MONTH)
        return {
            "takes_part": {True: "ja", False: "nee", None: None}[application.partner_takes_part],
            "partner_income_cents": typed.get("cents"),
            "partner_period": typed.get("period", Period.MONTH.value),
            "unknown": UncertainReason.PARTNER_INCOME_UNKNOWN in application.unknown,
        }
