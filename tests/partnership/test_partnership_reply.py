"""The form that providers fill in: written, read back, and every fault told."""

from __future__ import annotations

import pandas as pd
import pytest
import xlsxwriter
from partnership_world import CODES, providers, villages

from coverage.errors import InputError
from coverage.language import using
from coverage.partnership import form_csv, form_workbook, merged, read_reply


def write_book(path, sheets: dict[str, list[list]]) -> None:
    with xlsxwriter.Workbook(path) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)


HEAD = [
    "provider_id",
    "provider_name",
    "kind",
    "technologies",
    "hurdle_rate",
    "capital_limit_idr",
    "market_share",
    "resale_allowed",
]
GOOD = ["isp_x", "ISP X", "isp", "ftth;fixed_wireless", 0.14, 2e9, 0, 1]
ASK = ["provider_id", "village_code", "technology", "price_idr_month", "capex_idr"]


def test_the_form_comes_back_as_it_was_sent_in_both_kinds_of_file(tmp_path):
    book = tmp_path / "form.xlsx"
    book.write_bytes(form_workbook(villages(), providers()))
    assert book.read_bytes() == form_workbook(villages(), providers())
    texts = form_csv(villages(), providers())
    files = []
    for name, text in texts.items():
        files.append(tmp_path / name)
        files[-1].write_text(text, encoding="utf-8")
    for given in (book, files):
        reply = read_reply(given, villages())
        assert reply.usable, [fault.sentence() for fault in reply.faults]
        told = reply.providers[HEAD]
        pd.testing.assert_frame_equal(told, providers()[HEAD], check_dtype=False)
        assert reply.offers.empty  # nobody has answered for a village yet
        assert len(merged(providers(), reply)) == len(providers())


def test_an_answer_joins_the_region_and_its_offers_are_read(tmp_path):
    path = tmp_path / "reply.xlsx"
    write_book(path, {
        "A": [["a title above"], HEAD, GOOD],
        "B": [ASK, ["isp_x", CODES[0], "ftth", "165.000", 8e8], ["isp_x", CODES[1], "", "", ""]],
    })  # fmt: skip
    reply = read_reply(path, villages()).accepted()
    (offer,) = reply.offers.to_dict("records")
    assert offer["price_idr_month"] == 165_000
    assert offer["capex_idr"] == 8e8
    joined = merged(providers(), reply)
    assert "isp_x" in set(joined["provider_id"])
    assert joined["provider_id"].is_monotonic_increasing


def test_every_fault_is_told_at_once_in_words_with_its_row(tmp_path):
    path = tmp_path / "reply.xlsx"
    rows = [
        [*HEAD, "price_home_idr_month"],
        ["isp_x", "ISP X", "isp", "light_tower;ftth", 0.14, 2e9, 0, 1, -5],
        ["tow_x", "Menara X", "tower", "ftth", 14, -1, 0, "perhaps", ""],
        ["isp_x", "", "friend", "balloon", "much", "", 0, 1, ""],
        ["bum_x", "BUMDes X", "bumdes", "ftth", 0.1, 1e8, 0, 1, ""],
    ]
    offers = [
        ASK,
        ["bum_x", CODES[2], "ftth", 150_000, 1],  # nobody lives there
        ["bum_x", CODES[1], "ftth", 150_000, 1],  # a kelurahan
        ["bum_x", "33.27.99.2001", "ftth", 0, 1],
        ["bum_x", CODES[0], "new_radio", -1, 1],
        ["who", CODES[0], "ftth", "", -3],
        ["bum_x", CODES[0], "ftth", 150_000, 1],
    ]
    write_book(path, {"P": rows, "O": offers})
    with using("en"):
        reply = read_reply(path, villages())
        told = [fault.sentence() for fault in reply.faults]
        with pytest.raises(InputError) as caught:
            reply.accepted()
    for expected in (
        "P, row 2: price_home_idr_month cannot be negative: -5",
        "P, row 2: ISP X has no licence for light_tower: it is left out of those deals",
        "P, row 3: capital_limit_idr cannot be negative: -1",
        "P, row 3: hurdle_rate is a share: give 0.15 for 15 %",
        "P, row 3: resale_allowed must be 1 or 0",
        "P, row 3: Menara X has no licence for ftth: it is left out of those deals",
        "P, row 4: isp_x stands there twice",
        "P, row 4: hurdle_rate is not a number: much",
        "P, row 4: provider_name is empty",
        "O, row 2: Tiga has no households: there is nobody to serve",
        "O, row 3: a kelurahan has no BUMDes",
        "O, row 4: price_idr_month must be above zero",
        "O, row 4: there is no village 33.27.99.2001 in this region",
        "O, row 5: price_idr_month cannot be negative: -1",
        "O, row 5: this provider has no licence for new_radio",
        "O, row 6: price_idr_month is empty",
        "O, row 6: capex_idr cannot be negative: -3",
        "O, row 6: who is not on the sheet of providers",
    ):
        assert expected in told
        if "left out of those deals" not in expected:
            assert expected in caught.value.todo
    assert any("friend is no kind of provider" in text for text in told)
    assert reply.providers["provider_id"].tolist() == ["bum_x"]
    assert len(reply.offers) == 1


def test_missing_columns_and_files_that_are_no_reply(tmp_path):
    path = tmp_path / "reply.xlsx"
    write_book(path, {"P": [HEAD[:4], GOOD[:4]]})
    with using("en"):
        told = [fault.sentence() for fault in read_reply(path, villages()).faults]
    assert told == [f"P: the column {name} is missing" for name in HEAD[4:]]
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    (tmp_path / "y.xlsx").write_bytes(b"not a workbook")
    (tmp_path / "z.csv").write_bytes(b"\xff\xfe\x00")
    for name in ("x.csv", "y.xlsx", "z.csv", "absent.csv"):
        with pytest.raises(InputError, match=name):
            read_reply(tmp_path / name, villages())


def test_what_a_provider_writes_is_text_and_no_formula(tmp_path):
    evil = providers().assign(provider_name="=HYPERLINK(1)")
    path = tmp_path / "form.xlsx"
    path.write_bytes(form_workbook(villages(), evil))
    assert set(read_reply(path, villages()).providers["provider_name"]) == {"=HYPERLINK(1)"}
