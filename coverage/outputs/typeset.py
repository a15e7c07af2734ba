"""A PDF from a Typst template; the same content gives the same bytes on every machine."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

#: Stands for "now" wherever a PDF must hold a time.
_TIMESTAMP = int(dt.datetime(2020, 1, 1, tzinfo=dt.UTC).timestamp())


def typeset(template: Path, data: Mapping[str, Any], **inputs: str) -> bytes:
    """Lay out `data` with a template.

    Parameters
    ----------
    template : Path
        Typst source; it reads ``sys.inputs.data`` as JSON, so that text is never markup.
    data : mapping
        What can be written as JSON.
    inputs : str
        Further inputs as text, such as a drawing.

    Returns
    -------
    bytes
        A PDF with Typst's own fonts.
    """
    pdf: bytes = typst.compile(
        template.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False), **inputs},
        timestamp=_TIMESTAMP,
    )
    return pdf
