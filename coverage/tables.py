"""Every table that passes between the rooms: its columns, their types, units and limits.

One class per table, one row per thing. Column names carry their unit (``capex_idr``,
``rsrp_dbm``). ``Villages.validate(frame)`` checks a frame; :func:`columns` lists a table for
documentation and for the region's ``datapackage.json``. Geometry is not declared here, because
pandera would reproject it silently: :data:`GEOMETRY` names the kinds that a layer may have, and
:mod:`coverage.region.quality` checks it. Layers are stored in EPSG:4326.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pandas as pd

# Making its first schema, pandera imports all of dask.dataframe (a second, and 60 MB) to know its
# column types, which no table here uses: it finds this note instead that dask is not there.
_no_dask = ModuleType("pandera.typing.dask")
vars(_no_dask)["DASK_INSTALLED"] = False
sys.modules.setdefault(_no_dask.__name__, _no_dask)

import pandera.pandas as pa  # noqa: E402
from pandera.typing import Series  # noqa: E402

#: Kemendagri village code, always text.
VILLAGE_CODE = r"^\d{2}\.\d{2}\.\d{2}\.\d{4}$"
DISTRICT_CODE = r"^\d{2}\.\d{2}\.\d{2}$"

VILLAGE_KINDS = ("desa", "kelurahan")
TECHNOLOGIES = ("2g", "3g", "4g", "5g")
FACILITY_KINDS = (
    "village_hall",
    "school",
    "health_centre",
    "health_post",
    "tourism",
    "licensing_office",
    "polling_place",
    "disaster_post",
    "enterprise",
)
ROAD_CLASSES = ("primary", "secondary", "tertiary", "local")
ACCESS_CLASSES = ("none", "weak", "served", "unknown")
EXCLUSION_KINDS = ("forest", "hazard", "spatial_plan", "land_status")
#: What an excluded area means for a mast: none may stand there, or only with a permit.
EXCLUSION_RULES = ("forbidden", "permit")
EVIDENCE_KINDS = ("measured", "reported", "modelled")
EVIDENCE_METHODS = ("speed_test", "drive_test", "survey")
OPTION_TECHNOLOGIES = (
    "light_tower",
    "macro_tower",
    "new_radio",
    "repeater",
    "ftth",
    "fixed_wireless",
    "satellite_wifi",
)
#: Option technologies whose service is a mobile operator's own.
MOBILE_TECHNOLOGIES = ("light_tower", "macro_tower", "new_radio", "repeater")
#: Option technologies to which households subscribe.
HOME_TECHNOLOGIES = ("ftth", "fixed_wireless")
LINK_KINDS = ("fibre", "microwave", "satellite", "existing")


def field(unit: str = "", about: str = "", **checks: Any) -> Any:
    """A column: its unit and meaning beside its checks."""
    return pa.Field(metadata={"unit": unit, "about": about}, **checks)


class Table(pa.DataFrameModel):
    """Base: extra columns pass through, numbers are coerced."""

    class Config:
        """Read by pandera."""

        coerce = True
        strict = False


# ---------------------------------------------------------------- layers of a region


class Villages(Table):
    """Desa and kelurahan with their boundaries."""

    village_code: Series[str] = field(about="Kemendagri code", str_matches=VILLAGE_CODE, unique=True)
    village_name: Series[str] = field(about="official name")
    kind: Series[str] = field(about="desa or kelurahan", isin=VILLAGE_KINDS)
    district_code: Series[str] = field(about="Kemendagri code of the district", str_matches=DISTRICT_CODE)
    district_name: Series[str] = field(about="district (kecamatan)")
    population: Series[float] = field("persons", "residents", ge=0)
    households: Series[float] = field("households", "households", ge=0)
    households_fixed_broadband: Series[float] | None = field(
        "households", "with a fixed broadband subscription, where known", ge=0, nullable=True
    )
    price_idr_month: Series[float] | None = field(
        "Rp/month", "cheapest basic internet plan, where known", ge=0, nullable=True
    )
    income_idr_month: Series[float] | None = field("Rp/month", "income per person, where known", ge=0, nullable=True)


class Settlements(Table):
    """Hamlets (dusun, permukiman): where people are."""

    settlement_id: Series[str] = field(about="unique within the region", unique=True)
    village_code: Series[str] = field(about="village it belongs to", str_matches=VILLAGE_CODE)
    settlement_name: Series[str] = field(about="name of the hamlet")
    population: Series[float] = field("persons", "residents", ge=0)
    radius_m: Series[float] = field("m", "radius within which its people live", gt=0)


class Sites(Table):
    """Physical towers and masts."""

    site_id: Series[str] = field(about="unique within the region", unique=True)
    owner: Series[str] = field(about="who owns the structure", nullable=True)
    height_m: Series[float] = field("m", "antenna height above ground", gt=0, le=150)
    position_uncertainty_m: Series[float] = field("m", "one standard deviation of the position", ge=0)


class Cells(Table):
    """One operator's radio on a site."""

    cell_id: Series[str] = field(about="unique within the region", unique=True)
    site_id: Series[str] = field(about="site it stands on")
    operator: Series[str] = field(about="who runs it")
    technology: Series[str] = field(about="2g, 3g, 4g or 5g", isin=TECHNOLOGIES)
    frequency_mhz: Series[float] = field("MHz", "downlink carrier", ge=400, le=6000)
    bandwidth_mhz: Series[float] = field("MHz", "carrier width", gt=0)
    tx_power_dbm: Series[float] = field("dBm", "total power at the antenna port", ge=0, le=60)
    antenna_gain_dbi: Series[float] = field("dBi", "peak gain", ge=-5, le=30)
    azimuth_deg: Series[float] = field("degree", "clockwise from north; empty: unknown or omni", nullable=True)
    downtilt_deg: Series[float] = field("degree", "below the horizon", ge=-10, le=20)


