"""The checking browser reads pages as they are, and the check says so when something is not."""

import pytest
from django.core.management import CommandError, call_command

from citizen_portal.demo.browser import Page, PageNotAsExpected, _Reader, amounts
from citizen_portal.demo.check import NotSo, Walk

HTML = """<html><head><title>€ 1</title></head><body><a href="/x/">Naar <b>x</b></a>
<form method="post" action=""><input type="hidden" name="csrf" value="t"><input name="amount" value="5">
<input type="radio" name="period" value="week"><input type="radio" name="period" value="month" checked>
<input type="checkbox" name="off" value="1"><textarea name="note">hm</textarea>
<select name="claim"><option value="1">a</option><option value="2" selected>b</option></select>
<button name="decision" value="pay">Betaal</button></form>
<table><tr data-check="row" data-name="A"><td>€ 1.234,56</td><td>€&nbsp;7</td></tr></table>
<p data-check="exact" data-cents="250">€ 3</p></body></html>"""


def _page() -> Page:
    page = Page("http://site.example/here/", 200, b"", "text/html")
    reader = _Reader(page)
    reader.feed(HTML)
    reader.close()
    return page


def test_a_form_is_sent_as_a_browser_sends_it() -> None:
    form = _page().form("amount")
    assert form.filled({"amount": "9"}) == [
        ("amount", "9"),
        ("csrf", "t"),
        ("period", "month"),
        ("note", "hm"),
        ("claim", "2"),
    ]
    assert ("decision", "pay") in form.filled({}, "decision")


def test_marks_links_and_amounts_are_read() -> None:
    page = _page()
    assert amounts(page.mark("row", name="A").text) == [123456, 700]
    assert page.mark("exact").cents == 250
    assert page.link("Naar x") == "/x/"
    assert amounts(page.text)[0] == 123456  # not what stands in the title


def test_what_is_missing_is_named() -> None:
    with pytest.raises(PageNotAsExpected, match="/here/: nothing is marked total"):
        _page().mark("total")
    with pytest.raises(PageNotAsExpected, match="no form"):
        _page().form("email")


def test_a_figure_that_is_not_so_ends_the_walk_with_both_figures() -> None:
    walk = Walk("http://site.example", print)
    with pytest.raises(NotSo, match=r"paid in all is '€ 12,34', and should be '€ 12,35'|€.12,34.*€.12,35"):
        walk.equal("paid in all", 1234, 1235)


def test_every_wait_has_an_end() -> None:
    with pytest.raises(NotSo, match="mail: not within"):
        Walk.wait("mail", lambda: False, seconds=0.05, pause=0.01)


def test_a_site_that_does_not_answer_is_said_so() -> None:
    with pytest.raises(CommandError, match="does not answer"):
        call_command("demo_check", base_url="http://127.0.0.1:9")
