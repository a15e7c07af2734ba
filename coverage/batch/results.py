"""The results of a batch, opened step by step: nation, province, regency, village.

Every step reads only what it shows: the summary of regencies, or one regency's partitions.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet

from coverage.errors import InputError
from coverage.language import _
from coverage.region.facts import province_names

#: The place above all provinces.
NATION = ""
#: Levels of a place by its code, from the nation down.
LEVELS = ("nation", "province", "regency", "village")
TOTALS = "batch.json"
_STATE = ".batch"
_CODE = re.compile(r"\d\d(\.\d\d(\.\d\d\.\d{4})?)?")
_LENGTHS = {0: "nation", 2: "province", 5: "regency", 13: "village"}
#: Columns of a step's table that the levels have in common.
_COMMON = (
    "name", "villages", "population", "population_served", "population_left_out", "served_share", "need", "public_idr",
    "villages_planned", "population_gained", "next_per_billion",
)  # fmt: skip
_VILLAGE = (
    "village_code", "village_name", "district_name", "population", "population_served", "population_left_out", "need",
    "access_class", "operators", "facilities", "facilities_offline", "best_deal_id", "gain_per_billion",
)  # fmt: skip
_DEAL = ("deal_id", "provider_id", "business_model", "price_idr_month", "subsidy_idr")


@dataclass(frozen=True, eq=False)
class Results:
    """A folder of results.

    Attributes
    ----------
    regencies, provinces : DataFrame
        ``summary.parquet`` without borders, and ``provinces.csv`` with ``province_name``.
    problems : DataFrame
        ``regency_code, regency_name, state`` (``failed`` or ``handled``), ``problem``.
    totals : dict
        ``batch.json``.
    """

    folder: Path
    stamp: str
    regencies: pd.DataFrame
    provinces: pd.DataFrame
    problems: pd.DataFrame
    totals: dict[str, Any]

    @property
    def top(self) -> str:
        """Where to begin: the nation, or the only province there is."""
        return NATION if len(self.provinces) != 1 else str(self.provinces["province_code"].iloc[0])

    def has(self, code: str) -> bool:
        """Whether a place (nation, province, regency or village) is among the results."""
        kind = level(code)
        if kind == "village":
            return self.has(parent(code)) and code in self.children(parent(code)).index
        known = {"nation": {NATION}, "province": set(self.provinces["province_code"])}
        return code in known.get(kind, set(self.regencies["regency_code"]))

    def name(self, code: str) -> str:
        """What a place is called."""
        kind = level(code)
        if kind == "nation":
            return _("Indonesia")
        table = self.children(parent(code))
        return str(table["name"].get(code, code))

    def way(self, code: str) -> list[str]:
        """Codes from the top down to a place, itself last."""
        steps = [code]
        while steps[0] != self.top and steps[0] != NATION:
            steps.insert(0, parent(steps[0]))
        return steps

    def children(self, code: str) -> pd.DataFrame:
        """What a place consists of, one row each.

        Parameters
        ----------
        code : str
            The nation, a province or a regency.

        Returns
        -------
        DataFrame
            Index ``code``; columns ``name, villages, population, population_served,
            population_left_out, served_share, need`` (0 to 100), ``public_idr`` (of the shared
            budget), ``villages_planned, population_gained, next_per_billion``. Villages have also
            ``district, access_class, operators, facilities, facilities_offline, in_plan, provider_id,
            business_model, price_idr_month, subsidy_idr`` (of the best deal), and ``next_per_billion`` is then index
            points per Rp billion.

        Raises
        ------
        InputError
            Where a file is absent or damaged.
        """
        kind = level(code)
        if kind == "nation":
            table = self.provinces.rename(columns={"province_code": "code", "province_name": "name"})
        elif kind == "province":
            mine = self.regencies[self.regencies["province_code"] == code]
            table = mine.rename(columns={"regency_code": "code", "regency_name": "name"})
        else:
            return _villages(self.folder, code)
        return table.set_index("code")[list(_COMMON)]

    def borders(self, code: str) -> dict[str, Any]:
        """The children's borders as GeoJSON; properties ``code, name, district``.

        Raises
        ------
        InputError
            Where the map is absent or damaged.
        """
        path = self.folder / "map" / f"{code or 'nation'}.geojson"
        try:
            data: dict[str, Any] = json.loads(path.read_bytes())
            features = [(f["geometry"], str(f["properties"]["code"])) for f in data["features"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _damaged(path) from error
        table = self.children(code)
        names, districts = table["name"].to_dict(), table.get("district", pd.Series(dtype=str)).to_dict()
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"code": c, "name": names.get(c, c), "district": districts.get(c, "")},
                    "geometry": shape,
                }
                for shape, c in features
            ],
        }

    def hamlets(self, village: str) -> pd.DataFrame:
        """The settlements of a village, those with most people left out first.

        Returns
        -------
        DataFrame
            ``settlement_name, population, left_out, access_class``.
        """
        columns = ["village_code", "settlement_name", "population", "population_covered", "access_class"]
        table = _partition(self.folder, "settlements", parent(village), columns)
        mine = table[table["village_code"] == village]
        left_out = (mine["population"] - mine["population_covered"]).clip(lower=0)
        order = mine.assign(left_out=left_out).sort_values(["left_out", "settlement_name"], ascending=[False, True])
        return order[["settlement_name", "population", "left_out", "access_class"]].reset_index(drop=True)

    def troubles(self, code: str) -> pd.DataFrame:
        """Problems of the regencies in a place."""
        regency = code[:5]
        return self.problems[self.problems["regency_code"].str.startswith(regency)]

    def compared(self, code: str) -> pd.DataFrame:
        """The regencies of the nation or of a province, with their own names."""
        mine = self.regencies["regency_code"].str.startswith(code)
        named = self.regencies.rename(columns={"regency_code": "code", "regency_name": "name"})
        return named[mine].set_index("code")[list(_COMMON)]


def level(code: str) -> str:
    """One of :data:`LEVELS`; *nation* also for what is no code."""
    return _LENGTHS.get(len(code), "nation") if code == NATION or _CODE.fullmatch(code) else "nation"


def parent(code: str) -> str:
    """The place around a place."""
    return {"village": code[:5], "regency": code[:2]}.get(level(code), NATION)


def is_results(folder: Path) -> bool:
    """Whether a folder holds the results of a batch, finished or not."""
    return (folder / TOTALS).is_file() or (folder / _STATE).is_dir()


def kept() -> dict[str, Path]:
    """Folders of results among the user's data (``JANGKAU_BATCHES``), by name."""
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    place = Path(os.environ.get("JANGKAU_BATCHES") or Path(base) / "jangkau" / "batches")
    return {path.parent.name: path.parent for path in sorted(place.glob(f"*/{TOTALS}"))}


