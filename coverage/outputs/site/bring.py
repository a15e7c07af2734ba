"""What a village must bring to each option: things, people, a request."""

from __future__ import annotations

from coverage.language import _, mark, ngettext, number, rupiah_short
from coverage.tables import HOME_TECHNOLOGIES

#: Per option technology; every list is short enough to be read aloud.
_THINGS = {
    "light_tower": (
        mark("A plot for the mast, with the owner's written consent"),
        mark("Electricity to the plot"),
        mark("Consent of the people who live nearby"),
    ),
    "macro_tower": (
        mark("A plot for the mast, with the owner's written consent"),
        mark("Electricity to the plot"),
        mark("Consent of the people who live nearby"),
    ),
    "new_radio": (
        mark("A letter to the operators that asks for a radio on this tower"),
        mark("Consent of the people who live near the tower"),
    ),
    "repeater": (
        mark("A small plot on high ground, with the owner's written consent"),
        mark("Electricity to the plot"),
    ),
    "fixed_wireless": (
        mark("A place for the radio mast, best at the village hall"),
        mark("A pole and electricity in every hamlet"),
        mark("Someone who looks after the equipment"),
    ),
    "ftth": (
        mark("Leave to put poles and cable along the village roads"),
        mark("A dry place with electricity for the cabinet"),
    ),
    "satellite_wifi": (
        mark("A public building with a free view of the sky and electricity"),
        mark("Someone who looks after the equipment"),
    ),
}
_OTHERWISE = (mark("A place for the equipment, with electricity"),)
#: Technologies that households subscribe to.
_BY_HOUSEHOLD = HOME_TECHNOLOGIES


def to_bring(
    technology: str, business_model: str, kind: str, *, subscribers: float, subsidy_idr: float
) -> tuple[str, ...]:
    """What the village must bring, as short phrases in the language in force.

    Parameters
    ----------
    technology, business_model : str
        Codes of the option and of the deal.
    kind : str
        ``desa`` or ``kelurahan``: only a desa has a BUMDes and Dana Desa.
    subscribers : float
        Paying users or households at maturity.
    subsidy_idr : float
        Public money that the deal needs, Rp.
    """
    brought = [_(thing) for thing in _THINGS.get(technology, _OTHERWISE)]
    people = number(round(subscribers))
    if technology in _BY_HOUSEHOLD:
        text = ngettext("A list of {count} household that will subscribe", "A list of {count} households that will subscribe", round(subscribers))  # fmt: skip  # noqa: E501
        brought.append(text.format(count=people))
    if business_model == "bumdes_resale":
        brought.append(_("A BUMDes that sells the service and cares for its customers"))
    if subsidy_idr > 0:
        source = (
            _("A request for {amount} of public money (village funds, regency, province)")
            if kind == "desa"
            else _("A request for {amount} from the regency's budget (APBD)")
        )
        brought.append(source.format(amount=rupiah_short(subsidy_idr)))
    return tuple(brought)