class Roads(Table):
    """Road centre lines."""

    road_id: Series[str] = field(about="unique within the region", unique=True)
    road_class: Series[str] = field(about="primary, secondary, tertiary or local", isin=ROAD_CLASSES)


class FibrePoints(Table):
    """Points where a provider hands over fibre capacity."""

    fibre_id: Series[str] = field(about="unique within the region", unique=True)
    owner: Series[str] = field(about="who runs it")
    capacity_mbps: Series[float] = field("Mbit/s", "capacity that can be bought", gt=0)


class Facilities(Table):
    """Public places that should be online."""

    facility_id: Series[str] = field(about="unique within the region", unique=True)
    facility_name: Series[str] = field(about="name")
    kind: Series[str] = field(about="kind of facility", isin=FACILITY_KINDS)
    village_code: Series[str] = field(about="village it stands in", str_matches=VILLAGE_CODE)
    online: Series[float] | None = field(
        about="1 online, 0 not, where a survey knows it, else empty", isin=(0, 1), nullable=True
    )


class Providers(Table):
    """Who can build, run or sell: operators, ISPs, tower companies, BUMDes, satellite."""

    provider_id: Series[str] = field(about="unique within the region", unique=True)
    provider_name: Series[str] = field(about="name")
    kind: Series[str] = field(about="kind of provider", isin=("mobile", "isp", "tower", "bumdes", "satellite"))
    technologies: Series[str] = field(about="option technologies it may offer, separated by ;")
    hurdle_rate: Series[float] = field("1/year", "return on capital below which it does not build", ge=0, le=1)
    capital_limit_idr: Series[float] = field("Rp", "own capital for this region over the horizon", ge=0)
    market_share: Series[float] = field("share", "share of mobile users in the region", ge=0, le=1)
    resale_allowed: Series[bool] = field(about="whether its terms allow a village to resell")
    build_limit: Series[float] | None = field("count", "deals it can build over the horizon", ge=0, nullable=True)
    presence: Series[str] | None = field(about="codes of the districts it works in, by ;; empty: all", nullable=True)
    price_home_idr_month: Series[float] | None = field(
        "Rp/month", "its price of home internet, PPN included", gt=0, nullable=True
    )
    price_user_idr_month: Series[float] | None = field(
        "Rp/month", "its price per user of village Wi-Fi, PPN included", gt=0, nullable=True
    )


