"""Plain words for the codes that the tables carry, in the reader's language.

Tables carry codes; sentences are made where they are shown. A code without a word here is shown as
it is, with its underscores taken away, so that a new code never breaks a page.
"""

from __future__ import annotations

import datetime as dt

from babel.numbers import format_decimal

from coverage.language import _, date, locale, mark
from coverage.region.messages import LAYERS, layer_said
from coverage.tables import HOME_TECHNOLOGIES

#: Stands on everything that comes from sample layers; the same in every language.
WATERMARK = "CONTOH – BUKAN DATA RESMI"

_ACCESS_CLASSES = {
    "none": mark("not served"),
    "weak": mark("weakly served"),
    "served": mark("served"),
    "unknown": mark("not known"),
}
_EVIDENCE = {
    "measured": mark("measured"),
    "reported": mark("reported"),
    "modelled": mark("calculated"),
}
_TECHNOLOGIES = {
    "light_tower": mark("Light tower"),
    "ftth": mark("Fibre to the home"),
    "satellite_wifi": mark("Satellite Wi-Fi"),
    "macro_tower": mark("Tall tower"),
    "new_radio": mark("New radio on a tower"),
    "repeater": mark("Repeater"),
    "fixed_wireless": mark("Village radio network"),
}
_FACILITIES = {
    "village_hall": mark("Village hall"),
    "school": mark("School"),
    "health_centre": mark("Health centre"),
    "health_post": mark("Health post"),
    "tourism": mark("Tourism"),
    "licensing_office": mark("Licensing office"),
    "polling_place": mark("Polling place"),
    "disaster_post": mark("Disaster post"),
    "enterprise": mark("Enterprise"),
}
#: Every layer that a region may have, in the order of its story.
LAYER_NAMES = tuple(LAYERS)
_LAYER_KINDS = {
    "official": mark("official"),
    "open": mark("open data"),
    "reported": mark("reported"),
    "estimated": mark("estimated"),
    "synthetic": mark("made up (sample)"),
}
_COMPLETENESS = {
    "complete": mark("complete list"),
    "partial": mark("partial list"),
    "unknown": mark("completeness not known"),
}
_PLAN_STATUS = {
    "optimal": mark("No plan can be better."),
    "gap_reached": mark("The search ended when the proven gap was small enough."),
    "work_limit": mark("The search ended at its limit of work; a longer search could find a better plan."),
    "stopped": mark("You stopped the search; this is the best plan found until then."),
}
_OBJECTIVES = {
    "equity": mark("the greatest gain where need is greatest"),
    "least_cost": mark("the least cost to a target"),
    "index_gain": mark("the greatest index gain"),
    "people": mark("the most people served"),
    "villages": mark("the most villages served"),
}
_MEASURES = {
    "index_gain": mark("index gain"),
    "people": mark("people newly reached"),
    "villages": mark("villages off the list of blank spots"),
    "equity": mark("index gain, weighted by need"),
}
_KINDS = {"desa": mark("village"), "kelurahan": mark("urban village")}
_LINK_KINDS = {
    "fibre": mark("fibre"),
    "microwave": mark("radio hop"),
    "satellite": mark("satellite"),
    "existing": mark("existing line"),
}
_PROVIDER_KINDS = {
    "mobile": mark("mobile operator"),
    "isp": mark("internet provider"),
    "tower": mark("tower company"),
    "bumdes": mark("village enterprise"),
    "satellite": mark("satellite provider"),
}


_UNITS = {
    "share": mark("share"),
    "count": mark("count"),
    "year": mark("years"),
    "month": mark("months"),
    "persons": mark("persons"),
    "households": mark("households"),
    "degree": mark("degrees"),
    "Rp/month": mark("Rp/month"),
    "Rp/year": mark("Rp/year"),
}
_TOPICS = {
    "radio": mark("radio"),
    "access": mark("access"),
    "demand": mark("demand"),
    "cost": mark("costs"),
    "costs": mark("costs"),
    "options": mark("options"),
    "technologies": mark("technologies"),
    "region": mark("the region"),
    "sample": mark("the sample data"),
    "market": mark("the market"),
    "funding": mark("funding"),
    "partnership": mark("deals"),
    "indicators": mark("indicators"),
    "indicator": mark("indicators"),
    "planning": mark("planning"),
}


def _word(words: dict[str, str], code: str) -> str:
    return _(words[code]) if code in words else str(code).replace("_", " ")


#: A number of years above this is a year of the calendar.
_CALENDAR = 1000


def value(amount: float, unit: str = "") -> str:
    """A number with as many digits as it has: ``0,05``, ``1.200.000``; a calendar year stays ``2026``."""
    pattern = "0" if unit == "year" and amount > _CALENDAR else "#,##0.########"
    return str(format_decimal(amount, format=pattern, locale=locale()))


def access_class(code: str) -> str:
    """``none`` → *not served*."""
    return _word(_ACCESS_CLASSES, code)


def evidence(code: str) -> str:
    """``modelled`` → *calculated*."""
    return _word(_EVIDENCE, code)


def technology(code: str) -> str:
    """``ftth`` → *Fibre to the home*."""
    return _word(_TECHNOLOGIES, code)


def business_model(code: str) -> str:
    """``bumdes_resale`` → *BUMDes resells*; the partnership room names its models."""
    from coverage.partnership.models import MODELS

    return _(MODELS[code].label) if code in MODELS else code.replace("_", " ")


def layer(code: str) -> str:
    """``fibre_points`` → *Fibre points*."""
    return layer_said(code)


def facility(code: str) -> str:
    """``health`` → *health post*: a kind of public facility."""
    return _word(_FACILITIES, code)


def layer_kind(code: str) -> str:
    """``synthetic`` → *made up (sample)*."""
    return _word(_LAYER_KINDS, code)


def completeness(code: str) -> str:
    """``partial`` → *partial list*."""
    return _word(_COMPLETENESS, code)


def plan_status(code: str) -> str:
    """``work_limit`` → why the search for the plan ended, a sentence."""
    return _word(_PLAN_STATUS, code)


def objective(code: str) -> str:
    """``people`` → *the most people served*."""
    return _word(_OBJECTIVES, code)


def measure(code: str) -> str:
    """What a plan gains."""
    return _word(_MEASURES, code)


def kind(code: str) -> str:
    """``desa`` → *village*."""
    return _word(_KINDS, code)


def link_kind(code: str) -> str:
    """``microwave`` → *radio hop*."""
    return _word(_LINK_KINDS, code)


def provider_kind(code: str) -> str:
    """``isp`` → *internet provider*."""
    return _word(_PROVIDER_KINDS, code)


def unit(code: str) -> str:
    """``share`` → *share*: the unit of an assumption; symbols stay as they are."""
    return _word(_UNITS, code) if code in _UNITS else code


def topic(code: str) -> str:
    """``market`` → *the market*: what a group of assumptions is about."""
    return _word(_TOPICS, code)


def bearable(technology: str, able: bool) -> str:
    """Whether people can bear a price: a household for a line to the home, else each by themselves."""
    if technology in HOME_TECHNOLOGIES:
        return _("a household here can bear it") if able else _("more than a household here can bear")
    return _("one person here can bear it") if able else _("more than one person here can bear")


def moment(at: str) -> str:
    """The day of a moment of the store (UTC, ISO) on this machine's clock, in words."""
    return date(dt.datetime.fromisoformat(at).astimezone().date())
