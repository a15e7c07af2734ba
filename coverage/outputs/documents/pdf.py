"""Documents on A4."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path

import typst

from coverage.language import _, date, language
from coverage.outputs.documents.content import Document

_TEMPLATE = Path(__file__).with_name("document.typ")
#: Stands for "now" wherever a PDF must hold a time.
_TIMESTAMP = int(dt.datetime(2020, 1, 1, tzinfo=dt.UTC).timestamp())


def document_pdf(made: Document) -> bytes:
    """Lay a document out in the language in force; the same document gives the same bytes.

    Text is never read as markup. Sample data carry the watermark on every page.
    """
    data = {
        "document": asdict(made),
        "language": language(),
        "say": {
            "page": _("page"),
            "date": _("Data of {date}").format(date=date(dt.date.fromisoformat(made.data_date)))
            if made.data_date
            else "",
        },
    }
    pdf: bytes = typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=_TIMESTAMP,
    )
    return pdf
