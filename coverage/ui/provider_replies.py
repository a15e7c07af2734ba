"""Replies of providers on a request for information: the form to send, the reply read back, and its use."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage.errors import JangkauError
from coverage.language import _, ngettext, number, rupiah
from coverage.outputs import words
from coverage.partnership import Reply, form_csv, form_workbook, merged, read_reply
from coverage.store import region_key
from coverage.ui import boxes
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.region import Region

#: Where the session keeps the providers that it took from replies.
_KEY = "reply_providers"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LIMIT_MB = 10
#: Format of amounts in tables.
_AMOUNT: Any = rupiah
#: The same files give the same archive.
_STAMP = (2026, 1, 1, 0, 0, 0)


def forms(villages: pd.DataFrame) -> None:
    """Buttons for the form, as a workbook and as CSV. It names no provider: what each one said stays with the staff."""
    st.download_button(
        _("Form for providers (Excel)"), lambda: form_workbook(villages), "provider-form.xlsx", _XLSX,
        icon=":material/edit_document:", on_click="ignore",
        help=_("To be filled in and sent back; read it under Replies of providers"),
    )  # fmt: skip
    st.download_button(
        _("Form for providers (CSV)"), lambda: _archive(form_csv(villages)), "provider-form.zip", "application/zip",
        icon=":material/folder_zip:", on_click="ignore",
    )  # fmt: skip


def _archive(texts: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(zipfile.ZipInfo(name, _STAMP), "\ufeff" + text, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def show(region: Region) -> None:
    """Read replies, tell what is wrong with them, and calculate with the providers in them."""
    _in_use(region)
    st.markdown(
        _("Give the filled form: the workbook, or both CSV files. Every problem is told with its row; nothing is sent.")
    )
    boxes.tell("reply_files", _LIMIT_MB, ("xlsx", "csv"))
    given = st.file_uploader(
        _("Filled form"), type=["xlsx", "csv"], accept_multiple_files=True, max_upload_size=_LIMIT_MB,
        key="reply_files",
    )  # fmt: skip
    if not given:
        return
    try:
        reply = _read(((one.name, one.getvalue()) for one in given), region.villages)
    except JangkauError as error:
        st.error(literal(f"{error.where}: {error.what}. {error.todo}"), icon=":material/error:")
        return
    _faults(reply)
    _providers(reply, region)
    _offers(reply, region)


def _read(files: Iterable[tuple[str, bytes]], villages: pd.DataFrame) -> Reply:
    """The reply in the files, which are laid down for a moment under their own names."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for position, (name, content) in enumerate(files):
            place = Path(folder) / str(position)
            place.mkdir()
            paths.append(place / PurePosixPath(name.replace("\\", "/")).name)
            paths[-1].write_bytes(content)
        return read_reply(paths, villages)


def _faults(reply: Reply) -> None:
    if not reply.faults:
        st.success(_("Nothing is wrong with the reply."), icon=":material/check_circle:")
        return
    serious = sum(fault.serious for fault in reply.faults)
    if serious:
        text = ngettext(
            "{count} problem must be put right; its row is left out.",
            "{count} problems must be put right; their rows are left out.",
            serious,
        )
        st.warning(text.format(count=number(serious)), icon=":material/error:")
    table = pd.DataFrame(
        {
            "sheet": [fault.sheet for fault in reply.faults],
            "row": [number(fault.row) if fault.row else "–" for fault in reply.faults],
            "text": [fault.text for fault in reply.faults],
            "weight": [_("put it right") if fault.serious else _("only told") for fault in reply.faults],
        }
    )
    st.dataframe(
        table, hide_index=True, key="reply_faults",
        column_config={
            "sheet": _("Sheet"), "row": st.column_config.TextColumn(_("Row"), width="small"),
            "text": st.column_config.TextColumn(_("Problem"), width="large"), "weight": _("What to do"),
        },
    )  # fmt: skip


