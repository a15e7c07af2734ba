"""Words of the trade, each in one plain sentence: shown on hover wherever they stand in a text."""

from __future__ import annotations

import re

from coverage.language import _, mark

#: A word as it stands in texts → what it means.
TERMS = {
    "RSRP": mark("RSRP is the strength of the signal at a phone: −95 dBm is good, below −115 dBm hardly usable."),
    "dBm": mark("dBm measures signal strength; the closer to zero, the stronger."),
    "4G": mark("4G is the mobile network that carries video calls and school work; 2G carries calls and SMS only."),
    "NPV": mark("NPV (net present value) is what remains of all income and cost of the years, in money of today."),
    "PPN": mark("PPN is the value-added tax in the price."),
    "USO": mark("USO is the duty of providers to pay for service where it does not pay; BAKTI spends that money."),
    "BAKTI": mark("BAKTI is the agency of the ministry that builds with USO money, mostly in remote (3T) regions."),
    "BUMDes": mark("BUMDes is the village's own enterprise; it may resell internet from a provider."),
    "BUMDesma": mark("BUMDesma is an enterprise of several villages together."),
    "APBD": mark("APBD is the budget of the regency, province or city."),
    "IKK": mark("IKK is the construction cost index of BPS: how dear building is here, 100 being the reference city."),
    "IRR": mark("IRR is the return a year on the money laid out."),
    "ROI": mark("ROI is what is gained for each rupiah laid out."),
    "3T": mark("3T are the frontier, outermost and left-behind regions named by the government."),
    "Mbps": mark("Mbps measures speed: 2 carry a video call, 10 a classroom."),
    "P.1812": mark("P.1812 is the method of the ITU to predict radio signal over terrain."),
    "Wi-Fi": mark("Wi-Fi reaches a few hundred metres around a public place or a house."),
    "subsidy": mark("Public money that closes the gap between what a provider earns and what it spends."),
    "subsidi": mark("Public money that closes the gap between what a provider earns and what it spends."),
}
_FOUND = re.compile(r"(?<!\w)(" + "|".join(map(re.escape, sorted(TERMS, key=len, reverse=True))) + r")(?!\w)")


def explain(text: str) -> str | None:
    """What the words of the trade in a text mean, one per line; ``None`` where there are none."""
    known = dict.fromkeys(TERMS[found] for found in _FOUND.findall(text))
    return "\n\n".join(_(sentence) for sentence in known) or None


def sentences() -> list[str]:
    """What every word of the trade means, one sentence each."""
    return [_(sentence) for sentence in dict.fromkeys(TERMS.values())]
