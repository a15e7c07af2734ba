"""What a provider writes back on a request for information, read with every problem told.

Reading never stops at the first fault: all are told, in words, with their row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from coverage.errors import InputError
from coverage.language import _, ngettext, number
from coverage.partnership.form import OFFER_COLUMNS, PROVIDER_COLUMNS, PROVIDER_KINDS
from coverage.partnership.licences import refusals, role
from coverage.region.sources.columns import aliases, plain
from coverage.region.sources.workbook import DAMAGED, sheets
from coverage.region.text import clean, numbers, unharmed
from coverage.tables import OPTION_TECHNOLOGIES, Providers, columns

_YES, _NO = ("1", "ya", "yes", "true", "boleh"), ("0", "tidak", "no", "false")
_NUMBERS = ("hurdle_rate", "capital_limit_idr", "market_share", "build_limit")
_PRICES = ("price_home_idr_month", "price_user_idr_month")
_AMOUNTS = ("price_idr_month", "capex_idr", "asks_idr", "months")
_SHARES = ("hurdle_rate", "market_share")


@dataclass(frozen=True)
class Fault:
    """A problem of a reply: in which sheet and row (counted as the file counts; 0: the whole sheet), in words.

    ``serious``: the reply cannot be used before it is put right; else it is only told.
    """

    sheet: str
    row: int
    text: str
    serious: bool = True

    def sentence(self) -> str:
        """With its place."""
        if not self.row:
            return f"{self.sheet}: {self.text}"
        return _("{sheet}, row {row}: {text}").format(sheet=self.sheet, row=self.row, text=self.text)


@dataclass(frozen=True, eq=False)
class Reply:
    """What came back: :class:`coverage.tables.Providers`, the offers, and everything wrong with them."""

    providers: pd.DataFrame
    offers: pd.DataFrame
    faults: tuple[Fault, ...]

    @property
    def usable(self) -> bool:
        """Whether nothing serious is wrong."""
        return not any(fault.serious for fault in self.faults)

    def accepted(self) -> Reply:
        """The reply itself.

        Raises
        ------
        InputError
            With every serious problem, where there is one.
        """
        serious = [fault.sentence() for fault in self.faults if fault.serious]
        if serious:
            raise InputError(
                ngettext("The reply has {count} problem", "The reply has {count} problems", len(serious)).format(
                    count=number(len(serious))
                ),
                where="; ".join(dict.fromkeys(fault.sheet for fault in self.faults if fault.serious)),
                todo="\n".join(serious),
            )
        return self


def read_reply(paths: Path | Sequence[Path], villages: pd.DataFrame) -> Reply:
    """Read a filled form back.

    Parameters
    ----------
    paths : Path or sequence of Path
        The workbook, or the CSV files; which is which is seen by the columns.
    villages : DataFrame
        :class:`coverage.tables.Villages` of the region.

    Returns
    -------
    Reply
        With all faults: missing columns, numbers that are none, negative amounts, prices of zero,
        unknown kinds, technologies and villages, technologies without licence, offers to villages
        without households, village enterprises in a kelurahan. Rows with a serious fault are left out.

    Raises
    ------
    InputError
        Where a file cannot be read or holds neither table.
    """
    given = [paths] if isinstance(paths, Path) else list(paths)
    providers, offers = _blank(PROVIDER_COLUMNS), _blank(OFFER_COLUMNS)
    faults: list[Fault] = []
    for name, sheet, rows in (found for path in given for found in _tables(path)):
        if name == "providers":
            providers = _providers(sheet, rows, faults)
        else:
            offers = rows
            offers_sheet = sheet
    if len(offers):
        offers = _offers(offers_sheet, offers, providers, villages, faults)
    return Reply(providers, offers, tuple(faults))


def _blank(notes: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str") for name in notes})


def _tables(path: Path) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Tables of a file with what each is; the index is the row as the file counts it."""
    found = False
    known = {"providers": set(aliases("providers")), "offers": set(OFFER_COLUMNS)}
    for sheet, cells in _read(path):
        for at, line in enumerate(cells[:25]):
            named = [_field(cell) for cell in line]
            which = "offers" if "village_code" in named else "providers"
            if len(known[which] & set(named)) < 2:
                continue
            body = [
                (number_ + 1, row) for number_, row in enumerate(cells) if number_ > at and any(c.strip() for c in row)
            ]
            width = len(named)
            frame = pd.DataFrame(
                [(row + [""] * width)[:width] for _row, row in body],
                index=[n for n, _row in body],
                columns=named,
                dtype="str",
            )
            yield which, sheet, frame.loc[:, [bool(name) for name in named]]
            found = True
            break
    if not found:
        raise InputError(
            _("The file holds no answers"),
            where=path.name,
            todo=_("Use the form as it was sent and keep the names of its columns"),
        )