def _providers(reply: Reply, region: Region) -> None:
    fresh = reply.providers
    if fresh.empty:
        st.info(_("No provider in it can be used."))
        return
    st.markdown("**" + _("Providers in the reply") + "**")
    st.dataframe(
        fresh[["provider_name", "kind", "technologies", "price_home_idr_month", "price_user_idr_month"]].assign(
            kind=fresh["kind"].map(words.provider_kind),
            technologies=[_technologies(text) for text in fresh["technologies"]],
        ).style.format(dict.fromkeys(("price_home_idr_month", "price_user_idr_month"), _AMOUNT), na_rep="–"),
        hide_index=True, key="reply_found",
        column_config={
            "provider_name": _("Provider"), "kind": _("Kind"), "technologies": _("Technologies"),
            "price_home_idr_month": _("Home internet a month"), "price_user_idr_month": _("Village Wi-Fi a month"),
        },
    )  # fmt: skip
    st.button(
        ngettext("Calculate with this provider", "Calculate with these {count} providers", len(fresh)).format(
            count=number(len(fresh))
        ),
        key="reply_use", icon=":material/play_arrow:", type="primary", on_click=_use, args=(fresh, region),
        help=_("They take the place of providers with the same short name, in this session only"),
    )  # fmt: skip


def _technologies(text: str) -> str:
    return ", ".join(words.technology(name.strip()) for name in text.split(";") if name.strip())


def _offers(reply: Reply, region: Region) -> None:
    """What was offered to which village: to be compared with the plan, not calculated with."""
    if reply.offers.empty:
        return
    names = dict(zip(region.villages["village_code"], region.villages["village_name"], strict=True))
    offers = reply.offers
    st.markdown("**" + _("Offers to villages") + "**")
    money = ("price_idr_month", "capex_idr", "asks_idr")
    st.dataframe(
        offers[["village_code", "provider_id", "technology", *money, "note"]].assign(
            village_code=offers["village_code"].map(names), technology=offers["technology"].map(words.technology)
        ).style.format(dict.fromkeys(money, _AMOUNT), na_rep="–"),
        hide_index=True, key="reply_offers",
        column_config={
            "village_code": st.column_config.TextColumn(_("Village"), pinned=True), "provider_id": _("Provider"),
            "technology": _("Technology"), "price_idr_month": _("Price a month"), "capex_idr": _("Invests"),
            "asks_idr": _("Asks for"), "note": _("Note"),
        },
    )  # fmt: skip
    st.caption(
        _("Offers are shown to be compared with the matches; the calculation uses the providers and their prices.")
    )


def _use(fresh: pd.DataFrame, region: Region) -> None:
    held = _held(region)
    if held is not None:
        fresh = pd.concat([held[~held["provider_id"].isin(set(fresh["provider_id"]))], fresh], ignore_index=True)
    st.session_state[_KEY] = {region_key(region): fresh}


def _held(region: Region) -> pd.DataFrame | None:
    held: dict[str, pd.DataFrame] = st.session_state.get(_KEY, {})
    return held.get(region_key(region))


def _in_use(region: Region) -> None:
    held = _held(region)
    if held is None:
        st.caption(
            ngettext(
                "The region's own list of {count} provider is in use.",
                "The region's own list of {count} providers is in use.",
                len(region.providers),
            ).format(count=number(len(region.providers)))
        )
        return
    st.info(
        literal(
            _(
                "This session calculates with {names} from replies. The region itself is unchanged; "
                "other people see its own list."
            ).format(names=", ".join(held["provider_name"]))
        ),
        icon=":material/swap_horiz:",
    )
    st.button(_("Back to the region's own list"), icon=":material/undo:", key="reply_drop", on_click=forget)


def forget() -> None:
    """Back to the region's own providers (a callback)."""
    st.session_state.pop(_KEY, None)


def in_session(region: Region) -> tuple[Region, Any]:
    """The region with the providers that this session took from replies, and what names them (nothing: none)."""
    held = _held(region)
    if held is None:
        return region, None
    return replace(region, providers=merged(region.providers, Reply(held, held.iloc[:0], ()))), held
