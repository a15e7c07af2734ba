"""Every door against the corpus: nothing runs, hangs or fills the memory, nothing is half written, all is told."""

from __future__ import annotations

import io
import json
import resource
import signal
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from coverage.access.replies import replies
from coverage.cli import main
from coverage.errors import InputError, JangkauError
from coverage.language import using
from coverage.outputs.tables import all_tables, defused
from coverage.partnership.form import form_csv
from coverage.partnership.reply import read_reply
from coverage.region import QualityError, Report
from coverage.region.sources import files, workbook
from coverage.region.text import harmless
from coverage.region.uploads import take
from coverage.scenario import Scenario
from coverage.store import LOCAL, evidence, open_store, scenarios
from coverage.store.forms import form_csv as signal_form
from coverage.store.forms import read_form
from tests.fake_analysis import code, make_analysis, make_region
from tests.hostile import corpus
from tests.region.region_files import boundaries

SECONDS, BYTES = 30, 1536 * corpus.MEGABYTE
_STARTS = ("=", "+", "-", "@", "|", "%", "＝", "\t", "\r", "\n")


@pytest.fixture(autouse=True)
def _limits() -> Iterator[None]:
    """Each test has so much time, and may take so much memory more than there was."""
    status = Path("/proc/self/status")
    before = resource.getrlimit(resource.RLIMIT_AS)
    if status.is_file():
        size = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmSize"))
        resource.setrlimit(resource.RLIMIT_AS, (size * 1024 + BYTES, before[1]))

    def over(*_said: object) -> None:
        raise TimeoutError(f"longer than {SECONDS} s")

    kept = signal.signal(signal.SIGALRM, over)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, kept)
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of unpacking, small enough that a test may try to break them."""
    monkeypatch.setattr(files, "LIMIT_BYTES", 8 * corpus.MEGABYTE)
    monkeypatch.setattr(workbook, "LIMIT_BYTES", 8 * corpus.MEGABYTE)


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What a command says that must refuse."""
    assert main([*words, "--lang", "en"]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("Error: ")
    assert "Traceback" not in shown.err
    assert len(shown.err) < 5_000
    return shown.err


def untouched(folder: Path, *known: str) -> None:
    """Nothing lies about but what was handed in."""
    assert sorted(path.name for path in folder.iterdir()) == sorted(known)


@pytest.mark.parametrize("name", corpus.FILES)
def test_files_are_refused_by_the_import(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    option, make = corpus.FILES[name]
    words = ["import", str(tmp_path / "new"), option, str(make(folder / name))]
    if option != "--boundaries":
        words += ["--boundaries", str(boundaries(folder))]
    text = refused(words, capsys)
    assert "root:" not in text  # nothing of /etc/passwd
    untouched(tmp_path, "in")
    assert not (tmp_path.parent / "up.csv").exists()


@pytest.mark.parametrize("name", ["far.xlsx", "repeated.ods", "laugh.ods", "lying.xlsx", "bomb.xlsx", "long.csv"])
def test_forms_that_come_back_are_refused(tmp_path: Path, name: str) -> None:
    path = corpus.FILES[name][1](tmp_path / name)
    region = make_region()
    with using("en"), pytest.raises(InputError):
        read_reply(path, region.villages)
    with using("en"), pytest.raises(JangkauError):
        read_form(path, region.villages, region.settlements)


@pytest.mark.parametrize("name", corpus.SCENARIOS)
def test_scenario_files_are_refused(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "s.toml"
    path.write_text(corpus.SCENARIOS[name], encoding="utf-8")
    refused(["run", "data/pemalang", "--scenario", str(path), "--out", str(tmp_path / "out")], capsys)
    untouched(tmp_path, "s.toml")


@pytest.mark.parametrize("text", ["9" * 400, "1e99 triliun", "-1", "nan", "inf", "1" * 100_000, "1.2.3.4", "", "١٢"])
def test_amounts_are_refused(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    refused(["run", str(tmp_path / "none"), f"--budget={text}", "--out", str(tmp_path / "out")], capsys)
    refused(["run", "data/pemalang", "--set", f"market.ppn={text}x", "--out", str(tmp_path / "out")], capsys)
    untouched(tmp_path)


def test_an_endless_amount_is_no_budget(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for words in (["--budget", "9" * 400], ["--set", "market.ppn=inf"], ["--set", "market.ppn=nan"]):
        refused(["run", "data/pemalang", *words, "--out", str(tmp_path / "out")], capsys)
    untouched(tmp_path)


def test_uploads_take_any_name_as_a_plain_one(tmp_path: Path) -> None:
    for number, text in enumerate([*corpus.TEXTS.values(), corpus.long_text(1)]):
        folder = tmp_path / str(number)
        try:
            path = take(f"{text}.csv", io.BytesIO(b"a,b\n1,2\n"), folder, "cells", Report())
        except QualityError as error:
            assert len(str(error)) < 2_000  # noqa: PT017 - either is right
        else:
            assert path.parent == folder
            assert path.name.isascii()
    assert {path.name for path in tmp_path.iterdir()} <= {str(n) for n in range(len(corpus.TEXTS) + 1)}


def test_texts_are_kept_as_they_are_or_refused(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path}/jangkau.db", trusted=frozenset({LOCAL}))) as store:
        kept = []
        for text in [*corpus.TEXTS.values(), corpus.long_text()]:
            report = evidence.Report(code(0), {"Operator A": "none"}, "2026-01-02", text, remark=text)
            for save in (
                lambda t=text: scenarios.save(store, LOCAL, "33.27", Scenario(name=t)),
                lambda r=report: evidence.report(store, LOCAL, "33.27", r),
            ):
                try:
                    save()
                except JangkauError as error:
                    assert len(str(error)) < 2_000  # noqa: PT017 - either is right
                else:
                    kept.append(text.strip())
        names = {saved.name for saved in scenarios.listed(store, LOCAL, "33.27")}
        assert corpus.TEXTS["sql"] in names
        assert names <= set(kept)
        assert corpus.TEXTS["sql union"] in {row.reporter for row in evidence.listed(store, LOCAL, "33.27")}
        for wrong in ({"Operator A": corpus.long_text(1)}, {corpus.long_text(1): "none"}, {}):
            with pytest.raises(InputError):
                evidence.report(store, LOCAL, "33.27", evidence.Report(code(0), wrong, "2026-01-02", "x"))


def test_a_backup_that_lies_is_refused_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = json.dumps(
        {"format": "jangkau-backup", "version": 1, "revision": "0001", "region_codes": [], "files": {
            "work/scenarios.jsonl": {"sha256": "0" * 64, "size": 10**15}}}
    )  # fmt: skip
    made = {
        "deep": "[" * 200_000,
        "endless": manifest,
        "wrong": manifest.replace("10", '"x"'),
        "up": manifest.replace("work/scenarios.jsonl", "regions/../../../x"),
    }
    for name, text in made.items():
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("manifest.json", text)
            archive.writestr("work/scenarios.jsonl", b"\0" * corpus.MEGABYTE)
    (tmp_path / "text").write_text(corpus.TEXTS["html"])
    for name in (*made, "text"):
        refused(["restore", str(tmp_path / name), "--to", str(tmp_path / "to")], capsys)
    untouched(tmp_path, *made, "text")


def test_messages_of_residents_are_read_or_told() -> None:
    import datetime as dt

    region = make_region()
    texts = [*corpus.TEXTS.values(), corpus.long_text(2), "JANGKAU " * 1_000]
    messages = [
        f"JANGKAU {code(0)} {text}\nDusun: {text}\nOperator: {text}\nSinyal: lemah {text}\nTanggal: {text}\n"
        for text in texts
    ]
    found = replies("".join(messages), region.villages, region.settlements, dt.date(2026, 11, 24))
    assert len(found.evidence) + len(found.unread) >= len(texts) - 2  # two of one answer count once
    assert set(found.evidence["village_code"]) == {code(0)}


def cells(content: bytes | str) -> list[str]:
    text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    frame = pd.read_csv(io.StringIO(text), header=None, dtype=str, keep_default_na=False, sep=None, engine="python")
    return [str(value) for value in frame.to_numpy().ravel()]


def test_no_table_holds_a_formula() -> None:
    for text in (text for name, text in corpus.TEXTS.items() if name != "surrogate"):  # no table can hold it
        assert not harmless(text).lstrip().startswith(_STARTS)
        frame = pd.DataFrame({"a": [text], text: ["x"], "c": pd.Categorical([text])})
        safe = defused(frame)
        for value in (*safe.iloc[0], *safe.columns):
            assert not str(value).lstrip(" ").startswith(_STARTS)
    analysis = make_analysis(hostile=corpus.TEXTS["formula"])
    for name, frame in all_tables(analysis).items():
        for value in defused(frame).select_dtypes(include=["str", "object"]).to_numpy().ravel():
            assert not str(value).startswith(_STARTS), name
    region = analysis.region
    for content in (
        signal_form(region.villages, [corpus.TEXTS["formula"]]),
        *form_csv(region.villages, region.providers).values(),
    ):
        assert not [value for value in cells(content) if value.startswith(_STARTS)]


def test_workbooks_hold_no_formula(tmp_path: Path) -> None:
    from coverage.outputs import blank_spots, compare_files
    from coverage.outputs.compare import compare
    from coverage.outputs.evaluation import evaluation_xlsx
    from coverage.outputs.match_list import match_list_xlsx
    from coverage.partnership.form import form_workbook
    from coverage.store.forms import form_xlsx

    analysis = make_analysis(hostile=corpus.TEXTS["formula"])
    region = analysis.region
    other = make_analysis(Scenario(name="b", budget_idr=1e9), hostile=corpus.TEXTS["formula"])
    found = compare([analysis, other])
    compared = next(p for p in compare_files.write(found, tmp_path / "out") if p.suffix == ".xlsx").read_bytes()
    spots = pd.DataFrame({"a": [text for name, text in corpus.TEXTS.items() if name != "surrogate"]})
    for content in (
        match_list_xlsx(analysis), evaluation_xlsx(analysis), compared, blank_spots.as_xlsx(spots, "2026-01-01"),
        form_workbook(region.villages, region.providers), form_xlsx(region.villages, [corpus.TEXTS["formula"]]),
    ):  # fmt: skip
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/" in name]
        assert not any("<f>" in sheet or "<f " in sheet or "hyperlink" in sheet for sheet in sheets)


def test_the_address_of_a_page_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit.testing.v1 import AppTest

    from coverage.ui import main as ui
    from tests.ui.settling import PATIENCE_S
    from tests.ui.test_ui_pages import APP

    monkeypatch.setattr(ui, "_region", ui._region)
    monkeypatch.setattr(ui, "_make", ui._make)
    monkeypatch.delitem(sys.modules, "fake_region", raising=False)
    ui._workshop.clear()
    at = AppTest.from_file(str(APP), default_timeout=PATIENCE_S)
    everything = "".join(corpus.TEXTS[name] for name in corpus.TEXTS if name != "surrogate")
    for name in ("desa", "lapis", "banding", "lang", "scenario", "region_folder", "user_role", "__proto__"):
        at.query_params[name] = [everything, corpus.long_text(1)]
    at.run()
    assert not at.exception
    assert not at.error
    assert at.session_state["desa"] == ""
    assert "region_folder" not in at.session_state
