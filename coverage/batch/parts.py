"""Files of many regencies cut into parts by regency, without holding more than a part in memory.

Boundaries are streamed and gathered by the first four digits of the village code. Radios and towers
go to every regency that a signal from them could reach. Terrain and rasters of people are cut when
a regency's turn comes. Each part keeps the columns and the name of its file, so that the import
reads it as if it had been downloaded like this.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow.parquet
import pyogrio
import shapely

from coverage import cache
from coverage.batch.places import split_places
from coverage.batch.rasters import RASTERS, grown
from coverage.errors import InputError
from coverage.language import _
from coverage.region import Report
from coverage.region.layers import CRS
from coverage.region.sources import columns, opencellid
from coverage.region.sources.files import opened
from coverage.region.sources.tabular import read_table
from coverage.region.sources.vector import DAMAGED, VECTORS, placed, read_vector
from coverage.region.sources.wilayah import read_wilayah
from coverage.region.text import dotted, looks_kemendagri, numbers, village_codes

_REGENCY = len("33.27")
_ROWS = 1000  # per block of a stream: villages with their outlines
_LINES = 100_000  # per block of a list of radios
_LIST = "regencies.json"


@dataclass(frozen=True)
class Part:
    """One regency's part of the boundaries, and what stands in the way of using it.

    ``box`` is (west, south, east, north) in degrees; ``repeated`` names villages whose code stands
    in more than one place, with the files.
    """

    code: str
    name: str
    villages: int
    box: tuple[float, float, float, float]
    repeated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inputs:
    """Files to split, as downloaded; only boundaries are needed."""

    boundaries: tuple[Path, ...]
    cells: tuple[Path, ...] = ()
    terrain: tuple[Path, ...] = ()
    population: Path | None = None
    roads: Path | None = None
    fibre: Path | None = None
    crs: str = ""

    @property
    def layers(self) -> dict[str, Path]:
        """Files of lines and points beside the cells, by kind."""
        return {kind: path for kind, path in (("roads", self.roads), ("fibre", self.fibre)) if path is not None}


def split(
    inputs: Inputs, folder: Path, reach_m: float, extent: Mapping[str, float], only: Iterable[str] = ()
) -> list[Part]:
    """Cut boundaries, lists of cells and tables of people by regency; kept from an earlier run where nothing changed.

    Parameters
    ----------
    folder : Path
        For the parts: ``<code>/boundaries.parquet, cells/*, roads/*, fibre/*, population.csv``.
    reach_m : float
        How far beyond its border a regency's part of the cells and the terrain reaches.
    extent : mapping
        ``west, south, east, north`` of the country in degrees.
    only : iterable of str
        Beginnings of the codes of villages to keep; empty: all.

    Returns
    -------
    list of Part
        By code.

    Raises
    ------
    InputError, QualityError
        Where a file cannot be read or its villages have no Kemendagri codes.
    """
    people = [inputs.population] if inputs.population else []
    files = [*inputs.boundaries, *inputs.cells, *inputs.layers.values(), *people]
    code = cache.code_digest("batch", "region")
    made_of = cache.key(code, [_stamp(path) for path in files], inputs.crs, float(reach_m), sorted(only), dict(extent))
    listed = folder / _LIST
    if listed.is_file():
        kept = json.loads(listed.read_text(encoding="utf-8"))
        if kept["made_of"] == made_of:
            return [_part(row) for row in kept["parts"]]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    parts = _split_boundaries(inputs, folder, extent, tuple(only))
    _split_cells(inputs.cells, folder, parts, reach_m)
    boxes = {part.code: part.box for part in parts}
    for kind, path in inputs.layers.items():
        split_places(kind, path, folder, boxes, reach_m, extent)
    if inputs.population is not None and inputs.population.suffix.lower() not in RASTERS:
        _split_people(inputs.population, folder, parts)
    text = json.dumps({"made_of": made_of, "parts": [asdict(part) for part in parts]}, ensure_ascii=False)
    listed.write_text(text, encoding="utf-8")  # last: parts without it are made again
    return parts


def _part(row: dict[str, Any]) -> Part:
    return Part(row["code"], row["name"], row["villages"], tuple(row["box"]), tuple(row["repeated"]))


def _stamp(path: Path) -> list[Any]:
    """Name and content of a file or folder (FileGDB)."""
    if not path.exists():
        raise InputError(_("The file is not there"), where=str(path))
    inner = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return [path.name, [_digest(p) for p in inner]]


def _digest(path: Path) -> str:
    import hashlib

    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# ---------------------------------------------------------------- boundaries


def _split_boundaries(inputs: Inputs, folder: Path, extent: Mapping[str, float], only: tuple[str, ...]) -> list[Part]:
    owner: dict[str, str] = {}  # village -> file: codes alone, a few megabytes for the nation
    repeated: dict[str, list[str]] = {}
    number = 0
    for path in inputs.boundaries:
        found = False
        for block in _blocks(path):
            codes = _codes(block, path)
            found = True
            keep = codes != ""
            if only:
                keep &= codes.str.startswith(only)
            for code in codes[keep]:
                if code in owner:
                    both = " + ".join(dict.fromkeys([owner[code], path.name]))
                    repeated.setdefault(code[:_REGENCY], []).append(f"{code} ({both})")
                owner[code] = path.name
            for regency, rows in block[keep].groupby(codes[keep].str[:_REGENCY], sort=True):
                target = folder / str(regency)
                target.mkdir(exist_ok=True)
                rows.to_parquet(target / f"block-{number:06d}.parquet", index=False)
                number += 1
        if not found:
            raise InputError(_("The file holds no villages"), where=path.name)
    if not number:
        raise InputError(_("No village has a code that begins so"), where=", ".join(only))
    codes_found = sorted(path.name for path in folder.iterdir() if path.is_dir())
    return [_gather(folder / code, tuple(repeated.get(code, ())), inputs.crs, extent) for code in codes_found]


def _codes(block: gpd.GeoDataFrame, path: Path) -> pd.Series:
    fields = columns.renamed(block, "boundaries")
    for column in ("kemendagri_code", "bps_code"):
        if column in fields.columns:
            digits = village_codes(fields[column])
            if looks_kemendagri(digits):
                return dotted(digits)
    raise InputError(
        _("The boundaries have no Kemendagri codes, so they cannot be split by regency"),
        where=path.name,
        todo=_("Import this regency by itself, with --crosswalk"),
    )


def _blocks(path: Path) -> Iterator[gpd.GeoDataFrame]:
    """A boundary file as it is, some rows at a time."""
    report = Report()
    with opened(path, "boundaries", report) as inner:
        suffix = inner.suffix.lower()
        try:
            if suffix == ".sql":
                yield read_wilayah(inner, report)
            elif suffix == ".parquet":
                yield from _parquet_blocks(inner)
            elif suffix in VECTORS:
                yield from _ogr_blocks(inner)
            else:
                yield read_vector(inner, "boundaries", report)
        except DAMAGED as error:
            raise InputError(
                _("The boundaries cannot be read"), where=path.name, todo=_("Download the file again")
            ) from error


def _parquet_blocks(path: Path) -> Iterator[gpd.GeoDataFrame]:
    file = pyarrow.parquet.ParquetFile(path)
    about = json.loads((file.schema_arrow.metadata or {})[b"geo"])
    name = about["primary_column"]
    crs = about["columns"][name].get("crs", CRS)
    for batch in file.iter_batches(batch_size=_ROWS):
        yield _as_frame(batch.to_pandas(), name, crs)


def _ogr_blocks(path: Path) -> Iterator[gpd.GeoDataFrame]:
    with pyogrio.open_arrow(path, layer=_best_layer(path), batch_size=_ROWS, use_pyarrow=True) as (meta, reader):
        for batch in reader:
            yield _as_frame(batch.to_pandas(), meta["geometry_name"] or "wkb_geometry", meta["crs"])


def _best_layer(path: Path) -> str | None:
    if path.suffix.lower() not in {".gpkg", ".gdb", ".kml"}:
        return None  # one layer; listing it would read a large GeoJSON once more
    names = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    known = {name for group in columns.aliases("boundaries").values() for name in group}
    return max(names, key=lambda n: len({columns.plain(f) for f in pyogrio.read_info(path, layer=n)["fields"]} & known))


def _as_frame(table: pd.DataFrame, geometry: str, crs: Any) -> gpd.GeoDataFrame:
    shapes = shapely.from_wkb(table[geometry].to_numpy())
    return gpd.GeoDataFrame(table.drop(columns=geometry), geometry=shapes, crs=crs)


def _gather(folder: Path, repeated: tuple[str, ...], crs: str, extent: Mapping[str, float]) -> Part:
    """The blocks of one regency as one file."""
    blocks = sorted(folder.glob("block-*.parquet"))
    frame = gpd.GeoDataFrame(pd.concat([gpd.read_parquet(b) for b in blocks], ignore_index=True))
    frame.to_parquet(folder / "boundaries.parquet", index=False, compression="zstd")
    for block in blocks:
        block.unlink()
    fields = columns.renamed(frame, "boundaries")
    names = list(fields["regency_name"].dropna()) if "regency_name" in fields.columns else []
    name = str(names[0]) if names else folder.name
    bounds = placed(frame, "boundaries", Report(), extent, crs).total_bounds
    box = (float(bounds[0]), float(bounds[1]), float(bounds[2]), float(bounds[3]))
    return Part(folder.name, name, len(frame), box, repeated)


# ---------------------------------------------------------------- radios and people


def _split_cells(paths: tuple[Path, ...], folder: Path, parts: list[Part], reach_m: float) -> None:
    if len({path.name for path in paths}) < len(paths):
        raise InputError(_("Two lists of cells have the same name"), todo=_("Rename one of them"))
    for path in paths:
        report = Report()
        with opened(path, "cells", report) as inner:
            with inner.open("rb") as stream:
                head = stream.readline().decode("utf-8", errors="replace")
            if opencellid.looks_like(head):
                _split_radios(inner, f"{path.stem}.csv", folder, parts, reach_m, head)
            else:
                _route(_towers(inner, report), f"{path.stem}.csv", folder, parts, reach_m, header=True)


def _split_radios(path: Path, name: str, folder: Path, parts: list[Part], reach_m: float, head: str) -> None:
    """Blocks of an OpenCelliD file; each part also gets the newest row of every network.

    The import takes the list's date, its operators and the age of its entries from the whole list:
    so it finds in a part what it would find in the file.
    """
    header = head.lstrip("\ufeff").lower().startswith(("radio", '"radio"'))

    def blocks() -> Iterator[pd.DataFrame]:
        yield from pd.read_csv(
            path, header=0 if header else None, names=None if header else list(opencellid.COLUMNS), dtype="str",
            keep_default_na=False, on_bad_lines="skip", encoding="utf-8-sig", encoding_errors="replace",
            chunksize=_LINES,
        )  # fmt: skip

    newest = pd.DataFrame()
    for block in blocks():
        newest = _newest(pd.concat([newest, block], ignore_index=True))
    for block in blocks():
        _route(block, name, folder, parts, reach_m, header=header)
    for part in parts:
        if (folder / part.code / "cells" / name).is_file():
            newest.to_csv(folder / part.code / "cells" / name, mode="a", header=False, index=False, lineterminator="\n")


def _newest(rows: pd.DataFrame) -> pd.DataFrame:
    """The newest row of each network."""
    when = pd.to_numeric(rows["updated"], errors="coerce").fillna(0)
    return rows.loc[when.groupby([rows["mcc"], rows["net"]]).idxmax()]


def _towers(path: Path, report: Report) -> pd.DataFrame:
    """A list of towers as written, with its place in columns."""
    if path.suffix.lower() in VECTORS:
        frame = read_vector(path, "cells", report).to_crs(CRS)
        middle = shapely.point_on_surface(frame.geometry.to_numpy())
        table = pd.DataFrame(frame.drop(columns="geometry"))
        table = table.drop(columns=[c for c in table.columns if columns.plain(str(c)) in {"lon", "lat", "x", "y"}])
        return table.assign(lon=shapely.get_x(middle), lat=shapely.get_y(middle))
    return read_table(path, "cells", report)


def _route(frame: pd.DataFrame, name: str, folder: Path, parts: list[Part], reach_m: float, *, header: bool) -> None:
    """Append rows to the part of every regency within reach."""
    fields = frame if {"lon", "lat"} <= set(frame.columns) else columns.renamed(frame, "cells")
    if not {"lon", "lat"} <= set(fields.columns):
        raise InputError(_("The list of cells has no coordinates"), where=name)
    lon, lat = numbers(fields["lon"]).to_numpy(), numbers(fields["lat"]).to_numpy()
    for part in parts:
        west, south, east, north = grown(part.box, reach_m)
        near = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        # Written with longitude and latitude exchanged: the import puts them right.
        near |= (lat >= west) & (lat <= east) & (lon >= south) & (lon <= north)
        if near.any():
            target = folder / part.code / "cells" / name
            target.parent.mkdir(exist_ok=True)
            first = header and not target.exists()
            frame[near].to_csv(target, mode="a", header=first, index=False, lineterminator="\n")


def _split_people(path: Path, folder: Path, parts: list[Part]) -> None:
    report = Report()
    with opened(path, "population", report) as inner:
        frame = read_table(inner, "population", report)
    fields = columns.renamed(frame, "population")
    if "kemendagri_code" not in fields.columns:
        raise InputError(
            _("The table of people has no Kemendagri codes, so it cannot be split by regency"), where=path.name
        )
    regency = dotted(village_codes(fields["kemendagri_code"])).str[:_REGENCY]
    for part in parts:
        mine = frame[regency == part.code]
        if len(mine):
            mine.to_csv(folder / part.code / "population.csv", index=False, lineterminator="\n")
