"""What a session remembers: region, scenario, language, village, map layer; and the page's address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from coverage import language
from coverage.outputs import maps, place_maps
from coverage.scenario import Scenario
from coverage.tables import OPTION_TECHNOLOGIES

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.region import Region
    from coverage.ui.work import Job

DATA = Path(__file__).parents[2] / "data"
#: Name of the region that comes with the app, a folder of :data:`DATA`.
EMBEDDED = "pemalang"

#: Names in the address → where the session keeps them, and their defaults.
_ADDRESS = {
    "lang": language.DEFAULT, "desa": "", "lapis": maps.LAYERS[0], "banding": "",
    "wilayah": "", "ukuran": "", "hasil": "",
}  # fmt: skip

#: Code of a plan in the address: ready, kept or of this session.
_PLAN = re.compile(r"(siap|simpanan|rencana)-[\w-]{1,64}")
_NOTHING = object()
_SCENARIO: dict[str, Any] = {
    "budget_idr": Scenario().budget_idr,
    "objective": Scenario().objective,
    "technologies": list(OPTION_TECHNOLOGIES),
    "include_unknown": False,
    "must": [],
    "never": [],
    "assumptions": {},
}


@dataclass(frozen=True)
class Here:
    """What a page needs: the region, the latest analysis (or none yet) and the work under way."""

    region: Region
    region_key: str
    analysis: Analysis | None
    analysis_key: str
    job: Job


def begin() -> None:
    """Fill the session from the address on its first run, and speak its language."""
    for name, default in _ADDRESS.items():
        st.session_state.setdefault(name, st.query_params.get(name, default))
    if st.session_state["lang"] not in language.LANGUAGES:
        st.session_state["lang"] = language.DEFAULT
    if st.session_state["lapis"] not in maps.LAYERS:
        st.session_state["lapis"] = maps.LAYERS[0]
    if not (st.session_state["banding"] in maps.LAYERS or _PLAN.fullmatch(st.session_state["banding"])):
        st.session_state["banding"] = ""
    if st.session_state["ukuran"] not in place_maps.MEASURES:
        st.session_state["ukuran"] = ""
    st.session_state.setdefault("scenario", first_scenario())
    speak()


def speak() -> None:
    """Make the session's language the language of this run."""
    language.set_language(st.session_state.get("lang") or language.DEFAULT)


def show_address() -> None:
    """Write what is shown into the address, so that it can be shared."""
    wanted = {
        name: value for name, default in _ADDRESS.items() if (value := st.session_state.get(name)) and value != default
    }
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def mirror(key: str, value: Any) -> None:
    """Give a control the value that the session holds.

    Only where they differ: setting a control on every run would undo what a quick hand has just
    done to it while the run was under way.
    """
    if st.session_state.get(key, _NOTHING) != value:
        st.session_state[key] = value


def village() -> str:
    """Code of the chosen village, or nothing."""
    return st.session_state.get("desa") or ""


def choose_village(code: str) -> None:
    """Choose a village (a callback)."""
    st.session_state["desa"] = code


def place() -> str:
    """Code of the province, regency or village that the page of regions shows; empty for all."""
    return str(st.session_state.get("wilayah") or "")


def choose_place(code: str) -> None:
    """Go to a province, regency or village (a callback)."""
    st.session_state["wilayah"] = code


def layer() -> str:
    """Name of the chosen map layer."""
    return str(st.session_state["lapis"])


def first_scenario() -> dict[str, Any]:
    """What a scenario is before anybody changes it."""
    return dict(_SCENARIO)


def second_map() -> str:
    """What the second map shows: the name of a layer or the code of a plan; nothing where there is none."""
    return str(st.session_state.get("banding") or "")


def second_plan() -> str:
    """Code of the plan that the second map shows (see :mod:`coverage.ui.other_plan`), or nothing."""
    return "" if second_map() in maps.LAYERS else second_map()


def scenario() -> Scenario:
    """The scenario that the session asks for."""
    return Scenario(**st.session_state["scenario"])


def change_scenario(**values: Any) -> None:
    """Change some of the scenario (from callbacks)."""
    st.session_state["scenario"] = {**st.session_state["scenario"], **values}


def wish(pinned: tuple[str, ...], forbidden: tuple[str, ...]) -> None:
    """Make the deals that staff pinned or ruled out part of the scenario."""
    wanted = {"pinned": list(pinned), "forbidden": list(forbidden)}
    plain = {name: value for name, value in st.session_state["scenario"].items() if name not in wanted}
    st.session_state["scenario"] = plain | {name: value for name, value in wanted.items() if value}


def reset_scenario() -> None:
    """Back to the defaults (a callback)."""
    st.session_state["scenario"] = first_scenario()


def region_folder() -> Path | None:
    """Folder of the region that this session chose, or none: the one the app was started with."""
    found = st.session_state.get("region_folder")
    return Path(found) if found and Path(found).is_dir() else None


def choose_region(folder: Path | None) -> None:
    """Show another region from now on (a callback)."""
    st.session_state["region_folder"] = str(folder) if folder else ""
    choose_village("")
    change_scenario(must=[], never=[])  # villages of the other region


def here() -> Here:
    """What :func:`coverage.ui.main.run` prepared for the page."""
    found: Here = st.session_state["here"]
    return found


def outdated() -> bool:
    """Whether the analysis was finished while the page was being drawn with the one before."""
    found: Here | None = st.session_state.get("here")
    return found is not None and found.job.result is not None and found.analysis is not found.job.result


def remember(found: Here) -> None:
    """Keep it for the page and its fragments."""
    st.session_state["here"] = found
