"""People and their work in the app: who may open what, saving, reporting, reviewing; forged sessions get nothing."""

from __future__ import annotations

import json
import logging
import time

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from coverage import assumptions
from coverage.errors import InputError
from coverage.language import using
from coverage.store import LOCAL, NotAllowedError, evidence, forms, matches, open_store, region_key, users
from coverage.store.evidence import Report
from coverage.store.matches import Offer
from coverage.store.users import Person
from coverage.ui import assumption_table, import_work, journal, people, village_table, words
from tests.fake_analysis import code, make_analysis, make_region
from tests.ui.test_ui_pages import APP, PAGES, _fresh, _warm, everything, pytestmark, start

__all__ = ["_fresh", "_warm", "pytestmark"]


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store of its own for the app under test."""
    monkeypatch.setenv("JANGKAU_DATA", str(tmp_path))
    people.store.clear()
    made = open_store(trusted=frozenset({LOCAL}))
    yield made
    made.close()
    people.store.clear()


@pytest.fixture
def as_role(store, monkeypatch):
    """The app at the hands of somebody who signed in."""

    def enter(role, provider_id="sat_c"):
        person = Person(f"{role}@example.org", role, village_code=code(0), provider_id=provider_id)
        who = users.add(store, LOCAL, person).id
        monkeypatch.setattr(people, "acting", lambda: who)
        return who

    return enter


def test_what_is_wrong_with_a_page_reaches_the_staff(store, as_role):
    as_role("viewer")
    at = start("desa", lang="en", desa=code(3))
    at.button(key="feedback_send").click().run()
    assert "Write what is wrong or missing" in everything(at)
    at.text_area(key="feedback_words").set_value("Dusun 2 has *no* road").run()
    at.button(key="feedback_send").click().run()
    assert "The staff will read it" in everything(at)
    assert at.text_area(key="feedback_words").value == ""
    as_role("staff")
    at = start("kerja", lang="en")
    at.button_group(key="work_view").set_value("feedback").run()
    assert not at.exception
    shown = everything(at)
    assert words.literal("Dusun 2 has *no* road") in shown
    assert f"desa · {code(3)}" in shown.replace("\\", "")


def test_a_scenario_is_saved_and_taken_up_again(store):
    at = start("kerja", lang="en")
    assert not at.exception
    at.session_state["scenario"] = {**at.session_state["scenario"], "budget_idr": 7e9}
    at.run()
    at.text_input(key="save_name").set_value("Seven")
    at.button(key="FormSubmitter:save-Save the present scenario").click().run()
    assert not at.exception
    assert "Saved." in everything(at)
    at.session_state["scenario"] = {**at.session_state["scenario"], "budget_idr": 1e9}
    at.run()
    next(b for b in at.button if b.label == "Take up").click().run()
    assert at.session_state["scenario"]["budget_idr"] == 7e9


def test_a_report_goes_through_the_queue_onto_the_map(store):
    region = make_region()
    key = region_key(region)
    operator = sorted(set(region.cells["operator"]))[0]
    evidence.report(store, LOCAL, key, Report(code(0), {operator: "served"}, "2026-01-02", "Kepala dusun"))
    at = start("kerja", lang="en")
    at.session_state["work_view"] = "queue"
    at.run()
    assert not at.exception
    assert "1 report waits" in everything(at)
    before = len(at.session_state["here"].region.evidence)
    next(b for b in at.button if b.label == "Accept").click().run()
    assert "0 reports wait" in everything(at)
    at.run()
    assert len(at.session_state["here"].region.evidence) == before + 1


@pytest.fixture
def drawn(monkeypatch):
    """Which pages were drawn to their end."""
    pages = []
    monkeypatch.setattr(journal, "event", lambda name, **told: pages.append(told["page"]) if name == "page" else None)
    return pages


@pytest.mark.parametrize(
    ("role", "open_to"),
    [
        ("viewer", ("peta", "desa", "indikator", "wilayah")),
        ("village", ("peta", "desa", "kerja", "wilayah")),
        ("provider", ("peta", "desa", "kemitraan")),
        ("planner", ("kemitraan", "skenario", "asumsi", "data")),
    ],
)
def test_a_role_opens_its_pages_and_no_others(as_role, drawn, role, open_to):
    as_role(role)
    with using("en"):
        at = start("peta", lang="en")
        for page in (*PAGES[1:], "kerja"):
            allowed = page in open_to
            assert role == "planner" or people.may_open(people.user(), page) == allowed
            if allowed or page in ("kemitraan", "data"):
                at._page_hash = calc_hash(page)  # by its own address, as somebody would who knows it
                at.run()
                assert not at.exception, page
                assert drawn[-1] == (page if allowed else "peta")
        if role == "planner":
            assert "Import" not in [tab.label for tab in at.tabs]
            with pytest.raises(NotAllowedError):
                import_work.begin({"boundaries": ["x"]}, {}, "s")
            assert not [n for n in assumption_table.open_names(assumptions.load()) if "hurdle" in n]


def test_a_provider_sees_its_own_offers_and_no_secrets(as_role):
    as_role("provider")
    with using("en"):
        at = start("kemitraan", lang="en")
        for forged in ("together", "others"):
            at.session_state["match_tab"] = forged
            at.session_state["user_role"] = "admin"
            at.run()
            assert not at.exception
            assert at.session_state["match_tab"] == "deal"
        shown = [frame.value for frame in at.dataframe if "provider" in frame.value]
        assert {name for frame in shown for name in frame["provider"]} == {"Satelit C"}
        assert not any(text for frame in shown for text in frame["next_best"])
        at.session_state["match_tab"] = "terms"  # it may set its own side's terms, and sees nobody's worth
        at.run()
        assert not at.exception
        assert {i.label for i in at.number_input} == {
            "Price a month (Rp thousand)", "Speed promised (Mbps)", "Term (years)", "BUMDes keeps of sales (%)",
        }  # fmt: skip
        assert "(NPV)" not in everything(at)
        assert "Second comes" not in everything(at)


@pytest.mark.parametrize("role", ["village", "provider"])
def test_others_terms_are_told_to_neither_side(as_role, role):
    as_role(role, "operator_a")
    analysis = make_analysis()
    own = people.own_deals(analysis)
    whole = analysis.deals[analysis.deals["deal_id"].isin(own)]
    column, value = {"village": ("village_code", code(0)), "provider": ("provider_id", "operator_a")}[role]
    assert set(whole[column]) == {value}
    assert 0 < len(own) < len(analysis.deals)
    told = {c: "price" in people.topics(analysis, c) for c in analysis.region.villages["village_code"]}
    assert any(told.values())  # where nobody offers anything there is nothing to hide
    assert not all(told.values())
    assert told[code(0)] is (role == "village")  # a satellite is best there
    frame = village_table._without_others(village_table.villages_frame(analysis), analysis, own)
    assert {c for c in told if frame["price"].notna()[c]} <= {c for c, shown in told.items() if shown}


def test_a_fault_is_a_sentence_with_a_number(monkeypatch):
    told = []
    monkeypatch.setattr(journal._LOG, "error", lambda _name, extra: told.append(extra["values"]))
    at = AppTest.from_string(
        "from coverage.ui import main, state\n"
        "state.begin()\n"
        "try:\n    {}['Siti 0812']\nexcept KeyError as error:\n    assert main.show_fault(error)"
    ).run()
    assert not at.exception
    assert told[0]["id"] in at.error[0].value
    assert told[0]["kind"] == "KeyError"
    assert "Siti" not in at.error[0].value + json.dumps(told)
    text = (APP.parents[2] / "app.py").read_text()
    assert "on_script_error=told" in text


def test_an_unknown_person_sees_nothing(store, monkeypatch):
    monkeypatch.setattr(people, "acting", lambda: "somebody-else")
    with pytest.raises(Exception, match="terdaftar"):
        people.user()


@pytest.mark.parametrize(
    ("claims", "let_in"),
    [
        ({"iat": time.time() - 60}, True),
        ({"iat": time.time() - 13 * 3600}, False),
        ({}, False),
        ({"iat": "now"}, False),
    ],
)
def test_a_sign_in_expires(claims, let_in):
    assert people._expired(claims) is not let_in


def test_a_reachable_app_without_sign_in_is_refused(monkeypatch):
    monkeypatch.setattr(people.st, "get_option", lambda _name: "0.0.0.0")  # noqa: S104 - the address that is refused
    monkeypatch.setattr(people, "_signs_in", lambda: False)
    with pytest.raises(InputError):
        people.shared()


def test_the_log_names_nobody(caplog, monkeypatch):
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(journal._Lines().format(record))
    journal.set_up()
    monkeypatch.setattr(journal._LOG, "handlers", [handler])
    journal.event("page", user="u1", page="peta")
    try:
        raise ValueError("Siti, 0812-555")
    except ValueError as error:
        journal.failure("page", error, user="u1")
    told = [json.loads(line) for line in lines]
    assert told[0]["event"] == "page"
    assert told[0]["user"] == "u1"
    assert told[1]["kind"] == "ValueError"
    assert "Siti" not in "".join(lines)


def test_a_pin_on_record_becomes_part_of_the_scenario_until_it_is_taken_back(store):
    key = region_key(make_region())
    matches.choose(store, LOCAL, key, Offer("gone", "gone", code(0), "operator_a", "sharing"), "pin", sample=True)
    at = start("kerja", lang="en")
    assert not at.exception
    assert at.session_state["scenario"]["pinned"] == ["gone"]
    at.session_state["work_view"] = "wishes"
    at.run()
    assert "gone" in everything(at)
    next(b for b in at.button if b.label == "Leave free").click().run()
    assert not at.exception
    assert "pinned" not in at.session_state["scenario"]
    assert matches.wishes(store, LOCAL, key).pinned == ()


def test_pasted_messages_reach_the_queue_once_and_unread_ones_are_told(store):
    region = make_region()
    key, operator = region_key(region), sorted(set(region.cells["operator"]))[0]
    text = (
        f"[24/11/26] Sri: JANGKAU {code(0)} X\nOperator: {operator.lower()}\nSinyal: baik\nTanggal: 2026-01-02\n"
        f"JANGKAU {code(0)} X\nDusun: <b>Atas</b>\nSinyal: tidak ada\nTanggal: 2026-01-03\n"
        "JANGKAU 99.99.99.9999\nSinyal: baik"
    )
    at = start("data", lang="en")
    at.text_area(key="pasted").set_value(text).run()
    assert not at.exception
    assert "**2 messages were read.**" in everything(at)
    assert r"there is no village 99\.99\.99\.9999" in at.warning[0].value
    at.checkbox(key="pasted_everyone").check().run()
    for waits in ("2 reports wait on page Work", "2 were there already"):
        at.button(key="pasted_save").click().run()
        assert not at.exception
        assert waits in everything(at)
    first, second = sorted(evidence.listed(store, LOCAL, key), key=lambda row: row.date)
    assert (first.signals, first.everyone) == ({operator: "served"}, False)
    assert (second.signals, second.everyone, second.remark) == ({"?": "none"}, True, "Hamlet as written: <b>Atas</b>")


def test_the_form_without_a_network_is_handed_in(store):
    region = make_region()
    operator = sorted(set(region.cells["operator"]))[0]
    head = forms.sheet_columns([operator])
    row = [code(0), "X", "", "2026-01-02", "Kepala dusun", "baik", "ya", ""]
    at = start("kerja", lang="en")
    at.session_state["work_view"] = "queue"
    at.run()
    for content, told in (
        ("\r\n".join(";".join(line) for line in (head, row)), "1 report was taken in."),
        ("\r\n".join([";".join(head), f"{code(0)};X" + ";" * 6]), "Nobody has filled the form in yet."),
        ("\r\n".join(";".join(line) for line in (head, ["99.99.99.9999", *row[1:]])), "1 rows of the form"),
    ):
        at.file_uploader(key="offline_file").upload("form.csv", content.encode(), "text/csv")
        at.button(key="FormSubmitter:offline-Hand in").click().run()
        assert not at.exception
        assert told in everything(at)
    assert len(evidence.listed(store, LOCAL, region_key(region))) == 1