class Evidence(Table):
    """What was reported or measured about a village, beside what the model says."""

    evidence_id: Series[str] = field(about="unique within the region", unique=True)
    village_code: Series[str] = field(about="village", str_matches=VILLAGE_CODE)
    evidence: Series[str] = field(about="measured or reported", isin=("measured", "reported"))
    access_class: Series[str] = field(about="what it says", isin=("none", "weak", "served"))
    date: Series[str] = field(about="ISO date")
    source: Series[str] = field(about="who or what says so")
    samples: Series[float] = field("count", "number of samples behind it", ge=0)
    settlement_id: Series[str] | None = field(about="settlement it speaks of; empty: the whole village", nullable=True)
    method: Series[str] | None = field(
        about="how it was found; empty: a speed test if measured", isin=EVIDENCE_METHODS, nullable=True
    )
    operator: Series[str] | None = field(about="operator it speaks of; empty: any", nullable=True)
    rsrp_dbm: Series[float] | None = field(
        "dBm", "received power that was measured outdoors", ge=-150, le=-30, nullable=True
    )
    download_mbps: Series[float] | None = field("Mbit/s", "download speed that was measured", ge=0, nullable=True)
    lon: Series[float] | None = field("degree", "where it was measured", ge=-180, le=180, nullable=True)
    lat: Series[float] | None = field("degree", "where it was measured", ge=-90, le=90, nullable=True)


class Exclusions(Table):
    """Areas where nothing may be built, or only with a permit: forest estate, hazard zones, spatial plan."""

    exclusion_id: Series[str] = field(about="unique within the region", unique=True)
    kind: Series[str] = field(about="why: forest, hazard, spatial_plan or land_status", isin=EXCLUSION_KINDS)
    rule: Series[str] = field(about="forbidden, or permit: only with one", isin=EXCLUSION_RULES)
    exclusion_name: Series[str] = field(about="function or class as the source names it")


class Baselines(Table):
    """Where an indicator stands today, as somebody published or counted it."""

    baseline_id: Series[str] = field(about="unique within the region", unique=True)
    indicator: Series[str] = field(about="indicator of the framework, such as B5")
    area_code: Series[str] = field(
        about="Kemendagri code of the village, district or regency it speaks of",
        str_matches=r"^\d{2}\.\d{2}(\.\d{2}(\.\d{4})?)?$",
    )
    value: Series[float] = field(about="in the unit of the indicator")
    year: Series[float] = field("year", "year it speaks of", ge=2000, le=2100)
    source: Series[str] = field(about="who or what says so")


# ---------------------------------------------------------------- tables of the chain


class Places(Table):
    """Demand: pixels of the region's metric grid where people live (one row per settlement and pixel)."""

    place_id: Series[int] = field(about="0..n-1", unique=True)
    settlement_id: Series[str] = field(about="settlement")
    village_code: Series[str] = field(about="village")
    row: Series[int] = field(about="row in the metric grid", ge=0)
    col: Series[int] = field(about="column in the metric grid", ge=0)
    population: Series[float] = field("persons", "residents", ge=0)
    users: Series[float] = field("persons", "people who use or would use mobile internet", ge=0)
    busy_hour_mbps: Series[float] = field("Mbit/s", "their traffic in the busy hour", ge=0)


class Calibration(Table):
    """What evidence says about the model's signal of an operator."""

    operator: Series[str] = field(about="operator", unique=True)
    offset_db: Series[float] = field("dB", "to be added to the modelled signal: the posterior mean", nullable=True)
    uncertainty_db: Series[float] = field("dB", "its standard deviation", ge=0, nullable=True)
    readings: Series[int] = field("count", "places with a measured power", ge=0)
    classes: Series[int] = field("count", "places of which only the class is known", ge=0)
    villages: Series[int] = field("count", "villages that they lie in", ge=0)
    applied: Series[bool] = field(about="whether the signal was shifted by it")
    reason: Series[str] = field(about="why not applied: few_places, few_villages, presence_only; else empty")