def _field(cell: str) -> str:
    name = plain(cell)
    for field, names in aliases("providers").items():
        if name in names:
            return field
    return name


def _read(path: Path) -> list[tuple[str, list[list[str]]]]:
    try:
        if path.suffix.lower() == ".csv":
            text = path.read_bytes().decode("utf-8-sig")
            mark_ = max(";,\t", key=text.split("\n", 1)[0].count)
            return [(path.name, [[unharmed(c) for c in row] for row in csv.reader(io.StringIO(text), delimiter=mark_)])]
        return [
            (name, [["" if c is None else unharmed(_text(c)) for c in row] for row in rows])
            for name, rows in sheets(path, whole=True)
        ]
    except (*DAMAGED, csv.Error) as error:
        raise InputError(
            _("The file cannot be read"), where=path.name, todo=_("Save it as XLSX or as CSV in UTF-8")
        ) from error


def _text(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _providers(sheet: str, rows: pd.DataFrame, faults: list[Fault]) -> pd.DataFrame:
    """The sheet of providers with its types; rows that cannot be used are left out and told."""
    needed = columns(Providers).query("required")["name"].tolist()
    missing = [name for name in needed if name not in rows.columns]
    faults.extend(Fault(sheet, 0, _("the column {name} is missing").format(name=name)) for name in missing)
    if missing:
        return _blank(PROVIDER_COLUMNS)
    table = rows.reindex(columns=list(PROVIDER_COLUMNS), fill_value="")
    bad: set[int] = set()

    def fault(row: int, text: str, *, serious: bool = True) -> None:
        faults.append(Fault(sheet, row, text, serious))
        if serious:
            bad.add(row)

    for name in ("provider_id", "provider_name", "technologies"):
        table[name] = clean(table[name])
        for row in table.index[table[name] == ""]:
            fault(row, _("{name} is empty").format(name=name))
    for row in table.index[table["provider_id"].duplicated() & (table["provider_id"] != "")]:
        fault(row, _("{name} stands there twice").format(name=table.loc[row, "provider_id"]))
    table["kind"] = clean(table["kind"]).str.lower()
    for row in table.index[~table["kind"].isin(PROVIDER_KINDS)]:
        fault(
            row,
            _("{value} is no kind of provider; choose from: {names}").format(
                value=table.loc[row, "kind"] or "?", names=", ".join(PROVIDER_KINDS)
            ),
        )
    for name in (*_NUMBERS, *_PRICES):
        for row, text in _amount(table, name, required=name in needed, above_zero=name in _PRICES):
            fault(row, text)
    for name in _SHARES:
        for row in table.index[table[name] > 1]:
            fault(row, _("{name} is a share: give 0.15 for 15 %").format(name=name))
    said = clean(table["resale_allowed"]).str.lower()
    for row in said.index[~said.isin((*_YES, *_NO))]:
        fault(row, _("resale_allowed must be 1 or 0"))
    table["resale_allowed"] = said.isin(_YES)
    for row in table.index:
        for text in refusals({str(k): v for k, v in table.loc[row].to_dict().items()}):
            fault(int(row), text, serious=False)
    return table[~table.index.isin(bad)].reset_index(drop=True)


def _offers(
    sheet: str, rows: pd.DataFrame, providers: pd.DataFrame, villages: pd.DataFrame, faults: list[Fault]
) -> pd.DataFrame:
    """The sheet of offers; lines without a technology were not answered and are dropped in silence."""
    needed = ("village_code", "technology", "price_idr_month")
    missing = [name for name in needed if name not in rows.columns]
    faults.extend(Fault(sheet, 0, _("the column {name} is missing").format(name=name)) for name in missing)
    if missing:
        return _blank(OFFER_COLUMNS)
    table = rows.reindex(columns=list(OFFER_COLUMNS), fill_value="")
    table = table[clean(table["technology"]) != ""].copy()
    place = villages.set_index("village_code")
    kinds = providers.set_index("provider_id")["kind"].to_dict() if len(providers) else {}
    bad: set[int] = set()

    def fault(row: int, text: str) -> None:
        faults.append(Fault(sheet, row, text))
        bad.add(row)

    for name in _AMOUNTS:
        required = name == "price_idr_month"
        for row, text in _amount(table, name, required=required, above_zero=required):
            fault(row, text)
    for at in table.index.tolist():
        for text in _offer_faults(table.loc[at], place, kinds):
            fault(at, text)
    return table[~table.index.isin(bad)].reset_index(drop=True)


def _offer_faults(line: pd.Series, place: pd.DataFrame, kinds: dict[Any, Any]) -> Iterator[str]:
    code, technology = str(line["village_code"]).strip(), str(line["technology"]).strip()
    if code not in place.index:
        yield _("there is no village {code} in this region").format(code=code or "?")
    elif not float(place.loc[code, "households"]) > 0:  # type: ignore[arg-type]
        yield _("{village} has no households: there is nobody to serve").format(village=place.loc[code, "village_name"])
    if technology not in OPTION_TECHNOLOGIES:
        yield _("there is no technology {technology}; known are {names}").format(
            technology=technology, names=", ".join(OPTION_TECHNOLOGIES)
        )
        return
    if not kinds:
        return
    kind = kinds.get(str(line["provider_id"]).strip())
    if kind is None:
        yield _("{name} is not on the sheet of providers").format(name=str(line["provider_id"]).strip() or "?")
    elif not role(technology, kind):
        yield _("this provider has no licence for {technology}").format(technology=technology)
    elif kind == "bumdes" and code in place.index and place.loc[code, "kind"] == "kelurahan":
        yield _("a kelurahan has no BUMDes")


def _amount(table: pd.DataFrame, name: str, *, required: bool, above_zero: bool) -> Iterator[tuple[int, str]]:
    """Turn a column into numbers; yields what is wrong with it."""
    text = clean(table[name])
    values = numbers(text, whole=name.endswith("_idr") or name.endswith("_month"))
    table[name] = values
    for row in table.index:
        if pd.isna(values[row]):
            if text[row]:
                yield int(row), _("{name} is not a number: {value}").format(name=name, value=text[row])
            elif required:
                yield int(row), _("{name} is empty").format(name=name)
        elif values[row] < 0:
            yield int(row), _("{name} cannot be negative: {value}").format(name=name, value=text[row])
        elif above_zero and values[row] == 0:
            yield int(row), _("{name} must be above zero").format(name=name)


def merged(providers: pd.DataFrame, reply: Reply) -> pd.DataFrame:
    """The region's providers with those of a reply, which replace their namesakes.

    Parameters
    ----------
    providers : DataFrame
        :class:`coverage.tables.Providers` of the region.
    reply : Reply
        Accepted.
    """
    fresh = reply.accepted().providers
    kept = providers[~providers["provider_id"].isin(set(fresh["provider_id"]))]
    if not len(fresh):
        return providers
    table = pd.concat([kept, fresh], ignore_index=True).sort_values("provider_id", kind="stable", ignore_index=True)
    return Providers.validate(table)
