"""Every string that people see has its Indonesian, and none is left over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
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


def _calls() -> Iterator[tuple[str, ast.Call, ast.AST]]:
    """Every call in the package: where it is, and what stands around it."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for around in ast.walk(tree):
            for node in ast.iter_child_nodes(around):
                if isinstance(node, ast.Call):
                    yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node, around


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _literal(node: ast.expr | None) -> str:
    """The letters that stand in the code itself, outside any call."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_literal(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return _literal(node.left) + _literal(node.right)
    return ""


def test_no_string_is_translated_inside_another_where_the_extraction_cannot_see_it() -> None:
    assert [
        f"{path.relative_to(PACKAGE)}:{call.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and _name(call) in KEYWORDS
    ] == []


def test_the_words_of_errors_go_through_the_catalogue() -> None:
    from coverage import errors

    family = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
    family |= {"StoreError", "NotAllowedError", "NotFoundError", "QualityError", "IndexInputError"}
    bare = [
        f"{where} {text}"
        for where, call, _around in _calls()
        if _name(call) in family
        for part in [*call.args[:1], *(k.value for k in call.keywords if k.arg in ("what", "todo"))]
        if re.search(r"[A-Za-z]{3}", text := _literal(part))
    ]
    assert bare == []


#: What it says is for the server's log.
_FOR_THE_LOG = "ui/server.py"


def test_what_the_pages_say_goes_through_the_catalogue() -> None:
    """Literal words in calls that show something, also where no test opens that part of a page."""
    shows = {"write", "markdown", "caption", "info", "warning", "success", "error", "header", "subheader", "metric",
             "button", "toggle", "selectbox", "multiselect", "radio", "slider", "text_input", "number_input", "echo",
             "text_area", "checkbox", "expander", "popover", "tabs", "download_button", "badge", "link_button",
             "segmented_control", "pills", "date_input", "file_uploader", "form_submit_button"}  # fmt: skip
    bare = [
        f"{where} {text}"
        for where, call, _around in _calls()
        if where.startswith(("ui/", "cli/"))
        and not where.startswith(_FOR_THE_LOG)
        and _name(call) in shows
        and call.args
        if re.search(
            r"[A-Za-z]{3}",
            text := re.sub(r":material/\w+:|sha256:|Jangkau|:\w+-badge|&nbsp;|<[^>]*>", "", _literal(call.args[0])),
        )
    ]
    assert bare == []