class OperatorAccess(Table):
    """Access of a settlement through one operator and technology."""

    settlement_id: Series[str] = field(about="settlement")
    village_code: Series[str] = field(about="village")
    operator: Series[str] = field(about="operator")
    technology: Series[str] = field(about="2g, 3g, 4g or 5g")
    population: Series[float] = field("persons", "residents", ge=0)
    population_covered: Series[float] = field("persons", "residents at or above the usable threshold", ge=0)
    population_weak: Series[float] = field("persons", "residents between weak and usable", ge=0)
    rsrp_dbm: Series[float] = field("dBm", "population-weighted median of the best server", nullable=True)
    site_id: Series[str] = field(about="site that serves most of its people", nullable=True)


class SettlementAccess(Table):
    """Access of a settlement over all operators."""

    settlement_id: Series[str] = field(about="settlement", unique=True)
    village_code: Series[str] = field(about="village")
    settlement_name: Series[str] = field(about="name")
    population: Series[float] = field("persons", "residents", ge=0)
    population_covered: Series[float] = field("persons", "covered by any operator", ge=0)
    population_served: Series[float] = field("persons", "covered and within capacity", ge=0)
    rsrp_dbm: Series[float] = field("dBm", "median of the best operator", nullable=True)
    population_good: Series[float] | None = field("persons", "at or above the good threshold", ge=0)
    population_signal: Series[float] | None = field("persons", "reached by any signal, weak or 2G included", ge=0)
    downlink_mbps: Series[float] = field("Mbit/s", "experienced in the busy hour", nullable=True)
    uplink_mbps: Series[float] | None = field("Mbit/s", "experienced in the busy hour", nullable=True)
    operators: Series[int] = field("count", "operators that cover most of its people", ge=0)
    access_class: Series[str] = field(about="none, weak, served, unknown", isin=ACCESS_CLASSES)
    evidence: Series[str] = field(about="what the class rests on", isin=EVIDENCE_KINDS)


class FacilityAccess(Table):
    """Whether a facility can be online through a mobile network or is known to be."""

    facility_id: Series[str] = field(about="facility", unique=True)
    village_code: Series[str] = field(about="village it stands in")
    settlement_id: Series[str] = field(about="nearest settlement of its village", nullable=True)
    kind: Series[str] = field(about="kind of facility", isin=FACILITY_KINDS)
    rsrp_dbm: Series[float] = field("dBm", "best 4G or 5G signal there", nullable=True)
    online: Series[bool] = field(about="usable 4G or 5G, or known to be online")
    uplink_reliable: Series[bool] = field(about="its uplink closes with a margin for reliability")


class VillageAccess(Table):
    """Access, class, need and reasons: one row per village."""

    village_code: Series[str] = field(about="village", unique=True)
    population: Series[float] = field("persons", "residents", ge=0)
    population_covered: Series[float] = field("persons", "covered by any operator", ge=0)
    population_served: Series[float] = field("persons", "covered and within capacity", ge=0)
    covered_share: Series[float] = field("share", "covered / residents", ge=0, le=1)
    operators: Series[int] = field("count", "operators that cover most of its people", ge=0)
    rsrp_dbm: Series[float] = field("dBm", "population-weighted median of the best operator", nullable=True)
    downlink_mbps: Series[float] = field("Mbit/s", "experienced in the busy hour", nullable=True)
    uplink_mbps: Series[float] | None = field("Mbit/s", "experienced in the busy hour", nullable=True)
    best_operator: Series[str] = field(about="operator that covers most people", nullable=True)
    site_id: Series[str] = field(about="site that serves most of its people", nullable=True)
    worst_settlement_id: Series[str] = field(about="settlement with the smallest covered share", nullable=True)
    population_left_out: Series[float] = field("persons", "residents not covered", ge=0)
    facilities: Series[int] = field("count", "facilities", ge=0)
    facilities_offline: Series[int] = field("count", "facilities without usable signal", ge=0)
    access_class: Series[str] = field(about="none, weak, served, unknown", isin=ACCESS_CLASSES)
    evidence: Series[str] = field(about="what the class rests on", isin=EVIDENCE_KINDS)
    reasons: Series[str] = field(about="reason codes, separated by ;")
    need: Series[float] = field("0-100", "need score", ge=0, le=100)


