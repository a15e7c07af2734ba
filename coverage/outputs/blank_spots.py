"""The regency's list of blank spots (*daftar blank spot*) in the form that ministries and operators ask for.

Its headings are Indonesian in every language, and the import reads it again.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from coverage.outputs import words
from coverage.outputs.tables import data_date, defused
from coverage.region.facts import province_names

if TYPE_CHECKING:
    from coverage.analysis import Analysis

#: Headings of the form.
HEADINGS = (
    "No",
    "Provinsi",
    "Kabupaten/Kota",
    "Kecamatan",
    "Desa/Kelurahan",
    "Kode Desa",
    "Dusun",
    "Lintang",
    "Bujur",
    "Jumlah Penduduk",
    "Penduduk Tanpa Sinyal",
    "Status Sinyal",
    "Operator Terdengar",
    "Bukti",
    "Jumlah Sampel",
    "Tanggal",
    "Sumber",
    "Keterangan",
)
#: Media type of the workbook.
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STATUS = {"none": "tidak ada sinyal", "weak": "sinyal lemah", "unknown": "belum diketahui"}
_BASIS = {"measured": "terukur", "reported": "dilaporkan", "modelled": "perhitungan"}


def blank_spots(analysis: Analysis, *, unknown: bool = False) -> pd.DataFrame:
    """Hamlets without signal or with a weak one, the worst districts' villages in the order of their codes.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    unknown : bool
        Also hamlets of which nothing is known, to be measured; they are never called blank.

    Returns
    -------
    DataFrame
        Columns :data:`HEADINGS`, one row per hamlet; sample data are marked in ``Keterangan``.
    """
    region = analysis.region
    wanted = {"none", "weak", *(("unknown",) if unknown else ())}
    found = analysis.access.settlements
    found = found[found["access_class"].isin(wanted) & (found["population"] > 0)]
    villages = region.villages.set_index("village_code").loc[found["village_code"]]
    points = np.asarray(region.settlements.set_index("settlement_id").geometry.loc[found["settlement_id"]])
    decided = _decided(analysis)
    heard = _heard(analysis)
    provinces = province_names()
    note = words.WATERMARK if region.is_sample else ""
    keys = list(zip(found["village_code"], found["settlement_id"], strict=True))
    said = [decided.get(key) or decided.get((key[0], "")) or ("", "", "") for key in keys]
    by_evidence = (found["evidence"] != "modelled").to_numpy()
    frame = pd.DataFrame(
        {
            "Provinsi": [provinces.get(code[:2], code[:2]) for code in found["village_code"]],
            "Kabupaten/Kota": region.name,
            "Kecamatan": villages["district_name"].to_numpy(),
            "Desa/Kelurahan": villages["village_name"].to_numpy(),
            "Kode Desa": found["village_code"].to_numpy(),
            "Dusun": found["settlement_name"].to_numpy(),
            "Lintang": shapely.get_y(points).round(6),
            "Bujur": shapely.get_x(points).round(6),
            "Jumlah Penduduk": found["population"].round().astype(int).to_numpy(),
            "Penduduk Tanpa Sinyal": (found["population"] - found["population_covered"])
            .clip(lower=0)
            .round()
            .astype(int)
            .to_numpy(),
            "Status Sinyal": found["access_class"].map(_STATUS).to_numpy(),
            "Operator Terdengar": [heard.get(code, "") for code in found["settlement_id"]],
            "Bukti": found["evidence"].map(_BASIS).to_numpy(),
            "Jumlah Sampel": [samples if own else "" for (_d, _s, samples), own in zip(said, by_evidence, strict=True)],
            "Tanggal": [
                date if own else data_date(analysis) for (date, _s, _n), own in zip(said, by_evidence, strict=True)
            ],
            "Sumber": [source if own else "Jangkau" for (_d, source, _n), own in zip(said, by_evidence, strict=True)],
            "Keterangan": note,
        }
    ).sort_values(["Kode Desa", "Dusun"], kind="stable", ignore_index=True)
    frame.insert(0, "No", np.arange(1, len(frame) + 1))
    return frame[list(HEADINGS)]


def _decided(analysis: Analysis) -> dict[tuple[str, str], tuple[str, str, int | str]]:
    """Date, source and number of samples of the statement that decides, per village and hamlet."""
    from coverage.access import statements

    region = analysis.region
    rows = statements(
        region.evidence, region.settlements, analysis.access.operators, region.completeness, analysis.assumptions
    )
    rows = rows[rows["rank"] == 1]
    subjects = zip(rows["village_code"], rows["settlement_id"], strict=True)
    samples = [int(number) for number in rows["samples"]]
    return dict(zip(subjects, zip(rows["date"], rows["source"], samples, strict=True), strict=True))


def _heard(analysis: Analysis) -> dict[str, str]:
    """Per hamlet the operators that the model hears there, the strongest first: ``Operator A -112 dBm``."""
    rows = analysis.access.operators
    rows = rows[rows["rsrp_dbm"].notna()].sort_values(["settlement_id", "rsrp_dbm"], ascending=[True, False])
    rows = rows.drop_duplicates(["settlement_id", "operator"])
    texts = rows["operator"] + " " + rows["rsrp_dbm"].round().astype(int).astype("str") + " dBm"
    return {str(k): str(v) for k, v in texts.groupby(rows["settlement_id"]).agg("; ".join).items()}


def as_csv(frame: pd.DataFrame) -> bytes:
    """The list as CSV for a spreadsheet: UTF-8 with its mark, text that no spreadsheet runs."""
    return defused(frame).to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def as_xlsx(frame: pd.DataFrame, date: str) -> bytes:
    """The list as a workbook, dated ``date`` (ISO) so that the same list is the same file."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": dt.datetime.fromisoformat(date)})
    sheet = book.add_worksheet("Daftar blank spot")
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet.freeze_panes(1, 0)
    safe = defused(frame)  # a workbook may be saved as CSV
    for column, heading in enumerate(safe.columns):
        values = safe[heading].tolist()
        width = max([len(str(heading)), *(len(str(value)) for value in values)])
        sheet.set_column(column, column, min(width + 1, 40))
        sheet.write_string(0, column, str(heading), bold)
        for row, value in enumerate(values, start=1):
            if isinstance(value, (int, float)):
                sheet.write_number(row, column, value)
            else:
                sheet.write_string(row, column, str(value))
    book.close()
    return buffer.getvalue()
