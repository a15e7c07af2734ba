"""A region on disk: one file per layer and a Frictionless ``datapackage.json``."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import geopandas as gpd
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coverage import cache, tables
from coverage.errors import RegionError
from coverage.language import _
from coverage.raster import Raster
from coverage.region import licences
from coverage.region.checks import check_region_tables
from coverage.region.layers import LAYER_KINDS, LAYERS, LayerSpec, dtypes, empty
from coverage.region.quality import Report
from coverage.region.region import Layer, Region
from coverage.swap import draft_folder, exchange

PACKAGE = "datapackage.json"
#: What the import found, kept beside the layers.
REPORT = "quality.csv"
#: What people have put right, applied again at the next import into the same folder.
CORRECTIONS = "corrections.csv"

_TYPES = {"str": "string", "float64": "number", "int64": "integer", "bool": "boolean"}
_FORMATS = {"vector": "parquet", "table": "csv", "raster": "tif"}
_MEDIA = {"vector": "application/vnd.apache.parquet", "table": "text/csv", "raster": "image/tiff"}
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_URL = re.compile(r"https?://[^\s)>\"]+")


class _Loose(BaseModel):
    """Read what is known, keep quiet about the rest: other tools may add properties."""

    model_config = ConfigDict(extra="ignore")


class _Licence(_Loose):
    name: str = ""
    title: str = ""


class _Source(_Loose):
    title: str = ""
    path: str = ""


class _Resource(_Loose):
    name: str
    path: str
    kind: str = "reported"
    sources: list[_Source] = Field(default_factory=list)
    licenses: list[_Licence] = Field(default_factory=list)
    date: str = ""
    note: str = ""
    hash: str = ""
    completeness: dict[str, str] = Field(default_factory=dict)


class _Package(_Loose):
    name: str
    title: str
    code: str
    resources: list[_Resource]


# ---------------------------------------------------------------- reading


def load(folder: Path | str) -> Region:
    """Read a region folder and check that nothing in it is missing, damaged or wrong.

    Parameters
    ----------
    folder : Path
        Holds ``datapackage.json`` and the layers that it names. Layers other than villages may be
        absent from the package: they come back as empty tables with the right columns.

    Raises
    ------
    RegionError
        Where the folder or its ``datapackage.json`` is missing or not readable.
    QualityError
        Where layers are missing, damaged (their fingerprint differs) or break their table; with
        all problems at once.
    """
    folder = Path(folder)
    package = _read_package(folder)
    report = Report()
    resources = {r.name: r for r in package.resources if r.name in LAYERS}
    if "villages" not in resources:
        report.add("error", "missing_file_of_layer", "villages")
    digests = [(name, _check_file(folder, resources[name], report)) for name in LAYERS if name in resources]
    report.refuse_errors(str(folder))
    # What was once found sound under these fingerprints, by these checks, is sound.
    content = cache.key(cache.code_digest("tables", "raster", "region"), digests)
    checked = cache.remembered("region", content, lambda: _read_layers(folder, resources))
    return Region(
        code=package.code,
        name=package.title,
        layers={name: _layer(r) for name, r in resources.items()},
        folder=folder,
        **checked,
    )


def _read_layers(folder: Path, resources: dict[str, _Resource]) -> dict[str, Any]:
    """Every layer, checked; empty where the package has none."""
    found: dict[str, Any] = {}
    for name, spec in LAYERS.items():
        if name in resources:
            found[name] = _read_layer(folder / resources[name].path, spec)
        else:
            found[name] = empty(name) if spec.table else None
    report = Report()
    checked = check_region_tables(found, report)
    report.refuse_errors(str(folder))
    return checked


def load_report(folder: Path | str) -> Report:
    """What the import of a region found; empty where the region was not imported."""
    return Report.read(Path(folder) / REPORT)


def _read_package(folder: Path) -> _Package:
    path = folder / PACKAGE
    if not path.is_file():
        raise RegionError(
            _("This is not a region: the folder or its {file} is missing").format(file=PACKAGE),
            where=str(folder),
            todo=_("Make one with: python -m coverage import"),
        )
    try:
        return _Package.model_validate_json(path.read_bytes())
    except (ValidationError, OSError) as error:
        raise RegionError(
            _("The description of the region cannot be read"),
            where=str(path),
            todo=_("Restore it, or import the region again"),
        ) from error


def _check_file(folder: Path, resource: _Resource, report: Report) -> str:
    """Fingerprint of a layer's file; what is wrong with it goes to the report."""
    path = folder / resource.path
    inside = not Path(resource.path).is_absolute() and ".." not in Path(resource.path).parts
    if not inside or not path.is_file():
        report.add("error", "missing_file_of_layer", resource.name, value=resource.path)
        return ""
    digest = _digest(path)
    if resource.hash and resource.hash != f"sha256:{digest}":
        report.add("error", "damaged_layer", resource.name, value=resource.path)
    return digest


