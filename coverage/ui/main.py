"""The app from its entry: language, region, analysis under way, header, navigation."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from coverage import cache, language
from coverage.errors import JangkauError
from coverage.language import LANGUAGES, _
from coverage.outputs import maps, words
from coverage.store import matches
from coverage.store import region_key as store_key
from coverage.ui import foot, journal, parts, people, state, theme, tour
from coverage.ui.apart import Apart
from coverage.ui.known import known
from coverage.ui.words import literal
from coverage.ui.work import Job, Workshop

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.progress import Progress
    from coverage.region import Region
    from coverage.scenario import Scenario
    from coverage.store.schema import User

_PAGES = Path(__file__).parent / "pages"
# A file of our own: Streamlit would fetch a named icon from the internet.
_ICON = Path(__file__).parent / "icon.svg"


def run() -> None:
    """Draw the app once."""
    st.set_page_config(page_title="Jangkau", page_icon=_ICON, layout="wide")
    state.begin()
    theme.apply()
    began = time.perf_counter()
    try:
        user = people.door()
        if user is None:
            return
        st.session_state["journal_user"] = user.id  # for the log alone: nothing is allowed by it
        folder = state.region_folder() or region_folder()
        if many(folder):
            _run_many(user)
            journal.event("page", user=user.id, page="wilayah", milliseconds=_since(began))
            return
        pages = _pages()
        open_to_me = [page for name, page in pages.items() if people.may_open(user, name)]
        page = st.navigation(open_to_me, position="top")
        if wanted := st.session_state.pop("goto", ""):
            st.switch_page(pages[wanted])
        region, name = known(_region(str(folder), _stamp(folder)), f"{folder}:{_stamp(folder)}")
        _prepare(region, name)
        _beside_the_arrow(open_to_me)
        _header(region, user, page.url_path or "peta")
        page.run()
        foot.show(region, page.url_path or "peta")
        journal.event("page", user=user.id, page=page.url_path or "peta", milliseconds=_since(began))
    except JangkauError as error:
        journal.event("refused", kind=type(error).__name__)
        show_error(error)
    state.show_address()
    if state.outdated():
        st.rerun()


def _since(began: float) -> int:
    """Milliseconds since a moment of the performance counter."""
    return round((time.perf_counter() - began) * 1000)


def many(folder: Path) -> bool:
    """Whether a folder is no region but holds the results of many."""
    if (folder / "datapackage.json").is_file():
        return False
    from coverage.batch.results import is_results  # many libraries stand behind it

    return is_results(folder)


def _run_many(user: User) -> None:
    """The app where no single region is open: the page of regions alone."""
    st.session_state.pop("goto", "")
    if not people.may_open(user, "wilayah"):
        st.info(_("Your role needs a region. Ask for one to be opened here."))
        return
    pages = _pages()
    # The address of the app leads to the same page as its own.
    door = st.Page(_PAGES / "wilayah.py", title=_("Regions"), url_path="awal", default=True, visibility="hidden")
    page = st.navigation([door, pages["wilayah"]], position="hidden")
    _header(None, user, "wilayah")
    page.run()
    foot.show(None, "wilayah")
    state.show_address()


def _pages() -> dict[str, st.Page]:
    titles = {
        "peta": (_("Map"), ":material/map:"),
        "desa": (_("Village"), ":material/home:"),
        "kemitraan": (_("Deals"), ":material/handshake:"),
        "skenario": (_("Scenario"), ":material/tune:"),
        "indikator": (_("Indicators"), ":material/monitoring:"),
        "data": (_("Data"), ":material/database:"),
        "wilayah": (_("Regions"), ":material/public:"),
        "asumsi": (_("Assumptions"), ":material/calculate:"),
        "kerja": (_("Work"), ":material/work:"),
    }
    return {
        name: st.Page(_PAGES / f"{name}.py", title=title, icon=icon, url_path=name, default=name == "peta")
        for name, (title, icon) in titles.items()
    }


def _beside_the_arrow(pages: list[st.Page]) -> None:
    """The pages as a row of links, seen where Streamlit folds its own away (:mod:`coverage.ui.theme`)."""
    with st.container(key="pages", horizontal=True, wrap=False):
        for page in pages:
            st.page_link(page)


def region_folder() -> Path:
    """Folder of the region: the first argument after ``--``, else the embedded one."""
    return Path(sys.argv[1]) if len(sys.argv) > 1 else state.DATA / state.EMBEDDED


def _stamp(folder: Path) -> str:
    """Changes whenever the region's description is written anew."""
    package = folder / "datapackage.json"
    return str(package.stat().st_mtime_ns) if package.is_file() else ""


@st.cache_resource(max_entries=4, show_spinner=False)
def _region(folder: str, stamp: str) -> Region:
    """The region; it is frozen, so sessions may share it."""
    from coverage.region import load

    del stamp  # names the entry
    return load(Path(folder))


@st.cache_resource(show_spinner=False)
def _workshop() -> Workshop:
    return Workshop()


@st.cache_resource(show_spinner=False)
def _apart() -> Apart:
    return Apart()


def _make(region: Region, scenario: Scenario) -> Callable[[Progress], Analysis]:
    apart = _apart()

    def make(progress: Progress) -> Analysis:
        from coverage.analysis import analyse

        stopped = apart.run(region, scenario, progress)
        return analyse(region, scenario, progress if stopped is None else None, stopped)

    return make


