"""Documents on A4."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path

from coverage.language import _, date, language
from coverage.outputs.documents.content import Document
from coverage.outputs.typeset import typeset

_TEMPLATE = Path(__file__).with_name("document.typ")


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
    return typeset(_TEMPLATE, data)
