"""The first minute of three kinds of people: from the address of the app to their answer, with nobody's help.

Each journey is walked with mouse and keyboard alone on whatever page it is given; it counts what the hand does.
The tests walk them on an analysis made by hand, ``benchmarks/first_minute.py`` on the embedded region.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from coverage.language import _, using


class Newcomer:
    """Somebody before the app, in one language; ``hand`` counts clicks, words typed and keys pressed."""

    def __init__(self, page: Any, language: str = "id") -> None:
        self.page = page
        self.language = language
        self.hand = 0

    def word(self, text: str) -> str:
        """What the app calls it in the newcomer's language."""
        with using(self.language):
            return _(text)

    def click(self, found: Any) -> None:
        """Press what a hand can reach."""
        found.click()
        self.hand += 1

    def reads(self, text: str) -> Any:
        """Wait until a text is there to be read."""
        found = self.page.get_by_text(text).first
        found.wait_for()
        return found

    def is_new(self, kind: str) -> Any:
        """Open the tour and say from where one is; the tour's box."""
        self.click(self.page.get_by_role("button", name=self.word("New here?")))
        box = self.page.get_by_test_id("stPopoverBody").filter(has_text=self.word("I am from"))
        self.click(box.get_by_role("button", name=self.word(kind)).or_(box.get_by_role("radio", name=self.word(kind))))
        return box

    def sees_page(self, title: str) -> None:
        """Wait until the headline says something."""
        self.page.get_by_role("heading", level=2, name=re.compile(title)).wait_for()


def village_head(person: Newcomer, village: str) -> None:
    """How is my village served, what can we do, what does it cost, whom do we ask?"""
    box = person.is_new("a village")
    find = box.get_by_role("combobox", name=person.word("Which village?"))
    person.click(find)
    find.fill(village)
    find.press("Enter")
    person.hand += 2
    person.sees_page(re.escape(village))
    person.reads(person.word("How it is served"))
    person.reads(person.word("What can be done"))
    person.reads(person.word("Price and subsidy"))
    person.reads(person.word("The neighbours"))


def staff(person: Newcomer) -> None:
    """Which provider should talk to which village, and why?"""
    box = person.is_new("Kominfo or Diskominfo")
    person.click(box.get_by_role("link", name=person.word("Deals")))
    panel = person.page.locator(".st-key-panel")
    panel.get_by_text(person.word("The best deal")).first.wait_for()
    before = panel.get_by_role("heading", level=3).inner_text()
    # The list is a picture: its second row lies one row below the first.
    grid = person.page.get_by_test_id("stDataFrame").first.bounding_box()
    person.page.mouse.click(grid["x"] + 20, grid["y"] + 35 * 2.5)
    person.hand += 1
    person.page.wait_for_function("name => document.querySelector('.st-key-panel h3').innerText !== name", arg=before)
    panel.get_by_text(person.word("The best deal")).first.wait_for()


def planner(person: Newcomer) -> None:
    """Which of two scenarios buys more for the same money?"""
    box = person.is_new("planning (Bappeda)")
    person.click(box.get_by_role("link", name=person.word("Scenario")))
    group = person.page.locator(".st-key-plan_view_picked")
    person.click(group.get_by_text(person.word("Compare"), exact=True))
    person.click(person.page.get_by_role("button", name=person.word("Compare"), exact=True).last)
    person.page.locator(".st-key-compare_maps").wait_for()


JOURNEYS: dict[str, Callable[..., None]] = {"village_head": village_head, "staff": staff, "planner": planner}
SIZES = {"desktop": (1366, 900), "phone": (390, 844)}