def _read_layer(path: Path, spec: LayerSpec) -> Any:
    if spec.form == "raster":
        return Raster.read(path)
    if spec.form == "vector":
        try:
            return gpd.read_parquet(path)
        except Exception as error:  # pyarrow raises many kinds for a file that is no parquet
            raise RegionError(
                _("The layer cannot be read"), where=str(path), todo=_("Import the region again")
            ) from error
    return read_table(path, spec.name)


def read_table(path: Path, name: str) -> pd.DataFrame:
    """Read a table layer with the column types of its table; text stays text (``33.10``, ``NA``)."""
    table = LAYERS[name].table
    kinds = dtypes(table) if table else {}
    numeric = [column for column, kind in kinds.items() if kind != "str"]
    try:
        return pd.read_csv(
            path,
            dtype=cast("Any", {**dict.fromkeys(_header(path), "str"), **kinds}),
            keep_default_na=False,
            na_values={column: [""] for column in numeric},
            encoding="utf-8",
        )
    except (ValueError, OSError) as error:
        raise RegionError(_("The table cannot be read"), where=str(path), todo=_("Import the region again")) from error


def _header(path: Path) -> list[str]:
    return [str(c) for c in pd.read_csv(path, nrows=0, encoding="utf-8").columns]


def _layer(resource: _Resource) -> Layer:
    return Layer(
        name=resource.name,
        kind=resource.kind if resource.kind in LAYER_KINDS else "reported",
        source="; ".join(s.title for s in resource.sources),
        licence=licences.worded([(licence.name, licence.title) for licence in resource.licenses]),
        date=resource.date,
        note=resource.note,
        path=resource.path,
        sha256=resource.hash.removeprefix("sha256:"),
        completeness=dict(resource.completeness),
    )


# ---------------------------------------------------------------- writing


