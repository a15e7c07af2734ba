"""The sentences of the quality report: what each problem code means and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from coverage.language import _, mark

#: From worst to mildest.
SEVERITIES = ("error", "warning", "info")

#: Layers that a region may have, in the order of its story.
LAYERS = {
    "villages": mark("Villages"),
    "settlements": mark("Hamlets"),
    "terrain": mark("Terrain"),
    "sites": mark("Towers"),
    "cells": mark("Cells"),
    "roads": mark("Roads"),
    "fibre_points": mark("Fibre points"),
    "facilities": mark("Public facilities"),
    "providers": mark("Providers"),
    "evidence": mark("Reports and measurements"),
}
#: Kinds of file that an import may name beside the layers.
FILES = {
    "population": mark("Population"),
    "crosswalk": mark("Table of codes"),
    "fibre": mark("Fibre points"),
    "boundaries": mark("Boundaries of the villages"),
    "land_cover": mark("Land cover"),
    "exclusions": mark("Areas not to build on"),
    "baselines": mark("Indicators today"),
    "corrections": mark("Corrections"),
    "towers": mark("Towers"),
}

#: code -> (what is wrong, what to do); placeholders are filled from the problem's facts.
MESSAGES: dict[str, tuple[str, str]] = {
    # ---- files
    "empty_file": (mark("The file is empty"), mark("Download it again")),
    "missing_file": (mark("The file does not exist"), mark("Check the path")),
    "not_readable": (
        mark("The file cannot be read: it is damaged, incomplete or of another kind than its name says"),
        mark("Download it again, or open it in QGIS or Excel and save it again"),
    ),
    "html_body": (
        mark("The file is a web page, not data: the download met a login or error page"),
        mark("Log in, then download the file again"),
    ),
    "rate_limited": (
        mark("The file holds the server's refusal (too many downloads), not data"),
        mark("Wait a day, then download it again"),
    ),
    "invalid_token": (
        mark("The file holds the server's refusal (the key is not valid), not data"),
        mark("Check the key on the provider's site, then download it again"),
    ),
    "too_large": (
        mark("The file is larger than {limit} MB once unpacked"),
        mark("Cut it to the regency first"),
    ),
    "too_large_file": (
        mark("The file is larger than {limit} MB"),
        mark("Cut it to the regency first, or import it with: python -m coverage import"),
    ),
    "unknown_ending": (
        mark("A file of this ending cannot be read here"),
        mark("Give one of: {kinds}"),
    ),
    "wrong_ending": (
        mark("The file is not what its ending {ending} says"),
        mark("Save it again in the right format, with the right ending"),
    ),
    "unsafe_archive": (
        mark("The archive holds a path that leaves its folder, or a link"),
        mark("Unpack it by hand and give the file inside"),
    ),
    "nothing_in_archive": (
        mark("The archive holds no file of a kind that can be read here"),
        mark("Give one of: {kinds}"),
    ),
    "several_in_archive": (
        mark("The archive holds several data files; {used} was read"),
        mark("Give the right one alone if another was meant"),
    ),
    "unknown_format": (
        mark("The columns are of no known kind of file ({columns})"),
        mark("Expected, for example: {expected}"),
    ),
    "no_rows": (mark("The file has no rows of data"), mark("Download or export it again")),
    "nothing_usable": (
        mark("No row of the file can be used for this region"),
        mark("Look at the notes on its rows, and check that it is for this part of the country"),
    ),
    "missing_column": (mark("A column is missing"), mark("Add it, or name it as one of: {aliases}")),
    "bad_rows": (
        mark("{count} lines could not be read and were left out"),
        mark("Look at the first of them"),
    ),
    # ---- values
    "missing_value": (mark("A value is missing"), mark("Fill it in")),
    "wrong_type": (mark("The value is of the wrong type"), mark("Expected: {expected}")),
    "wrong_value": (mark("The value is not allowed"), mark("Allowed: {expected}")),
    "duplicate": (mark("The value stands here more than once"), mark("Keep one row, or correct the code")),
    "duplicate_dropped": (
        mark("The same thing stands here twice; the first was kept"),
        mark("Correct it in the source if they are two"),
    ),
    "wrong_code": (
        mark("This is not a village code of Kemendagri or BPS"),
        mark("Write it as text, such as 33.27.01.2001"),
    ),
    "unknown_village": (
        mark("There is no village of this code in the region"),
        mark("Check the code, or add it to the corrections file"),
    ),
    "unknown_site": (mark("There is no tower of this code"), mark("Add the tower or correct the code")),
    "control_characters": (mark("Hidden characters were taken out of a name"), ""),
    "negative": (mark("The value is below zero"), mark("Correct it in the source")),
    # ---- geometry and position
    "no_crs": (
        mark("The file does not say in which coordinate system it is"),
        mark("Export it with its coordinate system, or give --crs (EPSG:4326 for degrees)"),
    ),
    "wrong_crs": (
        mark("The coordinates do not lie in Indonesia, or the coordinate system is not the one stated"),
        mark("Export it again as EPSG:4326, or give the right one with --crs"),
    ),
    "reprojected": (mark("The coordinates were converted from {crs} to EPSG:4326"), ""),
    "assumed_crs": (mark("No coordinate system is stated; {crs} was taken as you asked"), ""),
    "swapped": (
        mark("Longitude and latitude were swapped; they were put right ({count})"),
        mark("Check the place on the map"),
    ),
    "null_geometry": (mark("The row has no geometry"), mark("Draw it, or take the row out")),
    "null_geometry_dropped": (mark("The row has no geometry and was left out"), mark("Draw it in the source")),
    "wrong_geometry": (mark("The geometry is a {found}, expected {expected}"), mark("Export the right layer")),
    "repaired_geometry": (mark("The outline crossed itself and was repaired"), mark("Check it on the map")),
    "unrepairable_geometry": (mark("The outline is so damaged that nothing is left"), mark("Draw it again")),
    "overlap": (
        mark("The outline overlaps that of {other} by {area} km²"),
        mark("Ask which is right; --resolve-overlaps cuts the larger village"),
    ),
    "overlap_cut": (mark("The overlap with {other} ({area} km²) was cut off here"), mark("Check it on the map")),
    "slivers": (
        mark(
            "Borders do not meet exactly: {gaps} gaps ({gap_area} km²), {overlaps} thin overlaps ({overlap_area} km²)"
        ),
        mark("Harmless for planning; a cleaned source has none"),
    ),
    "outside": (
        mark("The place lies {distance} km outside the region and was left out"),
        mark("Correct its coordinates"),
    ),
    "outside_many": (mark("{count} rows lie outside the region and its margin and were left out"), ""),
    "wrong_district": (
        mark("The place lies in {found}, but its address says {said}"),
        mark("Check its coordinates"),
    ),
    "bad_coordinates": (mark("The coordinates are missing or not numbers"), mark("Fill them in as decimal degrees")),
    "area_differs": (
        mark("The outline has {found} km², the file says {said} km²"),
        mark("Check the outline"),
    ),
    # ---- joins
    "new_village": (
        mark("{name} is in the crosswalk but has no outline in this file: it is newer than the file"),
        mark("Take a newer boundary file if it is needed"),
    ),
    "no_outline": (
        mark("{count} villages are in the crosswalk but have no outline in this file; this is the first"),
        mark("Check that the file is complete"),
    ),
    "outside_region": (
        mark("The file does not touch the region"),
        mark("Check that it is for this part of the country"),
    ),
    "unmatched": (
        mark("{name} could not be matched to a village; nearest: {guesses}"),
        mark("Add the right code to the corrections file"),
    ),
    "fuzzy_match": (
        mark("{name} was matched to {village} by its name (score {score})"),
        mark("Correct it in the corrections file if it is wrong"),
    ),
    "doubtful_match": (
        mark("{name} was matched to {village} by the table of codes, which itself doubts it"),
        mark("Check it on the map; choose the right village, or confirm this one, in the corrections file"),
    ),
    "no_crosswalk": (
        mark("The file has BPS codes, and no crosswalk to Kemendagri codes covers them"),
        mark("Give a table with both codes as --crosswalk"),
    ),
    "corrected": (mark("Corrected as the corrections file says: {said}"), ""),
    "correction_unused": (mark("A line of the corrections file matched nothing"), mark("Check it or take it out")),
    "missing_population": (
        mark("{count} villages have no population in the table; it was estimated from their area"),
        mark("Complete the table"),
    ),
    "shared_id": (
        mark("{name} has an identifier that another row has already; both were kept"),
        mark("Correct it in the source"),
    ),
    "unknown_kind": (
        mark("The kind of this facility cannot be told; it was left out"),
        mark("Name its kind, such as: sekolah, puskesmas, balai desa"),
    ),
    "unknown_class": (
        mark("What this row says about the signal cannot be told; it was left out"),
        mark("Write: none, weak or served"),
    ),
    "wrong_type_number": (mark("The value is not a number"), mark("Correct it in the source")),
    "calculated_left_out": (mark("{count} rows hold what was calculated, not seen; they were left out"), ""),
    "impossible_value": (mark("The value cannot be right and was left out"), mark("Correct it in the source")),
    "roads_left_out": (mark("{count} ways on which no cable can be laid were left out"), ""),
    "facilities_for_towers": (
        mark("This is a list of schools or health centres, not of towers"),
        mark("Give it as --facilities"),
    ),
    "assumed_technology": (
        mark("{count} towers name an operator but no technology; 4G was assumed"),
        mark("Add a column with 2G/3G/4G/5G"),
    ),
    "towers_without_operators": (
        mark("The list names no operators: its towers can carry new radios, but say nothing about signal"),
        mark("Add a column with the operators"),
    ),
    "assumed_fibre_capacity": (
        mark("{count} fibre points have no capacity; {mbps} Mbit/s was assumed"),
        mark("Add it where it is known"),
    ),
    "towers_missing": (
        mark("{count} villages have towers, says the survey, but none in the lists of cells; the first is {name}"),
        mark("Ask the operators for those towers, and call no list complete until they stand in it"),
    ),
    "offices_estimated": (
        mark("{count} village halls have no usable coordinates and were set in the largest hamlet"),
        mark("Give their coordinates where they are known"),
    ),
    "fibre_from_lines": (
        mark("{count} fibre points were set along the lines, one every {spacing} m"),
        mark("Give the real points where a provider hands over capacity"),
    ),
    "hamlets_completed": (
        mark("{count} villages have no hamlet point; theirs were estimated"),
        mark("Complete the hamlet points"),
    ),
    # ---- made here
    "estimated_population": (
        mark("Population is estimated from area alone ({density} people per km²): no table was given"),
        mark("Give a table by village code as --population"),
    ),
    "estimated_settlements": (
        mark("Hamlets are estimated: their number from the population, their place on the gentler ground"),
        mark("Give hamlet points as --settlements"),
    ),
    "settlements_from_raster": (
        mark("Hamlets are set where the population raster has people ({count} villages have none and were estimated)"),
        mark("Give hamlet points as --settlements"),
    ),
    "estimated_providers": (
        mark("Providers are a general list with estimated terms"),
        mark("Give a list of the providers that work here as --providers"),
    ),
    "no_terrain": (
        mark("There is no terrain: flat ground is assumed and ridges cut no signal"),
        mark("Give --terrain"),
    ),
    "no_cells_layer": (mark("There are no cells: what signal there is cannot be told"), mark("Give --cells")),
    "no_roads": (
        mark("There are no roads: fibre routes are measured in a straight line with a detour factor"),
        mark("Give --roads"),
    ),
    "no_fibre": (
        mark("There are no fibre points: only satellite can bring capacity in"),
        mark("Give --fibre"),
    ),
    "no_facilities": (mark("There are no facilities: they do not count in the need"), mark("Give --facilities")),
    "no_evidence": (mark("Nothing reported or measured stands beside the model"), mark("Give --evidence")),
    "assumed_radio": (
        mark("Frequency, power, gain and height of the cells are assumed by technology: the source has none"),
        mark("Give the operators' own list where there is one"),
    ),
    "partial_cells": (
        mark("The list of cells is partial: where it shows no signal the answer is unknown, not none"),
        mark("Ask the operators for a complete list"),
    ),
    "stale_cells": (
        mark("{count} cells were last seen more than {years} years before the newest and were left out"),
        "",
    ),
    "moved_cells": (
        mark("{count} cells lie far from the others of their station and were left out"),
        mark("They moved, or were recorded wrongly"),
    ),
    "unknown_network": (
        mark("The network code {network} is in no list of operators ({count} cells)"),
        mark("Add it to data/sources/operators.csv"),
    ),
    "unsupported_radio": (mark("{count} cells of kind {radio} were left out"), ""),
    "no_cells": (
        mark("No cell lies in the region or its margin"),
        mark("Check that the file is for this part of the country"),
    ),
    "sites_made": (mark("{cells} cells were gathered to {sites} towers of {operators} operators"), ""),
    "voids_filled": (mark("{count} points without height ({share}) were filled from their neighbours"), ""),
    "sea_level": (mark("{share} of the terrain lies outside every tile and was taken as sea level"), ""),
    "terrain_coarse": (
        mark("The terrain has points only every {resolution} m: ridges narrower than that are missing"),
        mark("Give a finer one (DEMNAS, Copernicus GLO-30 or SRTM)"),
    ),
    "terrain_elsewhere": (
        mark("The terrain file does not touch the region"),
        mark("Download the tile for this place: {tiles}"),
    ),
    "tile_elsewhere": (mark("The tile does not touch the region and was left out"), ""),
    # ---- land cover, areas not to build on, baselines
    "unknown_land_cover": (
        mark("{count} pixels have class {found}, which ESA WorldCover does not have; they count as unknown"),
        mark("Give an ESA WorldCover map, with its own class numbers"),
    ),
    "land_cover_holes": (
        mark("Land cover is known for {share} of the region only"),
        mark("Give every tile that touches the region"),
    ),
    "exclusions_left_out": (
        mark("{count} areas on which building is not restricted were left out"),
        "",
    ),
    "exclusions_not_told": (
        mark("{count} areas do not tell whether building is restricted and were left out"),
        mark("Name the function of the area, such as: hutan lindung, sempadan sungai, bahaya tinggi"),
    ),
    "unknown_area": (
        mark("There is no village, district or regency of this code in the region"),
        mark("Write it as text, such as 33.27, 33.27.01 or 33.27.01.2001"),
    ),
    # ---- providers
    "no_licence": (
        mark("{provider} has no licence for {technology}: it is left out of those deals"),
        mark("Correct its technologies or its kind, if that is wrong"),
    ),
    "unknown_technology": (
        mark("{provider} names {technology}, which is no technology here"),
        mark("Choose from: {names}"),
    ),
    # ---- folders
    "missing_file_of_layer": (mark("The layer's file is missing from the folder"), mark("Import the region again")),
    "damaged_layer": (
        mark("The layer's file is not the one that was written: its fingerprint differs"),
        mark("Restore it, or import the region again"),
    ),
}


def layer_said(name: str) -> str:
    """``fibre_points`` → *Fibre points*: a layer or kind of file in the reader's language."""
    known = LAYERS | FILES
    return _(known[name]) if name in known else name.replace("_", " ")


def sentence(code: str, facts: Mapping[str, str]) -> str:
    """What the problem is, in the reader's language."""
    return _(MESSAGES[code][0]).format(**facts)


def todo(code: str, facts: Mapping[str, str]) -> str:
    """What to do about it, in the reader's language; may be empty."""
    text = MESSAGES[code][1]
    return _(text).format(**facts) if text else ""
