"""Each kind of people comes to their answer in a few steps, on a desk and on a phone, without a network or help."""

import pytest

from tests.fake_analysis import code
from tests.ui.journeys import JOURNEYS, SIZES, Newcomer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
#: So many times may a newcomer's hand move before the answer is there.
STEPS = {"village_head": 5, "staff": 4, "planner": 5}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", JOURNEYS)
def test_a_newcomer_reaches_the_answer(serve, visit, kind, size):
    width, height = SIZES[size]
    seen = visit(serve().url + "/", width=width, height=height)
    person = Newcomer(seen.page)
    JOURNEYS[kind](person, *(["Desa K10"] if kind == "village_head" else []))
    assert person.hand <= STEPS[kind]
    # Nothing is wider than the page: nobody must scroll sideways.
    main = "document.querySelector('[data-testid=stMain]')"
    assert seen.page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")
    if kind == "village_head":
        seen.page.wait_for_url(f"**desa={code(10)}*")


def test_on_a_phone_the_pages_stand_in_a_row_and_the_head_takes_two(serve, visit):
    seen = visit(serve().url + "/", width=390, height=844)
    seen.wait_for_map()
    assert seen.page.locator(".st-key-pages a").count() == 9
    seen.page.locator(".st-key-pages").get_by_role("link", name="Desa").click()
    seen.page.wait_for_url("**/desa*")
    top = {
        name: seen.page.locator(f".st-key-{name}").bounding_box()["y"] for name in ("pages", "lang", "search", "answer")
    }
    assert top["pages"] < top["lang"] < top["search"] < top["answer"]
    head = seen.page.locator(".st-key-header").bounding_box()
    assert head["height"] < 110
