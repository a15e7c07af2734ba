"""What villages report becomes evidence only through review, with its trail; so do corrections of towers."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import fake_analysis
import pytest
import xlsxwriter
from access.access_world import VILLAGES, World

from coverage.errors import AssumptionError, InputError, JangkauError
from coverage.language import using
from coverage.store import CONSOLE, Store, changes, corrections, evidence, forms, region_key, with_work
from coverage.store.corrections import Correction
from coverage.store.evidence import Report, place_class

REGION, VILLAGE = "33.27", VILLAGES[0]
NONE = Report(VILLAGE, {"Operator A": "none", "Operator B": "none"}, "2026-10-01", "Bu Sri", everyone=True)
PHOTO = b"\xff\xd8\xff\xe0 a photo"


def _class_of(world: World, store: Store) -> tuple[str, str]:
    world.evidence = evidence.evidence_rows(store, CONSOLE, REGION)
    found = world.access({"Operator A": "unknown", "Operator B": "unknown"}).villages.set_index("village_code")
    return found["access_class"][VILLAGE], found["evidence"][VILLAGE]


def test_only_accepted_reports_change_the_class_and_the_trail_tells_who(store: Store, people: dict[str, str]) -> None:
    world, staff, village = World(), people["staff"], people["village"]
    filed = evidence.report(store, village, REGION, NONE, PHOTO)
    assert _class_of(world, store) == ("unknown", "modelled")
    asked = evidence.review(store, staff, filed.id, filed.version, "ask", "Which hamlet?")
    assert (asked.state, asked.reviewed_by) == ("asked", staff)
    answered = evidence.answer(store, village, filed.id, asked.version, NONE)
    assert _class_of(world, store) == ("unknown", "modelled")
    accepted = evidence.review(store, staff, filed.id, answered.version, "accept")
    assert _class_of(world, store) == ("none", "reported")
    row = evidence.evidence_rows(store, CONSOLE, REGION).iloc[0]
    trail = evidence.trail(store, staff, row["evidence_id"])
    assert [(entry.user_id, entry.after["state"]) for entry in trail] == [
        (village, "open"), (staff, "asked"), (village, "open"), (staff, "accepted"),
    ]  # fmt: skip
    assert all("Bu Sri" not in str(entry.after) for entry in trail)  # the log knows users, not names
    assert evidence.photo_of(store, village, filed.id) == ("image/jpeg", PHOTO)
    with using("en"), pytest.raises(InputError, match="accepted already"):
        evidence.answer(store, village, filed.id, accepted.version, NONE)
    rejected = evidence.review(store, staff, filed.id, accepted.version, "reject", "It was a power cut")
    assert rejected.state == "rejected"
    assert _class_of(world, store) == ("unknown", "modelled")


def test_what_follows_from_a_report() -> None:
    assert place_class({"A": "none", "B": "weak"}, everyone=True) == "weak"
    assert place_class({"A": "none"}, everyone=True) == "none"
    assert place_class({"A": "none"}, everyone=False) == ""  # another operator might be received
    assert place_class({"A": "weak"}, everyone=False) == ""
    assert place_class({"A": "served", "B": "none"}, everyone=False) == "served"
    assert place_class({}, everyone=True) == ""


def _report(**changed: Any) -> Report:
    return Report(**{**vars(NONE), **changed})


BAD = [
    _report(village_code="33.1"),
    _report(village_code="33.27.01.2001\n"),
    _report(village_code="'; DROP TABLE users; --"),
    _report(signals={}),
    _report(signals={"": "none"}),
    _report(signals={"Operator A": "excellent"}),
    _report(signals={"x" * 10_000_000: "none"} | {str(n): "x" for n in range(3)}),
    _report(date="tomorrow"),
    _report(date="2999-01-01"),
    _report(reporter=" "),
    _report(reporter="x" * 10_000_000),
    _report(reporter="nul\x00"),
    _report(remark="\ud800"),
    _report(method="telepathy"),
    _report(samples=float("nan")),
    _report(samples=-1.0),
]


def test_bad_reports_are_refused_whole(store: Store) -> None:
    for made in BAD:
        with pytest.raises(InputError):
            evidence.report(store, CONSOLE, REGION, made)
    for photo in (b"", b"<svg onload=alert(1)>", b"GIF89a", PHOTO + bytes(6 * 1024 * 1024)):
        with pytest.raises(InputError):
            evidence.report(store, CONSOLE, REGION, NONE, photo)
    for verdict, note in (("approve", "x"), ("reject", " "), ("ask", "")):
        with pytest.raises(InputError):
            evidence.review(store, CONSOLE, "x", 1, verdict, note)
    assert evidence.listed(store, CONSOLE, REGION) == []
    strange = evidence.report(store, CONSOLE, REGION, _report(remark="<script>alert(1)</script> {{7*7}} =1+1 '\""))
    assert evidence.listed(store, CONSOLE, REGION)[0].remark == strange.remark


def test_accepted_work_enters_the_region(store: Store) -> None:
    region = fake_analysis.make_region()
    key, village = region_key(region), region.villages["village_code"].iloc[0]
    assert key == "33.27-contoh"
    site, cell = region.sites["site_id"].iloc[0], region.cells["cell_id"].iloc[0]
    other = region.sites["site_id"].iloc[1]
    evidence.review(store, CONSOLE, evidence.report(store, CONSOLE, key, _report(village_code=village)).id, 1, "accept")
    for made in (
        Correction("sites", site, "lon", "109,31", "Bu Sri"),
        Correction("sites", site, "height_m", "72", "Bu Sri"),
        Correction("cells", cell, "operator", "Operator Z", "Bu Sri"),
        Correction("sites", other, "exists", "no", "Bu Sri"),
        Correction("sites", site, "height_m", "9000", "Bu Sri"),  # no tower is that high
        Correction("sites", "nowhere", "height_m", "30", "Bu Sri"),
    ):
        corrections.review(store, CONSOLE, corrections.report(store, CONSOLE, key, made).id, 1, "accept")
    corrections.report(store, CONSOLE, key, Correction("sites", site, "height_m", "55", "Bu Sri"))  # not reviewed
    seen, unused = with_work(region, store, CONSOLE)
    assert [row.value for row in unused] == ["9000", "30"]
    tower = seen.sites.set_index("site_id").loc[site]
    assert (tower["height_m"], round(tower.geometry.x, 6)) == (72.0, 109.31)
    assert tower.geometry.y == region.sites.geometry.iloc[0].y
    assert seen.cells.set_index("cell_id")["operator"][cell] == "Operator Z"
    assert other not in set(seen.sites["site_id"]) | set(seen.cells["site_id"])
    assert seen.evidence["village_code"].tolist()[-1] == village
    assert len(seen.evidence) == len(region.evidence) + 1
    assert region.sites["height_m"].iloc[0] != 72.0  # the region itself is as it was
    for made in (
        Correction("roads", "r", "lon", "1", "x"),
        Correction("sites", site, "geometry", "1", "x"),
        Correction("sites", site, "height_m", "tall", "x"),
        Correction("sites", site, "exists", "yes", "x"),
        Correction("sites", "", "height_m", "1", "x"),
        Correction("sites", site, "height_m", "nan", "x"),
    ):
        with pytest.raises(InputError):
            corrections.report(store, CONSOLE, key, made)


def test_changed_assumptions_are_shared_and_go_back(store: Store) -> None:
    made = changes.change(store, CONSOLE, REGION, "market.ppn", 0.12, note="law of 2025")
    assert changes.overrides(store, CONSOLE, REGION) == {"market.ppn": 0.12}
    assert changes.overrides(store, CONSOLE, "33.28") == {}
    changes.change(store, CONSOLE, REGION, "market.ppn", None, version=made.version)
    assert changes.overrides(store, CONSOLE, REGION) == {}
    for name, value in (("market.nothing", 1.0), ("market.ppn", float("nan"))):
        with pytest.raises(AssumptionError):
            changes.change(store, CONSOLE, REGION, name, value)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_form_filled_in_offline_comes_back_as_reports(kind: str, tmp_path: Path) -> None:
    region = fake_analysis.make_region(hostile="=1+1")
    operators = ["Operator A", "=Operator B"]
    make = forms.form_csv if kind == "csv" else forms.form_xlsx
    empty = make(region.villages, operators)
    assert empty == make(region.villages, operators)
    file = tmp_path / f"form.{kind}"
    file.write_bytes(empty)
    assert forms.read_form(file, region.villages, region.settlements) == []  # nobody has filled it in
    code, hamlet = region.settlements["village_code"].iloc[0], region.settlements["settlement_name"].iloc[0]
    names = forms.sheet_columns(["Operator A", "Operator B"])
    rows = [
        [code, "x", "", "2026-10-01", "Bu Sri", "Tidak ada", "lemah", "ya", 'hujan; "deras"'],
        [code, "x", hamlet.upper(), "2026-10-02", "Pak Budi", "baik", "", "", ""],
        [code, "x", "", "", "", "", "", "", ""],
    ]
    _fill(file, [names, *rows])
    first, second = forms.read_form(file, region.villages, region.settlements)
    assert first == Report(
        code, {"Operator A": "none", "Operator B": "weak"}, "2026-10-01", "Bu Sri", everyone=True,
        remark='hujan; "deras"',
    )  # fmt: skip
    assert (second.settlement_id, second.everyone) == (region.settlements["settlement_id"].iloc[0], False)
    bad = [
        ["33.99.01.2001", "x", "", "2026-10-01", "Bu Sri", "baik", "", "", ""],
        [code, "x", "Nowhere", "2026-10-01", "Bu Sri", "baik", "", "", ""],
        [code, "x", "", "1 Oktober", "Bu Sri", "baik", "", "", ""],
        [code, "x", "", "2026-10-01", "", "baik", "", "", ""],
        [code, "x", "", "2026-10-01", "Bu Sri", "=cmd|' /C calc'!A0", "", "", ""],
    ]
    _fill(file, [names, *rows, *bad])
    with using("en"), pytest.raises(InputError, match="5 rows of the form are not right") as told:
        forms.read_form(file, region.villages, region.settlements)
    assert "row 4:" in str(told.value)
    assert "row 8:" in str(told.value)
    file.write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises(JangkauError):
        forms.read_form(file, region.villages, region.settlements)


def _fill(file: Path, rows: list[list[str]]) -> None:
    if file.suffix == ".csv":
        with file.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream, delimiter=";").writerows(rows)
        return
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