def save(
    region: Region,
    folder: Path | str,
    *,
    overwrite: bool = False,
    created: str = "",
    report: Report | None = None,
    corrections: Path | None = None,
) -> Region:
    """Write a region folder: complete or not at all, and the same bytes for the same region.

    Layers that are empty and have no entry in ``region.layers`` are left out.

    Parameters
    ----------
    region : Region
        What to write; ``region.layers`` gives the provenance.
    folder : Path
        Made by this call. Everything is written to a temporary folder beside it and moved.
    overwrite : bool
        Whether an existing folder is replaced.
    created : str
        ISO date for the package; by default the newest date among the layers.
    report : Report, optional
        What the import found, kept as ``quality.csv``.
    corrections : Path, optional
        The corrections file of the import, kept as ``corrections.csv`` to be applied again.

    Returns
    -------
    Region
        The same region with ``folder``, paths and fingerprints filled in.

    Raises
    ------
    RegionError
        Where the folder exists (and `overwrite` is not set) or cannot be written.
    QualityError
        Where a table breaks its contract: nothing is written.
    """
    folder = Path(folder)
    if folder.exists() and not overwrite:
        raise RegionError(
            _("The folder exists already"),
            where=str(folder),
            todo=_("Choose another name, or say --replace to overwrite it"),
        )
    problems = Report()
    contents = {name: getattr(region, name) for name in LAYERS}
    checked = check_region_tables(contents, problems)
    problems.refuse_errors(str(folder))
    with _beside(folder) as work:
        layers = {}
        for name, spec in LAYERS.items():
            layer = region.layers.get(name)
            content = checked[name]
            if content is None or (layer is None and spec.form != "raster" and not len(content)):
                continue
            if layer is None:
                raise ValueError(f"layer {name} has content but no provenance")
            _write_layer(content, work / spec.path, spec)
            layers[name] = replace(layer, path=spec.path, sha256=_digest(work / spec.path))
        if report is not None:
            report.write(work / REPORT)
        if corrections is not None:
            shutil.copyfile(corrections, work / CORRECTIONS)
        description = describe(region, layers, checked, created)
        text = json.dumps(description, ensure_ascii=False, indent=2)
        (work / PACKAGE).write_text(text + "\n", encoding="utf-8", newline="\n")
    return replace(region, folder=folder, layers=layers, **checked)


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A temporary folder that takes the place of ``folder`` at the end, or vanishes on any error."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = draft_folder(folder)
    except OSError as error:
        raise RegionError(
            _("The folder cannot be written"), where=str(folder), todo=_("Check the place and its permissions")
        ) from error
    try:
        yield work
        work.chmod(0o755)
        if not folder.exists():
            os.replace(work, folder)  # noqa: PTH105 - one step
        elif not exchange(work, folder):  # where the system cannot do it in one step, in two
            old = work.with_name(work.name + "-old")
            os.replace(folder, old)  # noqa: PTH105
            os.replace(work, folder)  # noqa: PTH105
            shutil.rmtree(old)
    except OSError as error:
        raise RegionError(
            _("The folder cannot be written"), where=str(folder), todo=_("Check the free space and the permissions")
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write_layer(content: Any, path: Path, spec: LayerSpec) -> None:
    if spec.form == "raster":
        content.write(path)
    elif spec.form == "vector":
        content.to_parquet(path, index=False, compression="zstd")
    else:
        content.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def describe(region: Region, layers: dict[str, Layer], contents: dict[str, Any], created: str = "") -> dict[str, Any]:
    """The ``datapackage.json`` of a region, by the Frictionless Data Package standard."""
    newest = max((layer.date for layer in layers.values() if layer.date), default="")
    package: dict[str, Any] = {
        "$schema": _PROFILE,
        "name": f"jangkau-{re.sub(r'[^a-z0-9._-]+', '-', region.code.lower())}",
        "title": region.name,
        "code": region.code,
    }
    if created or newest:
        package["created"] = f"{created or newest}T00:00:00Z"  # the standard asks for a time
    package["resources"] = [_resource(LAYERS[name], layer, contents[name]) for name, layer in layers.items()]
    return package


def _resource(spec: LayerSpec, layer: Layer, content: Any) -> dict[str, Any]:
    url = _URL.search(layer.source)
    resource: dict[str, Any] = {
        "name": spec.name,
        "path": layer.path,
        "title": spec.label,
        "format": _FORMATS[spec.form],
        "mediatype": _MEDIA[spec.form],
        "kind": layer.kind,
        "sources": [{"title": layer.source, **({"path": url.group()} if url else {})}],
        "licenses": licences.packaged(layer.licence),
        "date": layer.date,
        "note": layer.note,
        "hash": f"sha256:{layer.sha256}",
    }
    if spec.name == "cells":
        resource["completeness"] = dict(sorted(layer.completeness.items()))
    if spec.table is None:
        resource["unit"] = spec.unit
        return resource
    if spec.form == "table":
        resource["encoding"] = "utf-8"
    resource["schema"] = {"fields": _fields(spec, content)}
    return resource


def _fields(spec: LayerSpec, content: pd.DataFrame) -> list[dict[str, str]]:
    known = {row["name"]: row for row in tables.columns(spec.table).to_dict("records")} if spec.table else {}
    kinds = dtypes(spec.table) if spec.table else {}
    fields = []
    for column in content.columns:
        if column == "geometry":
            fields.append({"name": "geometry", "type": "any", "description": "EPSG:4326", "unit": "degree"})
            continue
        about = known.get(column, {})
        kind = kinds.get(column) or str(content[column].dtype)
        fields.append(
            {
                "name": str(column),
                "type": _TYPES.get(kind, "string"),
                "description": str(about.get("about", "")),
                "unit": str(about.get("unit", "")),
            }
        )
    return fields


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
