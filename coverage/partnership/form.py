"""The form of a request for information: what a provider is asked to fill in.

A workbook of two sheets, or two CSV files: who the provider is (table ``Providers``), and what it
offers to which village. Column names are codes that :mod:`coverage.partnership.reply` knows; what
they mean stands in the row above.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pandas as pd
import xlsxwriter

from coverage.language import _, mark
from coverage.region.text import harmless
from coverage.tables import OPTION_TECHNOLOGIES

_CREATED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
PROVIDER_KINDS = ("mobile", "isp", "tower", "bumdes", "satellite")
#: Columns of the two sheets, each with what it asks for.
OFFER_COLUMNS = {
    "provider_id": mark("your short name, as on the sheet of providers"),
    "village_code": mark("code of the village; please leave it as it is"),
    "village_name": mark("name of the village"),
    "technology": mark("what you would offer there"),
    "price_idr_month": mark("price a month in Rp, tax (PPN) included"),
    "capex_idr": mark("what you would invest in Rp"),
    "asks_idr": mark("what you would ask of village, regency or a fund in Rp"),
    "months": mark("months until it works"),
    "note": mark("anything else"),
}
PROVIDER_COLUMNS = {
    "provider_id": mark("a short name, unique"),
    "provider_name": mark("your name"),
    "kind": mark("mobile, isp, tower, bumdes or satellite"),
    "technologies": mark("what you offer, separated by ;"),
    "hurdle_rate": mark("return that you need a year, as a share: 0.15 (stays with the staff)"),
    "capital_limit_idr": mark("own capital for this regency in Rp (stays with the staff)"),
    "market_share": mark("your share of mobile users here, 0 to 1"),
    "resale_allowed": mark("1 if a village may resell your service, else 0"),
    "build_limit": mark("how many villages you can build; empty: no limit"),
    "presence": mark("codes of the districts where you work, separated by ;; empty: all"),
    "price_home_idr_month": mark("your price of home internet a month, PPN included"),
    "price_user_idr_month": mark("your price per user of village Wi-Fi a month, PPN included"),
}


def form_workbook(villages: pd.DataFrame, providers: pd.DataFrame | None = None) -> bytes:
    """The form as a workbook, the same bytes for the same villages.

    Parameters
    ----------
    villages : DataFrame
        :class:`coverage.tables.Villages` that are asked about, one line each on the sheet of offers.
    providers : DataFrame, optional
        Providers already known, to be corrected.
    """
    stream = io.BytesIO()
    with xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties({"title": _("Request for information"), "created": _CREATED})
        bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E3EEEA"})
        told = book.add_format({"text_wrap": True, "valign": "top", "italic": True})
        for title, notes, table in _sheets(villages, providers):
            sheet = book.add_worksheet(title)
            sheet.set_row(0, 60)
            for column, (name, note) in enumerate(notes.items()):
                sheet.set_column(column, column, 22)
                sheet.write_string(0, column, _(note), told)
                sheet.write_string(1, column, name, bold)
            for row, values in enumerate(table.itertuples(index=False), start=2):
                for column, value in enumerate(values):
                    _write(sheet, row, column, value)
            sheet.freeze_panes(2, 1)
            if "technology" in notes:
                at, last = list(notes).index("technology"), 2 + max(len(table), 1)
                rule = {"validate": "list", "source": list(OPTION_TECHNOLOGIES)}
                sheet.data_validation(2, at, last, at, rule)
            else:
                at = list(notes).index("kind")
                sheet.data_validation(2, at, 40, at, {"validate": "list", "source": list(PROVIDER_KINDS)})
    return stream.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif pd.notna(value):
        sheet.write_number(row, column, float(value))


def form_csv(villages: pd.DataFrame, providers: pd.DataFrame | None = None) -> dict[str, str]:
    """The form as CSV texts, by file name: ``providers.csv`` and ``offers.csv``."""
    names = ("providers.csv", "offers.csv")
    sheets = _sheets(villages, providers)
    return {
        name: table.to_csv(index=False, lineterminator="\n")
        for name, (_t, _n, table) in zip(names, sheets, strict=True)
    }


def _sheets(villages: pd.DataFrame, providers: pd.DataFrame | None) -> list[tuple[str, dict[str, str], pd.DataFrame]]:
    known = (
        pd.DataFrame(columns=list(PROVIDER_COLUMNS))
        if providers is None
        else providers.reindex(columns=list(PROVIDER_COLUMNS))
    )
    known = known.assign(
        resale_allowed=[int(v) if isinstance(v, bool) else v for v in known["resale_allowed"].tolist()]
    )
    asked = pd.DataFrame(villages[["village_code", "village_name"]]).reindex(columns=list(OFFER_COLUMNS))
    return [
        (_("Providers"), PROVIDER_COLUMNS, _safe(known)),
        (_("Offers"), OFFER_COLUMNS, _safe(asked.astype(object).where(asked.notna(), ""))),
    ]


def _safe(table: pd.DataFrame) -> pd.DataFrame:
    """The table with text that no spreadsheet runs."""
    return table.map(lambda value: harmless(value) if isinstance(value, str) else value)
