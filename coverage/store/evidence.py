"""What villages report about their signal, its review, and the evidence that it becomes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from coverage.errors import InputError
from coverage.language import _, mark
from coverage.store import reviews
from coverage.store.days import past_day
from coverage.store.schema import NAME, AuditEntry, Photo, SignalReport

if TYPE_CHECKING:
    import pandas as pd

    from coverage.region import Region
    from coverage.store.database import Store

_PREFIX = "laporan-"
_CLASSES = ("none", "weak", "served")
_METHODS = ("speed_test", "drive_test", "survey")
_OPERATORS = 50
_PHOTO_LIMIT = 5 * 1024 * 1024
_STARTS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
_SOURCE = mark("Village reports, reviewed")


@dataclass(frozen=True)
class Report:
    """A report of signal at a place.

    Parameters
    ----------
    village_code : str
        Kemendagri code.
    signals : mapping
        Operator -> ``none | weak | served``.
    date : str
        ISO day of the observation.
    reporter : str
        Who observed it.
    settlement_id : str
        Hamlet, empty for the whole village.
    everyone : bool
        Whether these are all operators that could be received there.
    method : str
        ``survey`` (somebody looked at the phone), ``speed_test`` or ``drive_test``.
    samples : float
        How many observations stand behind it.
    remark : str
        In the reporter's words.
    """

    village_code: str
    signals: Mapping[str, str]
    date: str
    reporter: str
    settlement_id: str = ""
    everyone: bool = False
    method: str = "survey"
    samples: float = 1.0
    remark: str = ""


def place_class(signals: Mapping[str, str], everyone: bool) -> str:
    """What a report says of the place, all operators together.

    The best operator counts. Unless all operators are told, only ``served`` follows: another one
    might be received. An empty text means that nothing follows.
    """
    best = max((_CLASSES.index(value) for value in signals.values() if value in _CLASSES), default=-1)
    return _CLASSES[best] if best >= 0 and (everyone or _CLASSES[best] == "served") else ""


def report(store: Store, acting: str, region_code: str, made: Report, photo: bytes | None = None) -> SignalReport:
    """File a report; staff will review it.

    Raises
    ------
    InputError
        Where a value cannot be, or the photo is no JPEG or PNG of at most 5 MB.
    NotAllowedError
        Where a village reports about another.
    StoreError
    """
    check_report(made)
    with store.work(acting, "evidence.report", region_code) as work:
        photo_id = ""
        if photo is not None:
            photo_id = work.add(_photo(region_code, made.village_code, photo)).id
        values = {**asdict(made), "signals": dict(made.signals), "date": past_day(made.date)}
        kind = "reported" if made.method == "survey" else "measured"
        return work.add(SignalReport(region_code=region_code, evidence=kind, photo_id=photo_id, state="open", **values))


def check_report(made: Report) -> None:
    """Refuse a report with a value that cannot be.

    Raises
    ------
    InputError
    """
    from coverage.tables import VILLAGE_CODE

    if not re.fullmatch(VILLAGE_CODE, made.village_code):
        raise InputError(_("This is not a village code"), where=made.village_code[:40])
    if made.method not in _METHODS:
        raise InputError(_("This way of observing is not known"), where=made.method[:40])
    if not made.signals or not all(str(name).strip() for name in made.signals):
        raise InputError(_("The report names no operator"), todo=_("Say for each operator how its signal is"))
    if len(made.signals) > _OPERATORS or any(len(str(name)) > NAME for name in made.signals):
        raise InputError(_("It is too large to be kept"), where="signals")
    for operator, value in made.signals.items():
        if value not in _CLASSES:
            raise InputError(_("The signal is none, weak or good"), where=str(operator)[:40])
    if not made.reporter.strip():
        raise InputError(_("The report does not say who observed it"), where="reporter")
    past_day(made.date)
    if not 0 < made.samples < float("inf"):
        raise InputError(_("The number of observations is not right"), where="samples")


def _photo(region_code: str, village_code: str, content: bytes) -> Photo:
    kind = next((kind for start, kind in _STARTS.items() if content.startswith(start)), "")
    if not kind or len(content) > _PHOTO_LIMIT:
        raise InputError(_("The photo cannot be used"), todo=_("Choose a JPEG or PNG of at most 5 MB"))
    return Photo(
        region_code=region_code,
        village_code=village_code,
        media_type=kind,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def listed(store: Store, acting: str, region_code: str, *states: str) -> list[SignalReport]:
    """Reports that the user may see, oldest first; only those in the given states, by default all.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "evidence.read", region_code, write=False) as work:
        return [row for row in work.all(SignalReport) if not states or row.state in states]