class Options(Table):
    """Technology x site for one village: access cost only, backhaul apart."""

    option_id: Series[str] = field(about="stable, made of village, technology and site", unique=True)
    village_code: Series[str] = field(about="village it is made for")
    technology: Series[str] = field(about="option technology", isin=OPTION_TECHNOLOGIES)
    node: Series[str] = field(about="node of the backhaul graph where it needs capacity")
    lon: Series[float] = field("degree", "site", ge=-180, le=180)
    lat: Series[float] = field("degree", "site", ge=-90, le=90)
    height_m: Series[float] = field("m", "mast height above ground; 0 without mast", ge=0)
    capex_idr: Series[float] = field("Rp", "access equipment and works", ge=0)
    opex_idr_per_year: Series[float] = field("Rp/year", "running cost", ge=0)
    lifetime_years: Series[float] = field("year", "until replacement", gt=0)
    capacity_mbps: Series[float] = field("Mbit/s", "shared by its users", gt=0)
    backhaul_mbps: Series[float] = field("Mbit/s", "what it asks of the backhaul", ge=0)
    households_passed: Series[float] = field("households", "that can subscribe", ge=0)
    population_reached: Series[float] = field("persons", "people it covers, in all villages", ge=0)
    population_gained: Series[float] = field("persons", "of them not covered before", ge=0)
    feed: Series[str] | None = field(about="kind of link that feeds it", isin=LINK_KINDS)
    site_id: Series[str] | None = field(about="existing site that carries or feeds it", nullable=True)
    site_owner: Series[str] | None = field(about="who owns the structure that carries it", nullable=True)
    rent_idr_per_year: Series[float] | None = field("Rp/year", "of the running cost, rent to the owner", ge=0)
    only_operator: Series[str] | None = field(about="the operator whose signal it repeats", nullable=True)
    operators_there: Series[str] | None = field(about="who has such a radio there already, by ;", nullable=True)
    tenants: Series[str] | None = field(about="who is on the structure already, by ;", nullable=True)


class Reach(Table):
    """Which settlements an option covers (the coverage matrix, long form)."""

    option_id: Series[str] = field(about="option")
    settlement_id: Series[str] = field(about="settlement")
    village_code: Series[str] = field(about="village of the settlement")
    population_reached: Series[float] = field("persons", "people the option covers there", ge=0)
    population_gained: Series[float] = field("persons", "of them not covered before", ge=0)


class Links(Table):
    """Backhaul edges, each with its own cost, carried once."""

    link_id: Series[str] = field(about="unique", unique=True)
    source: Series[str] = field(about="node")
    target: Series[str] = field(about="node")
    kind: Series[str] = field(about="fibre, microwave, satellite, existing", isin=LINK_KINDS)
    length_m: Series[float] = field("m", "along the route", ge=0)
    capex_idr: Series[float] = field("Rp", "works and equipment", ge=0)
    opex_idr_per_year: Series[float] = field("Rp/year", "running cost", ge=0)
    lifetime_years: Series[float] = field("year", "until replacement", gt=0)
    capacity_mbps: Series[float] = field("Mbit/s", "capacity", gt=0)


class Nodes(Table):
    """Nodes of the backhaul graph; roots are where capacity comes from."""

    node: Series[str] = field(about="unique", unique=True)
    kind: Series[str] = field(about="fibre_point, road, option or satellite")
    is_root: Series[bool] = field(about="capacity enters here")
    capacity_mbps: Series[float] = field("Mbit/s", "capacity of a root; 0 elsewhere", ge=0)


class Bill(Table):
    """Bill of quantities: every cost line of an option or link."""

    item_of: Series[str] = field(about="option_id or link_id")
    item: Series[str] = field(about="what is bought: assumption name of its unit cost")
    kind: Series[str] = field(about="capex or opex", isin=("capex", "opex"))
    quantity: Series[float] = field(about="how many units", ge=0)
    unit: Series[str] = field(about="unit of the quantity")
    unit_cost_idr: Series[float] = field("Rp", "cost of one unit (per year for opex)", ge=0)
    amount_idr: Series[float] = field("Rp", "quantity x unit cost", ge=0)


