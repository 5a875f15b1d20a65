"""The questions before logging in, in a real browser: every way out passes axe, and all of it works without JavaScript."""

from collections.abc import Callable
from itertools import product
from typing import Any, Final

import pytest
from django.db import transaction
from playwright.sync_api import Page

from citizen_portal.fit import Exit, Helper, Spare, Threat, exits
from tests.factories import stages
from tests.factories.money import at

pytestmark = pytest.mark.timeout(300)

#: Together they show every way out, first on the page and further down.
ANSWERS: Final = (
    (Threat.SEVERAL, Helper.UNKNOWN, Spare.NO),
    (Threat.HOME, Helper.MUNICIPALITY, Spare.YES),
    (Threat.UNKNOWN, Helper.VOLUNTEER, Spare.UNKNOWN),
    (Threat.NONE, Helper.BEWINDVOERDER, Spare.NO),
    (Threat.NONE, Helper.UNKNOWN, Spare.YES),
    (Threat.NONE, Helper.NOBODY, Spare.NO),
    (Threat.NONE, Helper.NOBODY, Spare.YES),
)


@pytest.fixture
def answer(live_server: Any) -> Callable[..., None]:
    """`answer(page, threat, helper, spare)`: choose and press; None leaves a question open."""
    with transaction.atomic():
        at(stages.MONDAY)

    def choose(page: Page, threat: Threat | None, helper: Helper | None, spare: Spare | None) -> None:
        page.goto(f"{live_server.url}/past-dit-bij-mij/")
        for name, value in (("threat", threat), ("helper", helper), ("spare", spare)):
            if value is not None:
                page.locator(f'input[name="{name}"][value="{value}"]').check()
        # The answer stands at the same address: without waiting for it we could be looking at the page before.
        with page.expect_navigation():
            page.get_by_role("button", name="Bekijk antwoord").click()
        assert page.url == f"{live_server.url}/past-dit-bij-mij/", "the answers stand in no address"

    return choose


def test_these_answers_show_every_way_out_first_and_every_one_that_can_follow() -> None:
    def places(given: list[tuple[Threat, Helper, Spare]]) -> set[tuple[Exit, bool]]:
        return {(one, number == 0) for found in given for number, one in enumerate(exits(*found))}

    assert places(list(ANSWERS)) == places(list(product(Threat, Helper, Spare)))


def test_every_way_out_is_accessible(
    page: Page, answer: Callable[..., None], assert_accessible: Callable[[Page], None]
) -> None:
    for given in ANSWERS:
        answer(page, *given)
        assert_accessible(page)
    answer(page, Threat.HOME, None, None)
    assert page.title().startswith("Fout: ")
    assert_accessible(page)


def test_every_way_out_is_reached_without_javascript_on_the_narrowest_screen(
    phone: Page, answer: Callable[..., None], assert_fits: Callable[[Page], None]
) -> None:
    for given in ANSWERS:
        answer(phone, *given)
        assert_fits(phone)
        assert phone.locator("main .utrecht-button-link--primary-action").count() == 1
    answer(phone, None, Helper.COURT, None)
    assert phone.locator("#fouten li").count() == 2
    assert phone.locator(f'input[value="{Helper.COURT}"]').is_checked()