def stamp(folder: Path) -> str:
    """Changes whenever the results are summed up anew."""
    totals = folder / TOTALS
    return str(totals.stat().st_mtime_ns) if totals.is_file() else ""


def open_results(folder: Path) -> Results:
    """Read the summary of a batch.

    Raises
    ------
    InputError
        Where the batch is not finished, or a file is absent or damaged.
    """
    if not (folder / TOTALS).is_file():
        raise InputError(
            _("The folder holds no finished results"),
            where=str(folder),
            todo=_("Run the same command again: python -m coverage batch … goes on where it stopped"),
        )
    path = folder / TOTALS
    try:
        totals = json.loads(path.read_text(encoding="utf-8"))
        path = folder / "summary.parquet"
        source = pyarrow.parquet.ParquetFile(path)
        columns = [name for name in source.schema_arrow.names if name != "geometry"]
        regencies: pd.DataFrame = source.read(columns=columns).to_pandas()
        _present(regencies, ["regency_code", "regency_name", "province_code", *_COMMON[1:]])
        path = folder / "provinces.csv"
        provinces = pd.read_csv(path, dtype={"province_code": str})
        names = province_names()
        provinces["province_name"] = [names.get(code, code) for code in provinces["province_code"]]
        _present(provinces, _COMMON[1:])
        path = folder / "problems.csv"
        problems = pd.read_csv(path, dtype=str, keep_default_na=False)
        _present(problems, ["regency_code", "regency_name", "state", "problem"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error
    codes = [*regencies["regency_code"], *provinces["province_code"]]
    if not all(isinstance(code, str) and _CODE.fullmatch(code) for code in codes) or not isinstance(totals, dict):
        raise _damaged(path)
    return Results(folder, stamp(folder), regencies, provinces, problems, totals)


def _present(table: pd.DataFrame, columns: Any) -> None:
    absent = sorted(set(columns) - set(table.columns))
    if absent:
        raise KeyError(", ".join(absent))


def _damaged(path: Path) -> InputError:
    return InputError(
        _("A file of the results is absent or damaged"),
        where=str(path),
        todo=_("Run the same command again: python -m coverage batch … goes on where it stopped"),
    )


def _partition(folder: Path, table: str, regency: str, columns: list[str]) -> pd.DataFrame:
    path = folder / table / f"regency={regency}" / "part-0.parquet"
    try:
        # A file, not a data set: the name of the folder must not come back as a column.
        found: pd.DataFrame = pyarrow.parquet.ParquetFile(path).read(columns=columns).to_pandas()
        _present(found, columns)
    except (OSError, ValueError, KeyError) as error:
        raise _damaged(path) from error
    return found


def _villages(folder: Path, regency: str) -> pd.DataFrame:
    """The villages of a regency with their best deal and what the shared budget pays for."""
    villages = _partition(folder, "villages", regency, list(_VILLAGE))
    deals = _partition(folder, "deals", regency, list(_DEAL)).drop_duplicates("deal_id").set_index("deal_id")
    plan = _partition(folder, "plan", regency, ["village_code", "subsidy_idr", "population_gained"])
    paid = plan.groupby("village_code")[["subsidy_idr", "population_gained"]].sum()
    villages = villages.rename(
        columns={"village_code": "code", "village_name": "name", "district_name": "district",
                 "gain_per_billion": "next_per_billion"}
    ).set_index("code")  # fmt: skip
    people = villages["population"].where(villages["population"] > 0)
    best = deals.reindex(villages["best_deal_id"])
    return villages.assign(
        villages=1,
        served_share=(villages["population_served"] / people).fillna(0.0),
        public_idr=paid["subsidy_idr"].reindex(villages.index).fillna(0.0),
        population_gained=paid["population_gained"].reindex(villages.index).fillna(0.0),
        in_plan=np.isin(villages.index, paid.index),
        villages_planned=np.isin(villages.index, paid.index).astype(int),
        provider_id=best["provider_id"].to_numpy(),
        business_model=best["business_model"].to_numpy(),
        price_idr_month=best["price_idr_month"].to_numpy(dtype=float),
        subsidy_idr=best["subsidy_idr"].to_numpy(dtype=float),
    ).drop(columns=["best_deal_id"])
