"""Replies of residents about their signal, pasted from SMS or WhatsApp, become rows of evidence.

The published pages carry a prefilled message (``coverage.outputs.site``): its first line is
``JANGKAU <village code> <name>``, then one line per answer in Indonesian or English. Whatever
stands around it (time stamps of a WhatsApp export, names, quotes) is passed over.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass, field

import pandas as pd

from coverage.language import _
from coverage.tables import Evidence

_HEAD = re.compile(r"JANGKAU\s+(\d{2}\.\d{2}\.\d{2}\.\d{4})", re.IGNORECASE)
_LINE = re.compile(r"^\W*(dusun|hamlet|operator|sinyal|signal|internet|tanggal|date)\b[^:]*:\s*(.*)$", re.IGNORECASE)
_FIELD = {"dusun": "hamlet", "sinyal": "signal", "tanggal": "date"}
_WORDS = {
    "none": ("none", "no", "tidak ada", "tdk ada", "tidak", "nihil", "blank", "kosong", "0"),
    "weak": ("weak", "lemah", "kadang", "jelek", "buruk", "slow", "lambat"),
    "served": ("good", "fine", "strong", "baik", "bagus", "kuat", "lancar"),
}
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?!\d)")
_CENTURY = 2000
#: So much of an answer is read.
_LONGEST = 300


@dataclass(frozen=True)
class Unread:
    """A reply that was left out: its first line in the pasted text (from 1), why, and what stood there."""

    line: int
    code: str
    value: str

    @property
    def text(self) -> str:
        """Why, as a sentence."""
        return {
            "unknown_village": _("Line {line}: there is no village {value} in this region"),
            "no_signal": _("Line {line}: it does not say how the signal is; none, weak or good"),
            "date_ahead": _("Line {line}: the date {value} lies ahead"),
        }[self.code].format(line=self.line, value=self.value)


@dataclass(frozen=True, eq=False)
class Replies:
    """``evidence`` as :class:`coverage.tables.Evidence`, what was left out, and what else the messages say.

    ``answers``: ``evidence_id`` -> ``hamlet`` and ``operator`` as they stood there, empty where they did not.
    """

    evidence: pd.DataFrame
    unread: tuple[Unread, ...]
    answers: dict[str, dict[str, str]] = field(default_factory=dict)


def replies(text: str, villages: pd.DataFrame, settlements: pd.DataFrame, received: dt.date) -> Replies:
    """Read pasted messages.

    Parameters
    ----------
    text : str
        Any number of messages, one after the other.
    villages, settlements : DataFrame
        ``village_code``; ``settlement_id, village_code, settlement_name``.
    received : date
        Day of a message that gives no date that can be read; a date after it is refused.

    Returns
    -------
    Replies
        One *reported* row with one sample per message, the same message once; ``settlement_id`` is
        empty where the hamlet is not named or not known by that name.
    """
    known = set(villages["village_code"])
    hamlets = {
        (code, _folded(name)): settlement
        for code, name, settlement in zip(
            settlements["village_code"], settlements["settlement_name"], settlements["settlement_id"], strict=True
        )
    }
    rows: dict[str, dict[str, object]] = {}
    told: dict[str, dict[str, str]] = {}
    unread: list[Unread] = []
    for line, code, answers in _messages(text):
        said, date = _class(answers.get("signal", "")), _date(answers.get("date", "")) or received
        if code not in known:
            unread.append(Unread(line, "unknown_village", code))
        elif said is None:
            unread.append(Unread(line, "no_signal", answers.get("signal", "")))
        elif date > received:
            unread.append(Unread(line, "date_ahead", date.isoformat()))
        else:
            hamlet = _folded(answers.get("hamlet", ""))
            operator = _folded(answers.get("operator", ""))
            content = f"{code}|{hamlet}|{operator}|{said}|{date}"
            name = "reply-" + hashlib.blake2b(content.encode(errors="replace"), digest_size=8).hexdigest()
            told[name] = {part: answers.get(part, "") for part in ("hamlet", "operator")}
            rows[name] = {
                "evidence_id": name,
                "village_code": code,
                "evidence": "reported",
                "access_class": said,
                "date": date.isoformat(),
                "source": "SMS/WhatsApp",
                "samples": 1.0,
                "settlement_id": hamlets.get((code, hamlet), ""),
            }
    columns = ["evidence_id", "village_code", "evidence", "access_class", "date", "source", "samples", "settlement_id"]
    frame = pd.DataFrame([rows[name] for name in sorted(rows)], columns=columns)
    texts = [c for c in columns if c != "samples"]
    frame = frame.astype({**dict.fromkeys(texts, "str"), "samples": "float64"})
    return Replies(Evidence.validate(frame), tuple(unread), told)


def _messages(text: str) -> list[tuple[int, str, dict[str, str]]]:
    """(first line, village code, answers) of every message."""
    found: list[tuple[int, str, dict[str, str]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if head := _HEAD.search(line):
            found.append((number, head.group(1), {}))
        elif found and (answer := _LINE.match(line)):
            label = answer.group(1).lower()
            found[-1][2].setdefault(_FIELD.get(label, label), answer.group(2)[:_LONGEST].strip())
    return found


def _folded(text: str) -> str:
    return " ".join(text.casefold().removeprefix("dusun ").split())


def _class(text: str) -> str | None:
    """The class that an answer stands for; ``None`` where it says none or several."""
    said = {
        name
        for name, words in _WORDS.items()
        for word in words
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text.casefold())
    }
    return said.pop() if len(said) == 1 else None


def _date(text: str) -> dt.date | None:
    """A day written 2026-11-24, 24-11-2026, 24/11/26 or 24.11.2026."""
    if not (found := _DATE.search(text)):
        return None
    if found.group(1):
        year, month, day = (int(found.group(i)) for i in (1, 2, 3))
    else:
        day, month, year = (int(found.group(i)) for i in (4, 5, 6))
        year += _CENTURY if year < _CENTURY else 0
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
