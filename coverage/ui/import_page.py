"""The import in the app: hand files in, see what they hold and what is wrong, put it right, save, switch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from coverage.errors import JangkauError
from coverage.language import _, ngettext, number
from coverage.outputs import words
from coverage.outputs.tables import defused
from coverage.region.uploads import LIMIT_BYTES
from coverage.ui import boxes, import_work, layers, parts, preview, state
from coverage.ui.import_words import on_page, what_it_is
from coverage.ui.words import literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from coverage.region import Region
    from coverage.region.corrections import Doubt
    from coverage.region.quality import Problem
    from coverage.ui.import_work import Attempt

#: Kinds of files that stand open; the others are one click away.
_FIRST = ("boundaries", "cells", "terrain", "population")
_PREVIEW_PX = 560
_MOST_TOLD = 8  # of each severity; the table below has them all
_LOCAL = ("localhost", "127.0.0.1", "::1")


def show() -> None:
    """Draw the import."""
    st.write(
        _(
            "Give the files as you downloaded them; only the boundaries of the villages are needed. "
            "Nothing is saved before you have seen what was found."
        )
    )
    try:
        given = _files()
        choices = _choices()
        if st.button(_("Check the files"), type="primary", icon=":material/fact_check:", key="import_check"):
            import_work.begin(given, choices, _session())
    except JangkauError as error:
        _tell(error)
        return
    job = import_work.desk().job
    if job is None:
        return
    if job.state == "running":
        _watch(job.key)
    elif job.state == "cancelled":
        st.info(_("The import was stopped; nothing was saved."))
    elif job.error is not None:
        _tell(job.error)
    elif (attempt := import_work.result()) is not None:
        _found(attempt)


def _session() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""


def _files() -> dict[str, list[Path | str]]:
    """What was handed in, per kind of file."""
    given: dict[str, list[Path | str]] = {}
    kinds = import_work.kinds()
    # The command line reads files of any size where they lie.
    todo = _("Cut it to the regency first, or import it with: python -m coverage import")
    boxes.tell("import_*", LIMIT_BYTES // 1024**2, todo=todo)
    _boxes([kind for kind in kinds if kind in _FIRST], given)
    with st.expander(_("Other files: hamlets, roads, fibre, facilities, reports and more")):
        _boxes([kind for kind in kinds if kind not in _FIRST], given)
    if st.get_option("server.address") in _LOCAL:  # who sits at this machine may name its files; others may not
        with st.expander(_("Files on this computer, or tables of a database")):
            text = st.text_area(
                _("One per line: kind = path"),
                key="import_paths",
                placeholder="boundaries = /data/desa.gpkg\ncells = postgresql://localhost/gis#public.menara",
                help=_("Kinds: {kinds}").format(kinds=", ".join(import_work.kinds())),
            )
        for kind, named in import_work.pointed(text or "").items():
            given.setdefault(kind, []).extend(named)
    return given


def _boxes(kinds: list[str], given: dict[str, list[Path | str]]) -> None:
    """One box per kind of file, two beside each other; what is refused is told below its box."""
    columns = st.columns(2, gap="medium")
    for position, kind in enumerate(kinds):
        with columns[position % 2]:
            several = kind in import_work.SEVERAL
            found = st.file_uploader(
                words.layer(kind),
                key=f"import_{kind}",
                accept_multiple_files=several,
                max_upload_size=LIMIT_BYTES // 1024**2,
                help=what_it_is(kind),
            )
            for one in found if isinstance(found, list) else [found]:
                if one is None:
                    continue
                try:
                    path = import_work.take(kind, one.file_id, one.name, one)
                except JangkauError as error:
                    _tell(error)
                else:
                    given.setdefault(kind, []).append(path)


def _choices() -> dict[str, Any]:
    left, right = st.columns(2, gap="medium")
    name = left.text_input(_("Name of the region"), key="import_name", placeholder=_("from the boundaries"))
    code = right.text_input(_("Only villages whose code begins so"), key="import_code", placeholder="33.27")
    crs = left.text_input(_("Coordinate system, where a file states none"), key="import_crs", placeholder="EPSG:4326")
    complete = right.text_input(
        _("Operators whose cells are all in the lists, by commas"),
        key="import_complete",
        help=_("Only from a complete list may it be said that there is no signal"),
    )
    cut = st.checkbox(_("Cut disputed ground off the larger village"), key="import_cut")
    operators = tuple(part.strip() for part in complete.split(",") if part.strip())
    return {
        "name": name.strip(),
        "code": code.strip(),
        "crs": crs.strip(),
        "complete": operators,
        "resolve_overlaps": cut,
    }


@st.fragment(run_every=0.4)
def _watch(key: str) -> None:
    state.speak()
    job = import_work.desk().job
    if job is None or job.key != key or job.state != "running":
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share, text=job.label or _("Reading the files…"))
        st.button(_("Stop"), on_click=job.stop.set, icon=":material/stop_circle:", width="content", key="import_stop")


def _found(attempt: Attempt) -> None:
    report = attempt.report
    counts = _("{errors} errors, {warnings} warnings, {notes} notes").format(
        errors=number(report.count("error")),
        warnings=number(report.count("warning")),
        notes=number(report.count("info")),
    )
    st.subheader(_("What was found"), anchor=False)
    if attempt.region is None:
        text = literal(_("The files cannot be used as they are: {counts}.").format(counts=counts))
        st.error(f"{text}\n\n{_sentences(report.errors)}", icon=":material/error:")
    else:
        st.success(literal(f"{_contents(attempt.region)}. {counts}."), icon=":material/check_circle:")
        picture, legend = preview.drawn(attempt.region)
        parts.drawing(picture, _PREVIEW_PX)
        st.html(legend)
    if warnings := [problem for problem in report if problem.severity == "warning"]:
        st.warning(_sentences(warnings), icon=":material/warning:")
    frame = report.frame()
    if len(frame):
        layers.report_table(frame)
        st.download_button(
            _("Report as CSV"),
            defused(frame).to_csv(index=False).encode("utf-8-sig"),
            "quality.csv",
            "text/csv",
            icon=":material/download:",
            key="import_report",
        )
    _doubts(attempt)
    if attempt.region is not None:
        _save(attempt, attempt.region)


def _sentences(problems: Sequence[Problem]) -> str:
    """The first of some problems, as Markdown: where, what is wrong, what to do."""
    lines = []
    for problem in problems[:_MOST_TOLD]:
        row = _("row {row}").format(row=problem.row) if problem.row else ""
        where = " · ".join(part for part in (words.layer(problem.layer), row, problem.column, problem.value) if part)
        lines.append(f"**{literal(where)}**  \n{literal(on_page(problem.what))}. {literal(on_page(problem.todo))}")
    if len(problems) > _MOST_TOLD:
        lines.append(literal(_("and {count} more").format(count=number(len(problems) - _MOST_TOLD))))
    return "\n\n".join(lines)


def _contents(region: Region) -> str:
    villages = len(region.villages)
    text = ngettext("{name}: {count} village, {towers} towers", "{name}: {count} villages, {towers} towers", villages)
    return text.format(name=region.name, count=number(villages), towers=number(len(region.sites)))


def _doubts(attempt: Attempt) -> None:
    """Names that match no village, or one in doubt: choose the right one; kept in the corrections file."""
    from coverage.region.corrections import guesses

    found = guesses(attempt.report)
    desk = import_work.desk()
    if not found and not desk.corrections:
        return
    st.subheader(_("Names to check"), anchor=False)
    st.write(
        _(
            "Choose the right village where the guess is wrong or missing; choosing the guess confirms it. "
            "What you choose is kept with the region and used again at its next import."
        )
    )
    names = _village_names(attempt)
    with st.container(border=True):
        lines = [line for position, doubt in enumerate(found) if (line := _doubt(position, doubt, names))]
        if desk.corrections:
            kept = len(desk.corrections)
            st.caption(
                ngettext("{count} correction is in force.", "{count} corrections are in force.", kept).format(
                    count=number(kept)
                )
            )
        with st.container(horizontal=True):
            again = st.button(
                _("Use and check again"), icon=":material/refresh:", key="import_again", disabled=not lines
            )
            undo = bool(desk.corrections) and st.button(_("Take all corrections back"), key="import_undo")
    if again or undo:
        desk.corrections = [] if undo else [*desk.corrections, *lines]
        try:
            import_work.begin(*desk.asked, _session(), again=True)
        except JangkauError as error:
            _tell(error)
        else:
            st.rerun()


def _doubt(position: int, doubt: Doubt, names: dict[str, str]) -> dict[str, str] | None:
    """One name with the villages it may stand for; the line of the corrections file where one is chosen."""
    label = _("{name} ({kind})").format(name=" ".join(doubt.name.split()), kind=words.layer(doubt.layer))
    taken = _("taken for {village}").format(village=names.get(doubt.taken, doubt.taken))
    st.markdown(literal(label))  # a hidden label is read aloud as it is written, and never as Markdown
    chosen = st.selectbox(
        label,
        [*doubt.codes, *(code for code in names if code not in doubt.codes)],
        index=None,
        format_func=lambda code: names.get(code, code),
        placeholder=taken if doubt.taken else _("leave it out"),
        label_visibility="collapsed",
        key=f"import_doubt_{position}_{doubt.layer}_{doubt.name}",
    )
    return doubt.settled(chosen) if chosen else None


def _village_names(attempt: Attempt) -> dict[str, str]:
    """Villages by code, those of the region and those that only the table of codes knows."""
    new = {p.row: f"{p.facts['name']} · {p.row}" for p in attempt.report if p.code == "new_village"}
    if attempt.region is None:
        return new
    villages = attempt.region.villages
    rows = zip(villages["village_code"], villages["village_name"], villages["district_name"], strict=True)
    return {code: f"{name} · {district} · {code}" for code, name, district in rows} | new


def _save(attempt: Attempt, region: Region) -> None:
    from coverage.region import library

    st.subheader(_("Save as a region"), anchor=False)
    name = st.text_input(_("Name"), value=region.name, key="import_save_name")
    there = library.place(name or region.name).exists()
    replace = there and st.checkbox(
        _("Replace the region of this name"), key="import_replace", help=str(library.place(name or region.name))
    )
    if st.button(
        _("Save and switch to it"),
        type="primary",
        icon=":material/save:",
        key="import_save",
        disabled=there and not replace,
    ):
        try:
            folder = import_work.keep(attempt, name.strip(), replace=bool(replace))
        except JangkauError as error:
            _tell(error)
            return
        state.choose_region(folder)
        st.rerun()


def regions() -> None:
    """Which region the app shows: the one it was started with, or one that was saved."""
    from coverage.region import library

    kept = library.kept()
    if not kept:
        return
    own = state.region_folder()
    titles: dict[Any, str] = {None: _("The region that the app was started with"), **kept}
    options = list(titles)
    st.selectbox(
        _("Region shown"),
        options,
        index=options.index(own) if own in options else 0,
        format_func=lambda folder: titles[folder],
        key="region_shown",
        on_change=lambda: state.choose_region(st.session_state["region_shown"]),
    )


def _tell(error: JangkauError) -> None:
    from coverage.region import QualityError
    from coverage.ui.main import show_error

    if isinstance(error, QualityError):
        st.error(_sentences(error.report.errors), icon=":material/error:")
        return
    show_error(JangkauError(on_page(error.what), where=error.where, todo=on_page(error.todo)))
