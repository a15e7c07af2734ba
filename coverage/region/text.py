"""Text from files: codes, names and numbers as people really write them."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd

_CODE_DIGITS = 10
_KEMENDAGRI_VILLAGE = ("1", "2", "3")


def clean(series: pd.Series) -> pd.Series:
    """Text without control characters and surplus blanks; missing values become empty.

    Markup is kept: it is text, and escaped where it is shown.
    """
    values = ["" if pd.isna(v) else _clean(str(v)) for v in series]
    return pd.Series(values, index=series.index, dtype="str")


def _clean(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text.strip() if "  " not in text else " ".join(text.split())
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in unicodedata.normalize("NFC", text))
    return " ".join(kept.split())


def village_codes(series: pd.Series) -> pd.Series:
    """Codes of villages as ten digits: ``33.27.01.2001``, ``ID3327010001`` and ``3327012001.0`` alike.

    What a spreadsheet makes of them is read as long as it holds every digit: ``3.327.012.001`` and
    ``3.327012001E+09``, but not ``3.32701E+09``.

    Returns
    -------
    Series of str
        Ten digits, or empty where the text is no village code.
    """
    text = clean(series).str.removeprefix("ID")
    text = text.str.replace(r"^(\d)[.,](\d{9})[eE]\+?0*9$", r"\1\2", regex=True)
    text = text.str.replace(r"(?<=\d{10})[.,]0+$", "", regex=True).str.replace(r"[.,\s-]", "", regex=True)
    return text.where(text.str.fullmatch(rf"\d{{{_CODE_DIGITS}}}"), "")


def dotted(codes: pd.Series) -> pd.Series:
    """Ten digits as a Kemendagri code: ``3327012001`` is ``33.27.01.2001``; empty stays empty."""
    parts = codes.str[:2] + "." + codes.str[2:4] + "." + codes.str[4:6] + "." + codes.str[6:]
    return parts.where(codes != "", "")


def area_codes(series: pd.Series) -> pd.Series:
    """Codes of villages, districts, regencies or provinces with their dots: ``332701`` is ``33.27.01``.

    A spreadsheet makes ``33.1`` of ``33.10``: the zero comes back.

    Returns
    -------
    Series of str
        Empty where the text is no such code.
    """
    text = clean(series)
    villages = village_codes(text)
    text = text.str.replace(r"^(\d{2})[.,]([1-9])$", r"\1\g<2>0", regex=True)
    text = text.str.replace(r"(?<=\d{4})[.,]0+$", "", regex=True).str.replace(r"[.,\s-]", "", regex=True)
    digits = text.where(text.str.fullmatch(r"\d{2}|\d{4}|\d{6}"), villages)
    parts = [digits.str[start:stop] for start, stop in ((0, 2), (2, 4), (4, 6), (6, 10))]
    result = parts[0]
    for part in parts[1:]:
        result = result + ("." + part).where(part != "", "")
    return result


def area_code(text: str) -> str:
    """One code of an area with its dots, as :func:`area_codes`; text that is no code stays as it is."""
    return str(area_codes(pd.Series([text], dtype="str")).iloc[0]) or text.strip()


def looks_kemendagri(codes: pd.Series) -> bool:
    """Whether ten-digit codes are Kemendagri's rather than BPS's.

    Kemendagri numbers villages 1xxx (kelurahan), 2xxx (desa) or 3xxx (desa adat) within two-digit
    districts; BPS has three-digit districts that mostly end in 0, so its seventh digit is mostly 0.
    """
    seventh = codes[codes != ""].str[6]
    return bool(len(seventh)) and bool(seventh.isin(_KEMENDAGRI_VILLAGE).mean() > 0.5)


def numbers(series: pd.Series, *, whole: bool = False) -> pd.Series:
    """Numbers from text with decimal points or commas; what is no number becomes ``NaN``.

    Parameters
    ----------
    whole : bool
        Counts (people, households): a point or comma before three digits separates thousands.
    """
    if series.dtype.kind in "iuf":
        return series.astype(float)
    text = clean(series).str.replace(r"[\s']", "", regex=True)
    if whole:
        grouped = text.str.fullmatch(r"-?\d{1,3}([.,]\d{3})+")
        text = text.where(~grouped, text.str.replace(r"[.,]", "", regex=True))
    both = text.str.contains(".", regex=False) & text.str.contains(",", regex=False)
    comma_last = text.str.rfind(",") > text.str.rfind(".")
    text = text.where(~(both & comma_last), text.str.replace(".", "", regex=False))
    text = text.where(~(both & ~comma_last), text.str.replace(",", "", regex=False))
    text = text.str.replace(",", ".", regex=False)
    result = pd.to_numeric(text, errors="coerce").astype(float)
    return result.where(np.isfinite(result))


_PREFIX = re.compile(r"^(desa|ds|dusun|dukuh|kelurahan|kel|kecamatan|kec|kabupaten|kab|distrik)\b\.?\s+", re.IGNORECASE)


def name_key(text: str) -> str:
    """A name for comparison: without prefix, case, blanks, punctuation and accents."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", _PREFIX.sub("", plain.strip()).lower())


#: Text that begins so is read as a formula by some spreadsheet, blanks before it or not, also in full width.
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@|%＝＋－＠]")


def harmless(text: str) -> str:
    """Text that no spreadsheet runs: with an apostrophe before it where one would."""
    return f"'{text}" if _FORMULA.match(text) else text


def unharmed(text: str) -> str:
    """Undo :func:`harmless`, where a form of ours comes back."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text[1:]) else text
