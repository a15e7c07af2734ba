"""Tables whose numbers are written in the reader's language, prepared once for everybody who sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler


def written(frame: pd.DataFrame, writers: Mapping[str, Callable[[Any], str]], missing: str = "–") -> Styler:
    """A table with its numbers written out; sorting still goes by the numbers.

    Writing a table takes far longer than sending it, and Streamlit writes it anew for every visitor
    and click. The styler that is returned remembers what it wrote: keep it and show it again.

    Parameters
    ----------
    frame : DataFrame
        What is shown; nobody may change it afterwards.
    writers : mapping
        Column → how a value of it is written.
    missing : str
        Stands where there is no value.
    """
    styler: Any = frame.style.format(dict(writers), na_rep=missing)
    body = styler._translate(False, False)["body"]
    cells = [[{name: cell[name] for name in ("id", "display_value") if name in cell} for cell in row] for row in body]
    styler._translate = lambda *_asked, **_how: {"body": cells}
    return styler  # type: ignore[no-any-return]
