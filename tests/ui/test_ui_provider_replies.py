"""The form for providers and what comes back: faults in words, and an analysis with the new provider."""

import io
import zipfile

import pandas as pd
import pytest
import xlsxwriter

from coverage.partnership import form_csv, form_workbook, read_reply
from coverage.ui import provider_replies
from tests.fake_analysis import make_region
from tests.ui.settling import settled
from tests.ui.test_ui_pages import _fresh, _warm, everything, pytestmark, start
from tests.ui.test_ui_work_page import as_role, store

__all__ = ["_fresh", "_warm", "as_role", "pytestmark", "store"]

HEAD = ["provider_id", "provider_name", "kind", "technologies", "hurdle_rate", "capital_limit_idr", "market_share",
        "resale_allowed"]  # fmt: skip
GOOD = ["isp_x", "ISP <b>X</b>", "isp", "ftth;fixed_wireless", 0.14, 2e9, 0, 1]


def workbook(rows):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("P")
        for at, row in enumerate([HEAD, *rows]):
            sheet.write_row(at, 0, row)
    return stream.getvalue()


def replied(*rows):
    at = start("kemitraan", lang="en")
    at.session_state["partnership_view"] = "replies"
    at.run()
    at.file_uploader(key="reply_files").upload("reply.xlsx", workbook(rows), "application/x").run()
    assert not at.exception
    return at


@pytest.mark.usefixtures("store")
def test_a_reply_is_read_and_its_provider_takes_part_until_it_is_dropped():
    at = replied(GOOD, ["tow_x", "Menara X", "tower", "light_tower", 14, -1, 0, 1])
    faults = at.dataframe[0].value
    assert list(faults["row"]) == ["3", "3"]
    assert any("cannot be negative" in text for text in faults["text"])
    before = set(at.session_state["here"].region.providers["provider_id"])
    at.button(key="reply_use").click()
    settled(at)
    assert set(at.session_state["here"].region.providers["provider_id"]) == before | {"isp_x"}
    assert at.session_state["here"].analysis.region.providers["provider_name"].isin(["ISP <b>X</b>"]).any()
    assert "This session calculates with" in everything(at)
    at.button(key="reply_drop").click().run()
    assert set(at.session_state["here"].region.providers["provider_id"]) == before


def test_a_file_that_is_no_reply_is_refused_in_words(store):
    at = start("kemitraan", lang="en")
    at.session_state["partnership_view"] = "replies"
    at.run()
    at.file_uploader(key="reply_files").upload("../../evil.csv", b"a,b\n1,2\n", "text/csv").run()
    assert not at.exception
    assert "holds no answers" in at.error[0].value


def test_replies_hold_hurdle_rates_and_are_for_staff(as_role):
    for role in ("planner", "provider"):
        as_role(role)
        at = start("kemitraan", lang="en")
        at.session_state["partnership_view"] = "replies"
        at.run()
        assert not at.exception
        assert at.session_state["partnership_view"] == "matches"


def test_the_form_that_is_sent_names_no_provider_and_comes_back(tmp_path):
    region = make_region()
    asked = region.villages.iloc[:2]
    with zipfile.ZipFile(io.BytesIO(provider_replies._archive(form_csv(asked)))) as archive:
        archive.extractall(tmp_path)
    assert len(pd.read_csv(tmp_path / "offers.csv")) == 2
    assert not len(pd.read_csv(tmp_path / "providers.csv"))
    (tmp_path / "form.xlsx").write_bytes(form_workbook(asked))
    for files in ([tmp_path / "form.xlsx"], sorted(tmp_path.glob("*.csv"))):
        assert read_reply(files, region.villages).faults == ()