def photo_of(store: Store, acting: str, report_id: str) -> tuple[str, bytes] | None:
    """Media type and bytes of a report's photo, where it has one.

    Raises
    ------
    NotAllowedError, NotFoundError, StoreError
    """
    with store.work(acting, "evidence.read", write=False) as work:
        photo_id = work.get(SignalReport, report_id).photo_id
        if not photo_id:
            return None
        found = work.get(Photo, photo_id)
        return found.media_type, found.content


def review(store: Store, acting: str, report_id: str, version: int, verdict: str, note: str = "") -> SignalReport:
    """Accept, reject or ask back (`verdict` ``accept | reject | ask``).

    Raises
    ------
    InputError, Conflict, NotAllowedError, NotFoundError, StoreError
    """
    return reviews.review(store, acting, "evidence.review", SignalReport, report_id, version, verdict, note)


def answer(store: Store, acting: str, report_id: str, version: int, made: Report) -> SignalReport:
    """Correct a report that is not decided yet; it is reviewed again. The village stays the same.

    Raises
    ------
    InputError, Conflict, NotAllowedError, NotFoundError, StoreError
    """
    check_report(made)
    changes = {**asdict(made), "signals": dict(made.signals), "date": past_day(made.date)}
    changes["evidence"] = "reported" if made.method == "survey" else "measured"
    return reviews.answer(store, acting, "evidence.report", SignalReport, report_id, version, changes)


def evidence_rows(store: Store, acting: str, region_code: str) -> pd.DataFrame:
    """Accepted reports as rows of :class:`coverage.tables.Evidence`.

    Raises
    ------
    NotAllowedError, StoreError
    """
    return as_evidence(accepted(store, acting, region_code))


def accepted(store: Store, acting: str, region_code: str) -> list[SignalReport]:
    """Accepted reports; they are public: whoever may see a region's deals sees its evidence.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "deal.read", region_code, write=False) as work:
        query = select(SignalReport).where(SignalReport.region_code == region_code, SignalReport.state == "accepted")
        return list(work.session.scalars(query.order_by(SignalReport.id)))


def as_evidence(reports: list[SignalReport]) -> pd.DataFrame:
    """Reports as rows of :class:`coverage.tables.Evidence`; what tells no class of access is left out."""
    import pandas as pd

    from coverage.region.layers import dtypes
    from coverage.tables import Evidence

    rows = [_row(made) for made in reports if place_class(made.signals, made.everyone)]
    frame = pd.DataFrame(rows, columns=[*dtypes(Evidence)])
    return Evidence.validate(frame.astype(dtypes(Evidence)))


def _row(made: SignalReport) -> dict[str, Any]:
    return {
        "evidence_id": f"{_PREFIX}{made.id}",
        "village_code": made.village_code,
        "evidence": made.evidence,
        "access_class": place_class(made.signals, made.everyone),
        "date": made.date,
        "source": f"Laporan desa {made.id}",
        "samples": made.samples,
        "settlement_id": made.settlement_id,
        "method": made.method,
    }


def with_evidence(region: Region, rows: pd.DataFrame) -> Region:
    """The region with accepted reports beside its own evidence; reports about other villages are left out."""
    import pandas as pd

    from coverage.region import Layer

    rows = rows[rows["village_code"].isin(set(region.villages["village_code"]))]
    if rows.empty:
        return region
    known = set(region.settlements["settlement_id"])
    rows = rows[(rows["settlement_id"] == "") | rows["settlement_id"].isin(known)]
    layer = region.layers.get("evidence") or Layer("evidence", "reported", _SOURCE, "", str(rows["date"].max()))
    evidence = pd.concat([region.evidence, rows], ignore_index=True) if len(region.evidence) else rows
    return replace(region, evidence=evidence.reset_index(drop=True), layers={**region.layers, "evidence": layer})


def trail(store: Store, acting: str, evidence_id: str) -> list[AuditEntry]:
    """Who reported, asked, changed and accepted the report behind a row of evidence, oldest first.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "evidence.review", write=False) as work:
        query = select(AuditEntry).where(
            AuditEntry.kind == SignalReport.__tablename__, AuditEntry.entity_id == evidence_id.removeprefix(_PREFIX)
        )
        found = list(work.session.scalars(query.order_by(AuditEntry.id)))
        for entry in found:
            work.check(entry)
        return found
