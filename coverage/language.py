"""Words and numbers in the reader's language: Indonesian first, English beside it.

Source strings are English; ``coverage/locale/id/jangkau.po`` holds the Indonesian. Catalogues are
read from the ``.po`` file itself, so nothing needs compiling and nothing can be stale.
"""

from __future__ import annotations

import datetime as dt
import gettext as gettext_module
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent

LANGUAGES = ("id", "en")
DEFAULT = "id"
_LOCALE_FOLDER = Path(__file__).parent / "locale"
_current: ContextVar[str] = ContextVar("jangkau_language", default=DEFAULT)


@cache
def _catalogue(language: str) -> gettext_module.NullTranslations:
    path = _LOCALE_FOLDER / language / "jangkau.po"
    if not path.is_file():
        return gettext_module.NullTranslations()
    with path.open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    binary = io.BytesIO()
    write_mo(binary, catalogue)
    binary.seek(0)
    return gettext_module.GNUTranslations(binary)


def language() -> str:
    """The language in force: ``"id"`` or ``"en"``."""
    return _current.get()


def set_language(code: str) -> None:
    """Make ``code`` the language of this context (an unknown code means Indonesian)."""
    _current.set(code if code in LANGUAGES else DEFAULT)


@contextmanager
def using(code: str) -> Iterator[None]:
    """Speak ``code`` inside the block."""
    token = _current.set(code if code in LANGUAGES else DEFAULT)
    try:
        yield
    finally:
        _current.reset(token)


def _(message: str) -> str:
    """Translate ``message``."""
    return _catalogue(_current.get()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Translate by number."""
    return _catalogue(_current.get()).ngettext(singular, plural, count)


def mark(message: str) -> str:
    """Mark a string for translation now, to be translated with :func:`_` when shown."""
    return message


def number(value: float, digits: int = 0) -> str:
    """``12345.6`` as ``12.346`` (Indonesian) or ``12,346`` (English)."""
    return str(
        format_decimal(round(value, digits), format=f"#,##0.{'0' * digits}" if digits else "#,##0", locale=language())
    )


def percent(share: float, digits: int = 0) -> str:
    """A share in 0..1 as a percentage."""
    return str(format_percent(share, format=f"#,##0.{'0' * digits}%" if digits else "#,##0%", locale=language()))


def rupiah(value: float) -> str:
    """Whole rupiah: ``Rp 1.250.000``."""
    return str(
        format_currency(round(value), "IDR", format="¤ #,##0;-¤ #,##0", locale=language(), currency_digits=False)
    ).replace("IDR", "Rp")


def rupiah_short(value: float) -> str:
    """Rupiah as people say it: ``Rp 1,2 miliar``, ``Rp 118 ribu``."""
    size = abs(value)
    digits = 1 if size >= 1_000_000 else 0
    text = format_compact_decimal(size, format_type="long", locale=language(), fraction_digits=digits)
    return f"{'-' if value < 0 else ''}Rp {text}"


def date(value: dt.date) -> str:
    """A date in words: ``24 November 2026``."""
    return str(format_date(value, format="long", locale=language()))


def locale() -> Locale:
    """The Babel locale in force."""
    return Locale.parse(language())
