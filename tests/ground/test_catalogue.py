"""Every string that people see has its Indonesian, and none is left over."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).parents[2] / "coverage"
KEYWORDS = {"_": None, "mark": None, "ngettext": (1, 2)}


def _first(message: str | tuple[str, ...]) -> str:
    return message if isinstance(message, str) else message[0]


def test_the_indonesian_catalogue_is_complete_and_has_nothing_left_over() -> None:
    used = {
        _first(message)
        for _file, _line, message, _comments, _context in extract_from_dir(
            str(PACKAGE), [("**.py", "python")], keywords=KEYWORDS
        )
    }
    with (PACKAGE / "locale" / "id" / "jangkau.po").open("rb") as stream:
        translated = {_first(m.id): m.string for m in read_po(stream, locale="id") if m.id}
    assert sorted(used - set(translated)) == []
    assert sorted(set(translated) - used) == []
    for source, target in translated.items():
        for text in [target] if isinstance(target, str) else target:
            assert text, source
            assert set(re.findall(r"{(\w*)", source)) <= set(re.findall(r"{(\w*)", text)) | {""}, source
            assert set(re.findall(r"{(\w*)", text)) <= set(re.findall(r"{(\w*)", source)) | {"count"}, source