class Benefit(Table):
    """What an option is worth in one settlement: coefficients of the plan's objective."""

    option_id: Series[str] = field(about="option")
    settlement_id: Series[str] = field(about="settlement")
    village_code: Series[str] = field(about="village of the settlement")
    index_gain: Series[float] = field("index points", "change of the achievement index", ge=0)


class Deals(Table):
    """An option with a provider, a business model and terms."""

    deal_id: Series[str] = field(about="unique", unique=True)
    option_id: Series[str] = field(about="option")
    village_code: Series[str] = field(about="village it is made for")
    provider_id: Series[str] = field(about="provider")
    business_model: Series[str] = field(about="business model")
    price_idr_month: Series[float] = field("Rp/month", "price per subscriber, PPN included", ge=0)
    affordable_idr_month: Series[float] = field("Rp/month", "what the village can bear", ge=0)
    subscribers: Series[float] = field("count", "paying users or households at maturity", ge=0)
    revenue_idr_per_year: Series[float] = field("Rp/year", "incremental, at maturity, PPN excluded", ge=0)
    access_cost_pv_idr: Series[float] = field("Rp", "present value of the option's lifetime cost", ge=0)
    backhaul_cost_pv_idr: Series[float] = field("Rp", "present value of its own cheapest route, alone", ge=0)
    npv_idr: Series[float] = field("Rp", "to the provider, before subsidy, with its own route")
    subsidy_idr: Series[float] = field("Rp", "needed for NPV 0, with its own route", ge=0)


class Chosen(Table):
    """The deals of a plan."""

    deal_id: Series[str] = field(about="deal", unique=True)
    option_id: Series[str] = field(about="option")
    village_code: Series[str] = field(about="village")
    provider_id: Series[str] = field(about="provider")
    access_cost_pv_idr: Series[float] = field("Rp", "present value of access", ge=0)
    backhaul_cost_pv_idr: Series[float] = field("Rp", "its share of the chosen links", ge=0)
    subsidy_idr: Series[float] = field("Rp", "public money it takes, with its share of the links", ge=0)
    population_gained: Series[float] = field("persons", "newly covered, each person once", ge=0)
    index_gain: Series[float] = field("index points", "its part of the plan's gain", ge=0)


class Gain(Table):
    """What a village gains, alone (best deal) and within the plan."""

    village_code: Series[str] = field(about="village", unique=True)
    best_deal_id: Series[str] = field(about="recommended deal", nullable=True)
    index_gain_alone: Series[float] = field("index points", "by its best deal alone; do not add", ge=0)
    cost_pv_idr: Series[float] = field("Rp", "present value of that deal with its route", ge=0)
    gain_per_billion: Series[float] = field("index points / Rp billion", "alone", ge=0, nullable=True)
    index_gain_plan: Series[float] = field("index points", "within the plan", ge=0)
    in_plan: Series[bool] = field(about="whether the plan serves it")


#: Kinds of geometry that a layer must have.
GEOMETRY: dict[type[Table], tuple[str, ...]] = {
    Villages: ("Polygon", "MultiPolygon"),
    Settlements: ("Point",),
    Sites: ("Point",),
    Roads: ("LineString", "MultiLineString"),
    FibrePoints: ("Point",),
    Facilities: ("Point",),
    Exclusions: ("Polygon", "MultiPolygon"),
    Links: ("LineString",),
    Nodes: ("Point",),
}


def columns(table: type[Table]) -> pd.DataFrame:
    """The columns of a table.

    Returns
    -------
    DataFrame
        Columns ``name, type, unit, about, nullable, required``; one row per column.
    """
    schema = table.to_schema()
    rows = []
    for name, column in schema.columns.items():
        metadata = column.metadata or {}
        rows.append(
            {
                "name": name,
                "type": str(column.dtype),
                "unit": metadata.get("unit", ""),
                "about": metadata.get("about", ""),
                "nullable": bool(column.nullable),
                "required": bool(column.required),
            }
        )
    return pd.DataFrame(rows)
