"""Why a village is served as it is: a sentence for each reason code."""

from __future__ import annotations

from collections.abc import Mapping

from coverage.language import _, mark

_SENTENCES = {
    "terrain_shadow": mark("A ridge cuts the signal on its way from the tower {site}, {distance} away."),
    "distance": mark("The nearest useful tower, {site}, is {distance} away: too far for a good signal."),
    "no_site": mark("There is no tower near enough."),
    "no_capacity": mark("The signal is there, but too many people share it in the busy hour."),
    "capacity": mark("The signal is there, but too many people share it in the busy hour."),
    "uplink": mark("Phones hear the tower, but the tower does not hear the phones well enough."),
    "single_operator": mark("Only one operator covers most people, so there is no choice and no spare."),
    "price": mark("The cheapest package costs more than people here can bear."),
    "facility_offline": mark("Public facilities without usable signal: {facilities_offline} of {facilities}."),
    "no_data": mark("Too little is known: the list of towers is not complete and nobody has reported or measured."),
    "no_evidence": mark("Too little is known: the list of towers is not complete and nobody has reported or measured."),
}
_PLAIN = {
    "terrain_shadow": mark("A ridge cuts the signal."),
    "distance": mark("The nearest useful tower is too far away."),
}


def sentence(code: str, facts: Mapping[str, str]) -> str:
    """The sentence of a reason code.

    Parameters
    ----------
    code : str
        As in the column ``reasons`` of the villages' access.
    facts : mapping
        ``site``, ``distance``, ``facilities``, ``facilities_offline`` as ready words; a missing tower
        makes the sentence shorter, and an unknown code is told as it is.
    """
    if code in _PLAIN and not (facts.get("site") and facts.get("distance")):
        return _(_PLAIN[code])
    if code not in _SENTENCES:
        return code.replace("_", " ").capitalize() + "."
    return _(_SENTENCES[code]).format(**facts)
