"""The family of errors that Jangkau shows to people.

Every message says what is wrong, where (file, row, column) and what to do about it, in the
language of the reader at the moment it is raised.
"""

from __future__ import annotations

#: So much of a place is told: some name it by what a file holds there.
_LONGEST = 1000


class JangkauError(Exception):
    """Base of every error that a user may see.

    Parameters
    ----------
    what : str
        What is wrong, a translated sentence without the final stop.
    where : str, optional
        File, layer, row or column concerned.
    todo : str, optional
        What the reader can do about it, a translated sentence.
    """

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        self.what = what
        self.where = where if len(where) <= _LONGEST else f"{where[:_LONGEST]}…"
        self.todo = todo
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}. {self.todo}" if self.todo else f"{head}."


class InputError(JangkauError):
    """A file or table that cannot be used."""


class RegionError(JangkauError):
    """A region folder that is missing, incomplete or damaged."""


class AssumptionError(JangkauError):
    """An assumption that is unknown, or a value outside its range."""


class ScenarioError(JangkauError):
    """A scenario that contradicts itself or the region."""


class PlanningError(JangkauError):
    """No plan can be made, or a plan breaks its own rules."""


class Cancelled(JangkauError):  # noqa: N818 - it is a request, not a fault
    """The user stopped the work."""