def warm() -> None:
    """Do what every first visit needs: load the region, start its analysis, write the map's files."""
    from coverage.scenario import Scenario
    from coverage.ui import drawing, village_table

    folder = region_folder()
    if many(folder):
        drawing.register()
        from coverage.ui import places

        places.warm(folder)
        return
    region = _region(str(folder), _stamp(folder))
    region_key = f"{folder}:{_stamp(folder)}"
    scenario = Scenario(**state.first_scenario())
    key = analysis_key(region_key, scenario)
    job = _workshop().ask(key, _NOBODY, _make(region, scenario))
    job.waiting.discard(_NOBODY)  # whoever comes first may stop it
    drawing.register()
    drawing.base_url(region_key, region)
    job.ended.wait()
    if job.result is not None:
        drawing.paint(key, maps.LAYERS[0], language.language(), ("relief",), job.result)
        village_table.table(job.result)
    # The first analysis is made here, where nobody waits for a page yet; the next ones apart.
    _apart().start()


_NOBODY = "warm-up"


def analysis_key(region_key: str, scenario: Scenario) -> str:
    """Names the analysis of a region under a scenario."""
    return cache.key(region_key, scenario.model_dump_json())


def _prepare(region: Region, region_key: str) -> None:
    """Ask for the analysis of the session's scenario; until it is there the last one is shown."""
    wishes = matches.wishes(people.here(), people.acting(), store_key(region))
    state.wish(wishes.pinned, wishes.forbidden)
    scenario = state.scenario()
    key = analysis_key(region_key, scenario)
    context = get_script_run_ctx()
    session = context.session_id if context else ""
    again = bool(st.session_state.pop("again", False))
    job = _workshop().ask(key, session, _make(region, scenario), again=again)
    before: state.Here | None = st.session_state.get("here")
    if job.state == "running":
        job.ended.wait(_PATIENCE_S if before else _FIRST_PATIENCE_S)
    if job.result is not None:
        found = state.Here(region, region_key, job.result, key, job)
    elif before is not None and before.region_key == region_key:
        found = state.Here(region, region_key, before.analysis, before.analysis_key, job)
    else:
        found = state.Here(region, region_key, None, "", job)
    state.remember(found)


#: A warm analysis is there sooner than this: the page then waits instead of being drawn twice.
_PATIENCE_S = 0.35
#: On a visitor's first page nothing is shown yet that could be used in the meantime.
_FIRST_PATIENCE_S = 1.0


def _header(region: Region | None, user: User, page: str) -> None:
    with st.container(key="header", horizontal=True, vertical_alignment="center"):
        name = _("Regions") if region is None else literal(region.name)
        st.markdown(_("**Jangkau** · {region}").format(region=name), width="stretch")
        if region is not None and region.is_sample:
            st.badge(
                _("Sample data"),
                icon=":material/science:",
                color="red",
                help=_("{mark}: towers, roads and offers are made up. Not for decisions.").format(mark=words.WATERMARK),
            )
        people.badge(user)
        if region is not None:
            tour.show(user, _names(region), page)
            _search(region)
        st.segmented_control(
            _("Language"),
            LANGUAGES,
            format_func=str.upper,
            key="lang",
            label_visibility="collapsed",
            required=True,
        )


def _search(region: Region) -> None:
    names = _names(region)
    if state.village() not in names:
        state.choose_village("")
    parts.village_box(
        _("Find a village"),
        names,
        "search",
        lambda: state.choose_village(st.session_state["search"] or ""),
        label_visibility="collapsed",
        width=260,
    )


def _names(region: Region) -> dict[str, str]:
    """What each village is found by: name, district and code."""
    villages = region.villages
    rows = zip(villages["village_name"], villages["district_name"], villages["village_code"], strict=True)
    return {code: f"{name} · {district} · {code}" for name, district, code in rows}


def show_error(error: JangkauError) -> None:
    """What is wrong, where, and what to do, without a traceback."""
    where = f"**{literal(error.where)}**  \n" if error.where else ""
    todo = "  \n".join(literal(line) for line in error.todo.splitlines())
    st.error(f"{where}{literal(error.what)}." + (f"\n\n{todo}" if todo else ""), icon=":material/error:")


def show_fault(error: Exception) -> bool:
    """What no one expected: a sentence with the number under which the log tells more, never a traceback.

    Streamlit calls this for every error that a page, a fragment or a callback lets through.
    """
    state.speak()
    user = str(st.session_state.get("journal_user", ""))
    number = journal.failure("fault", error, user=user)
    st.error(
        literal(
            _("A fault of the program stopped this page; your work is kept. Load it again, or report {id}.").format(
                id=number
            )
        ),
        icon=":material/error:",
    )
    return True


def progress_of(job: Job) -> None:
    """Tell how far an analysis is, with a way to stop it; redraws the page when it ends."""
    with st.container(key="progress"):  # always there, so that what follows keeps its place
        _progress(job)


def _progress(job: Job) -> None:
    if job.state == "running":
        _watch(job.key)
    elif job.state == "failed" and job.error is not None:
        show_error(job.error)
        st.button(_("Try again"), on_click=_again, icon=":material/refresh:")
    elif job.state == "cancelled":
        st.info(_("The calculation was stopped. The map shows the last result, if there is one."))
        st.button(_("Calculate"), on_click=_again, icon=":material/play_arrow:")


def _again() -> None:
    st.session_state["again"] = True


@st.fragment(run_every=0.4)
def _watch(key: str) -> None:
    state.speak()
    job = state.here().job
    if job.key != key or job.state != "running":
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share, text=job.label or _("Calculating…"))
        st.button(_("Stop"), on_click=job.stop.set, icon=":material/stop_circle:", width="content")
