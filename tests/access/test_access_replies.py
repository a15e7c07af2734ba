"""Pasted replies become evidence; what cannot be read is told and never guessed."""

import datetime as dt

import pandas as pd
import pytest

from coverage.access.replies import replies
from coverage.language import using
from coverage.outputs.site.village import report

VILLAGES = pd.DataFrame({"village_code": ["33.27.01.2001", "33.27.01.2002"]})
HAMLETS = pd.DataFrame(
    {
        "settlement_id": ["a-1", "b-1"],
        "village_code": ["33.27.01.2001", "33.27.01.2002"],
        "settlement_name": ["Krajan", "Krajan"],
    }
)
TODAY = dt.date(2026, 11, 24)


def read(text):
    return replies(text, VILLAGES, HAMLETS, TODAY)


@pytest.mark.parametrize(("language", "said"), [("id", "lemah"), ("en", "weak")])
def test_the_message_that_the_pages_prefill_comes_back_as_evidence(language, said):
    with using(language):
        lines = report("33.27.01.2001", "Gapura").text.splitlines()
    answers = ["", " Dusun Krajan", " Operator A", f" {said}", "", " 20-11-2026"]
    found = read("\n".join(line + answer for line, answer in zip(lines, answers, strict=True)))
    assert found.unread == ()
    row = found.evidence.iloc[0]
    assert (row["village_code"], row["access_class"], row["date"]) == ("33.27.01.2001", "weak", "2026-11-20")
    assert (row["settlement_id"], row["evidence"], row["samples"]) == ("a-1", "reported", 1.0)
    assert found.answers == {row["evidence_id"]: {"hamlet": "Dusun Krajan", "operator": "Operator A"}}


def test_an_export_of_many_messages_is_read_and_the_same_one_counts_once():
    one = "[24/11/26 10.15] Bu Sri: JANGKAU 33.27.01.2001 Gapura\nSinyal: tidak ada\n"
    two = "> JANGKAU 33.27.01.2002 B\n> Signal (none/weak/good): good\n> Date: 2026-11-23\n"
    found = read(one + "terima kasih\n" + two + one)
    assert list(found.evidence.sort_values("village_code")["access_class"]) == ["none", "served"]
    assert set(found.evidence["date"]) == {"2026-11-24", "2026-11-23"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("JANGKAU 99.99.99.9999 X\nSinyal: baik", "unknown_village"),
        ("JANGKAU 33.27.01.2001 X\nSinyal:", "no_signal"),
        ("JANGKAU 33.27.01.2001 X\nSinyal: baik tapi kadang lemah", "no_signal"),
        ("JANGKAU 33.27.01.2001 X\nSinyal: baik\nTanggal: 25-11-2026", "date_ahead"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text, code):
    found = read("halo\n" + text)
    assert found.evidence.empty
    assert [(u.line, u.code) for u in found.unread] == [(2, code)]
    assert "2" in found.unread[0].text


@pytest.mark.parametrize("text", ["", "JANGKAU", "JANGKAU 33.27", "\x00<script>", "Sinyal: baik"])
def test_other_text_is_no_evidence(text):
    assert read(text).evidence.empty
