"""Asumsi: every number of the real world, where it comes from, and what if it were another."""

from coverage.language import _, number
from coverage.ui import assumption_table, parts, state
from coverage.ui.main import progress_of

here = state.here()
known = assumption_table.known()
names = assumption_table.open_names(known)
judged = sum(known.row(name).is_judgement for name in names)
parts.headline(
    _("{judged} of {all} assumptions are judgement, without a source").format(
        judged=number(judged), all=number(len(names))
    ),
    sample=False,
)
progress_of(here.job)
assumption_table.show(known, names)
