"""The match list: which provider for which village, why, and who comes next; as a table and a workbook."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xlsxwriter
from numpy.typing import NDArray

from coverage.kept import kept
from coverage.language import _, ngettext, number, rupiah_short
from coverage.outputs import words
from coverage.outputs.standing import firmness, seconds
from coverage.outputs.tables import defused
from coverage.partnership import KeptTerms
from coverage.region.text import harmless

if TYPE_CHECKING:
    from coverage.analysis import Analysis

#: Stands for "now" wherever a file must hold a time.
_CREATED = dt.datetime(2020, 1, 1)
_WIDTHS = (14, 20, 16, 20, 18, 26, 12, 14, 10, 24, 30, 34, 60, 60, 44)
_SECRET_WIDTHS = (16, 16, 16, 16, 60)


def match_list(analysis: Analysis, terms: Mapping[str, KeptTerms] | None = None) -> pd.DataFrame:
    """The deals of the plan in words, those of most gain first; then those signed without public money.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    terms : mapping, optional
        Terms that people set, by deal id: their price and public money stand in place of those calculated.

    Returns
    -------
    DataFrame
        One row per match: ``village_code, deal_id, name, district, provider, technology, model,
        price`` (Rp/month), ``subsidy`` (Rp), ``people`` (newly reached; in the plan
        nobody twice), ``listed`` (in the plan, or signed without public money), ``terms`` (who set
        them, or that they are calculated), ``next_best`` (the best deal of another provider, in words), ``why``,
        ``second`` (how that differs) and ``turn`` (what would put it first).
    """
    return _listed(analysis, tuple(sorted((terms or {}).items(), key=lambda item: item[0])))


@kept
def _listed(analysis: Analysis, terms: tuple[tuple[str, KeptTerms], ...]) -> pd.DataFrame:
    chosen = listed(analysis)
    deals = analysis.deals.set_index("deal_id").loc[chosen["deal_id"]]
    villages = analysis.region.villages.set_index("village_code").loc[chosen["village_code"]]
    providers = analysis.region.providers.set_index("provider_id")["provider_name"]
    options = analysis.option_set.options.set_index("option_id").loc[chosen["option_id"]]
    by_village, second = others(analysis), seconds(analysis)
    beside = [second.get(code) for code in chosen["village_code"]]
    own = dict(terms)
    held = [own.get(deal_id, KeptTerms()) for deal_id in chosen["deal_id"]]
    prices = _held(deals["price_idr_month"], [one.price_idr_month for one in held])
    return pd.DataFrame(
        {
            "village_code": chosen["village_code"].to_numpy(),
            "deal_id": chosen["deal_id"].to_numpy(),
            "name": villages["village_name"].to_numpy(),
            "district": villages["district_name"].to_numpy(),
            "provider": [str(providers.get(p, p)) for p in chosen["provider_id"]],
            "technology": [words.technology(t) for t in options["technology"]],
            "model": [words.business_model(m) for m in deals["business_model"]],
            "price": prices,
            "subsidy": _held(chosen["subsidy_idr"], [one.subsidy_idr for one in held]),
            "people": chosen["population_gained"].to_numpy(dtype=float),
            "listed": [_("signs without public money") if alone else _("public plan") for alone in chosen["unaided"]],
            "terms": pd.array([_terms(one) for one in held], dtype="str"),
            "next_best": pd.array(
                [
                    _next_best(by_village.get(code), provider, providers)
                    for code, provider in zip(chosen["village_code"], chosen["provider_id"], strict=True)
                ],
                dtype="str",
            ),
            "why": pd.array(
                [
                    _why(words.bearable(kind, price <= limit), float(price), float(people), by_village[code], alone)
                    for kind, price, limit, people, code, alone in zip(
                        options["technology"],
                        prices,
                        deals["affordable_idr_month"],
                        chosen["population_gained"],
                        chosen["village_code"],
                        chosen["unaided"].tolist(),
                        strict=True,
                    )
                ],
                dtype="str",
            ),
            "second": pd.array([one.sentence if one else "" for one in beside], dtype="str"),
            "turn": pd.array([one.turn if one else "" for one in beside], dtype="str"),
        }
    )


@kept
def listed(analysis: Analysis) -> pd.DataFrame:
    """The plan's deals, those of most gain first, then those that are signed without public money.

    Returns
    -------
    DataFrame
        ``deal_id, village_code, option_id, provider_id, subsidy_idr, population_gained, index_gain`` and
        ``unaided`` (outside the plan, without public money). A village stands there once.
    """
    columns = ["deal_id", "village_code", "option_id", "provider_id", "subsidy_idr"]
    deals = analysis.deals
    alone = deals.loc[deals["deal_id"].isin(set(analysis.unaided)), columns]
    options = analysis.option_set.options.set_index("option_id")
    gain = analysis.benefit.groupby("option_id")["index_gain"].sum()
    alone = alone.assign(
        population_gained=alone["option_id"].map(options["population_gained"]),
        index_gain=alone["option_id"].map(gain).fillna(0.0),
    )
    by, rising = ["index_gain", "deal_id"], [False, True]
    planned = analysis.plan.chosen.sort_values(by, ascending=rising)[[*columns, "population_gained", "index_gain"]]
    parts = [planned.assign(unaided=False), alone.sort_values(by, ascending=rising).assign(unaided=True)]
    found: pd.DataFrame = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return found


def _held(calculated: pd.Series, own: list[float | None]) -> NDArray[np.float64]:
    """What people set, where they set it."""
    found = calculated.to_numpy(dtype=float)
    return np.array([one if one is not None else was for one, was in zip(own, found, strict=True)], dtype=float)


def _terms(own: KeptTerms) -> str:
    if not own.any:
        return _("as calculated")
    return _("set by {name} on {date}").format(name=own.by, date=words.moment(own.at))


def alternatives(analysis: Analysis, village_code: str) -> pd.DataFrame:
    """Every provider's best deal in a village: the least public money, then the lowest price.

    Returns
    -------
    DataFrame
        ``deal_id, provider, technology, model, price, subsidy, in_plan``; the cheapest first.
    """
    mine = others(analysis).get(village_code)
    if mine is None:
        return pd.DataFrame(columns=["deal_id", "provider", "technology", "model", "price", "subsidy", "in_plan"])
    best = mine.drop_duplicates("provider_id")
    providers = analysis.region.providers.set_index("provider_id")["provider_name"]
    technology = analysis.option_set.options.set_index("option_id")["technology"]
    return pd.DataFrame(
        {
            "deal_id": best["deal_id"].to_numpy(),
            "provider": [str(providers.get(p, p)) for p in best["provider_id"]],
            "technology": [words.technology(t) for t in technology.loc[best["option_id"]]],
            "model": [words.business_model(m) for m in best["business_model"]],
            "price": best["price_idr_month"].to_numpy(dtype=float),
            "subsidy": best["subsidy_idr"].to_numpy(dtype=float),
            "in_plan": best["deal_id"].isin(set(analysis.plan.chosen["deal_id"])).to_numpy(),
        }
    )


@kept
def others(analysis: Analysis) -> dict[str, pd.DataFrame]:
    """Deals by village: what stands on the match list first, then by public money and price."""
    planned = analysis.deals["deal_id"].isin({*analysis.plan.chosen["deal_id"], *analysis.unaided})
    ordered = analysis.deals.assign(_planned=~planned).sort_values(
        ["village_code", "_planned", "subsidy_idr", "price_idr_month", "deal_id"], kind="stable"
    )
    return {str(code): rows for code, rows in ordered.groupby("village_code")}


def _next_best(mine: pd.DataFrame | None, provider: str, names: pd.Series) -> str:
    if mine is not None:
        for other, price in zip(mine["provider_id"], mine["price_idr_month"], strict=True):
            if other != provider:
                return _("{provider} at {price} a month").format(
                    provider=names.get(other, other), price=rupiah_short(float(price))
                )
    return _("nobody else")


def _why(able: str, price: float, people: float, deals: pd.DataFrame, alone: bool) -> str:
    providers = int(deals["provider_id"].nunique())
    if alone:
        return ngettext(
            "Outside the plan; village and provider would both sign without public money, at {price} a month ({able}). "
            "With its own link it newly reaches {people} people; the best of {count} provider.",
            "Outside the plan; village and provider would both sign without public money, at {price} a month ({able}). "
            "With its own link it newly reaches {people} people; the best of {count} providers.",
            providers,
        ).format(people=number(people), price=rupiah_short(price), able=able, count=number(providers))
    return ngettext(
        "In the plan it newly reaches {people} people, nobody counted twice, at {price} a month ({able}); "
        "the best of {count} provider.",
        "In the plan it newly reaches {people} people, nobody counted twice, at {price} a month ({able}); "
        "the best of {count} providers.",
        providers,
    ).format(people=number(people), price=rupiah_short(price), able=able, count=number(providers))


def match_list_xlsx(
    analysis: Analysis, terms: Mapping[str, KeptTerms] | None = None, *, secrets: bool = False
) -> bytes:
    """The match list as a workbook: numbers as numbers, text that no spreadsheet runs.

    Sample data carry the watermark; every sheet says that it awards nothing. The same analysis
    gives the same bytes.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    terms : mapping, optional
        Terms that people set, by deal id.
    secrets : bool
        Whether to add the sheet for staff: what each match is worth to both sides, by how much it leads,
        and who would gain by leaving the list.
    """
    frame = defused(match_list(analysis, terms)).drop(columns="deal_id")
    heads = (
        _("Code"),
        _("Village"),
        _("District"),
        _("Provider"),
        _("Technology"),
        _("How it is run"),
        _("Price a month (Rp)"),
        _("Public money (Rp)"),
        _("Newly reached"),
        _("Listed as"),
        _("Terms"),
        _("Next best"),
        _("Why"),
        _("The second"),
        _("What would turn it round"),
    )
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_urls": False}) as book:
        book.set_properties({"title": _("Match list"), "created": _CREATED})
        marks = [_("Advice, not an award to a provider (bukan penetapan penyedia)")]
        if analysis.region.is_sample:
            marks.append(words.WATERMARK)
        _sheet(book, _("Match list"), [" · ".join(marks)], heads, _WIDTHS, frame)
        if secrets:
            told, table = _firm_table(analysis, frame)
            marks.insert(0, _("For staff only"))
            firm = (
                _("Code"),
                _("Village"),
                _("Village has (Rp)"),
                _("Provider has (Rp)"),
                _("Worth to both (Rp)"),
                _("Lead over the second (Rp)"),
                _("In words"),
            )
            widths = (*_WIDTHS[:2], *_SECRET_WIDTHS)
            _sheet(book, _("How firm"), [" · ".join(marks), told], firm, widths, table)
    return stream.getvalue()


def _firm_table(analysis: Analysis, frame: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """What staff may see of every match, and what holds for the whole list."""
    firm, second = firmness(analysis), seconds(analysis)
    rows = []
    for code, name in zip(frame["village_code"], frame["name"], strict=True):
        split, other = firm.split(code), second.get(code)
        rows.append(
            (
                code,
                name,
                *(split or (float("nan"), float("nan"))),
                sum(split) if split else float("nan"),
                other.margin_idr if other else float("nan"),
                other.secret if other else _("nobody else offers anything here"),
            )
        )
    table = pd.DataFrame(rows, columns=["village_code", "name", "village", "provider", "worth", "lead", "words"])
    return " ".join([firm.sentence, firm.who]).strip(), defused(table)


def _sheet(
    book: xlsxwriter.Workbook,
    title: str,
    marks: list[str],
    heads: tuple[str, ...],
    widths: tuple[int, ...],
    frame: pd.DataFrame,
) -> None:
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#E3EEEA"})
    warned = book.add_format({"bold": True, "font_color": "#7A2E00"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    count = book.add_format({"num_format": "#,##0", "valign": "top"})
    for row, mark in enumerate(marks):
        sheet.write_string(row, 0, harmless(mark), warned)
    for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, head, bold)
    for row, values in enumerate(frame.itertuples(index=False), start=3):
        for column, value in enumerate(values):
            if isinstance(value, str):
                sheet.write_string(row, column, value, wrapped)
            elif pd.notna(value):
                sheet.write_number(row, column, float(value), count)
    sheet.freeze_panes(3, 2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
