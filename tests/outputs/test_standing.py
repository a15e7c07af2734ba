"""Who comes second, what would turn it round, how firm the list is: figures that follow from the tables."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from python_calamine import CalamineWorkbook

from coverage.analysis import analyse
from coverage.language import LANGUAGES, number, rupiah_short, using
from coverage.outputs import story
from coverage.outputs.basis import basis
from coverage.outputs.documents import bumdes_worksheet, letter_of_intent, request_for_information, term_sheet
from coverage.outputs.match_list import alternatives, match_list, match_list_xlsx
from coverage.outputs.standing import firmness, seconds
from coverage.outputs.together import groups, prices
from coverage.partnership import KeptTerms, by_party, cash_flow, deal, match_of_plan
from tests.fake_analysis import make_analysis
from tests.ridge_world import ridge_region

KEPT = KeptTerms(price_idr_month=99_000.0, subsidy_idr=4.2e8, term_years=7.0, speed_mbps=33.0, by="Bu Sri",
                 at="2026-11-20T05:00:00.000000Z", version=1)  # fmt: skip


@pytest.fixture(scope="module")
def ridge():
    return analyse(ridge_region(450.0))


@pytest.fixture(scope="module")
def fake():
    return make_analysis()


def test_the_second_is_the_next_best_of_the_match_list_and_its_differences_add_up(fake):
    found = seconds(fake)
    deals = fake.deals.set_index("deal_id")
    chosen = fake.plan.chosen.set_index("village_code")
    for code, second in found.items():
        with using("en"):
            assert second.provider == alternatives(fake, code)["provider"].iloc[1]
            assert second.provider in second.sentence
            assert second.first_provider in second.turn
        first, other = deals.loc[chosen.loc[code, "deal_id"]], deals.loc[second.deal_id]
        assert second.more_public_idr == pytest.approx(other["subsidy_idr"] - first["subsidy_idr"])
        own = first["npv_idr"] + first["backhaul_cost_pv_idr"] - chosen.loc[code, "backhaul_cost_pv_idr"]
        assert second.worth_idr == pytest.approx(own + first["village_payoff_idr"])
        assert second.margin_idr == pytest.approx(second.worth_idr - other["npv_idr"] - other["village_payoff_idr"])
    assert found


def test_what_only_staff_may_see_is_in_no_sentence_for_all(fake):
    for second in seconds(fake).values():
        with using("en"):
            public = f"{second.sentence} {second.turn}"
            assert "worth" not in public
            assert "may ask for" not in public
            assert rupiah_short(abs(second.margin_idr)) in second.secret


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_villages_story_tells_the_second(fake, lang):
    with using(lang):
        for code, second in seconds(fake).items():
            told = story(fake, code).paragraph("second")
            assert told is not None
            assert told.text == f"{second.sentence} {second.turn}"


def test_how_firm_the_list_is_follows_from_its_payoffs(ridge):
    firm = firmness(ridge)
    again = match_of_plan(ridge.deals, ridge.plan.chosen, ridge.region.providers, beside=ridge.unaided)
    assert again.epsilon_idr - 1 <= firm.match.epsilon_idr <= again.epsilon_idr + 1e-3 * again.surplus_idr + 1
    assert firm.inside.epsilon_idr <= firm.match.epsilon_idr + 1
    with using("en"):
        assert firm.sentence.startswith("Stable" if firm.match.stable else "Not stable")
        if not firm.match.stable:
            assert rupiah_short(firm.match.epsilon_idr) in firm.sentence
    for code in ridge.plan.chosen["village_code"]:
        split = firm.split(code)
        row = firm.inside.table.set_index("village_code").loc[code]
        assert split is not None
        assert sum(split) == pytest.approx(row["surplus_idr"])


def test_the_workbook_has_a_sheet_for_staff_alone(fake):
    with using("en"):
        plain = CalamineWorkbook.from_filelike(io.BytesIO(match_list_xlsx(fake)))
        assert len(plain.sheet_names) == 1
        book = CalamineWorkbook.from_filelike(io.BytesIO(match_list_xlsx(fake, secrets=True)))
        sheet = book.get_sheet_by_index(1).to_python()
        assert "For staff only" in sheet[0][0]
        assert "bukan penetapan penyedia" in sheet[0][0]
        assert sheet[1][0].startswith(firmness(fake).sentence[:20])
        lead = {row[0]: row[5] for row in sheet[3:]}
        for code, second in seconds(fake).items():
            assert lead[code] == pytest.approx(second.margin_idr)
        first = book.get_sheet_by_index(0).to_python()
        told = {row[0]: row[first[2].index("What would turn it round")] for row in first[3:]}
        assert all(told[code] == second.turn for code, second in seconds(fake).items())


def test_kept_terms_stand_in_the_match_list_and_in_the_papers(fake):
    chosen = fake.plan.chosen.sort_values("subsidy_idr").iloc[-1]
    deal_id = str(chosen["deal_id"])
    kept = {deal_id: replace(KEPT, price_idr_month=None)}
    with using("en"):
        listed = match_list(fake, kept).set_index("deal_id")
        assert listed.loc[deal_id, "subsidy"] == 4.2e8
        assert "Bu Sri" in listed.loc[deal_id, "terms"]
        assert (listed.drop(index=deal_id)["terms"] == "as calculated").all()
        for make in (term_sheet, letter_of_intent):
            text = str(make(fake, deal_id, kept[deal_id]).parts)
            assert rupiah_short(4.2e8) in text
            assert "33 Mbps" in text
            assert "7 years" in text
            assert "Terms as set by Bu Sri on" in text
            assert rupiah_short(float(chosen["subsidy_idr"])) in text  # what was calculated
            assert "Terms as set" not in str(make(fake, deal_id).parts)


def test_kept_terms_are_reckoned_in_the_worksheet_of_the_village_enterprise(ridge):
    """Its figures are the cash flow of the deal at those terms, over their years: what the editor shows."""
    mine = ridge.deals[ridge.deals["business_model"] == "bumdes_resale"].sort_values("deal_id")
    row = mine.iloc[-1]
    own = replace(KEPT, village_share=0.45, contribution_idr=2.5e7)
    usual = deal(row["deal_id"], ridge.option_set, ridge.region.villages, ridge.region.providers, ridge.assumptions)
    longer = ridge.assumptions.override({"funding.horizon_years": own.term_years})
    made = deal(row["deal_id"], ridge.option_set, ridge.region.villages, ridge.region.providers, longer)
    terms = replace(
        usual.terms, price_idr_month=99_000.0, subsidy_idr=4.2e8, village_share=0.45, contribution_idr=2.5e7
    )
    flow = by_party(cash_flow(made.project, terms), 7)
    village = flow["village_enterprise"] + flow["village_budget"]
    with using("en"):
        parts = {part.title: part for part in bumdes_worksheet(ridge, row["village_code"], {row["deal_id"]: own}).parts}
        told = dict(parts["Does it pay for the village?"].rows)
        assert told["Price a month, tax included"] == rupiah_short(99_000.0)
        assert told["What the enterprise keeps of sales"] == "45%"
        rate = made.project.finance.social_rate
        worth = sum(value / (1 + rate) ** year for year, value in enumerate(village))
        assert told["NPV (present value of all that comes in and goes out)"] == rupiah_short(worth)
        # the village's 25 million must come back from what each subscriber leaves it
        count = made.project.market.subscribers(99_000.0)
        needed = float(count) * 2.5e7 / (float(village.sum()) + 2.5e7)
        if village.sum() + 2.5e7 > 0:
            assert told["Break-even (subscribers)"] == number(-(-needed // 1))
        years = parts["Year by year"].rows
        assert len(years) == 8
        assert [line[3] for line in years] == [rupiah_short(value) for value in flow["village_budget"]]
        assert years[-1][-1] == rupiah_short(float(village.sum()))
        assert "Terms as set by Bu Sri on" in str(parts["The business"].text)
        assert dict(parts["The business"].rows)["Speed shared by all"] == "33 Mbps"
        plain = bumdes_worksheet(ridge, row["village_code"])
        assert "Terms as set" not in str(plain.parts)


def test_providers_are_asked_for_what_villages_want_and_told_no_price_and_no_public_money(fake):
    chosen = fake.plan.chosen
    deal_id, code = str(chosen["deal_id"].iloc[0]), str(chosen["village_code"].iloc[0])
    own = {deal_id: replace(KEPT, contribution_idr=1.7e7)}
    with using("en"):
        text = str(request_for_information(fake, list(chosen["village_code"]), own).parts)
        for wanted in ("33 Mbps", "7 years", rupiah_short(1.7e7)):
            assert wanted in text
        assert rupiah_short(99_000.0) not in text
        assert rupiah_short(4.2e8) not in text
        assert "Bu Sri" not in text
        others = [c for c in chosen["village_code"] if c != code]
        assert "33 Mbps" not in str(request_for_information(fake, others, own).parts)


def test_a_kept_price_brings_as_many_subscribers_as_would_pay_it(ridge):
    from coverage.outputs.documents.content import subject

    free = ridge.deals[~ridge.deals["option_id"].str.contains("tower")].iloc[0]
    dear = replace(KEPT, price_idr_month=2.0 * float(free["price_idr_month"]))
    about, before = subject(ridge, str(free["deal_id"]), dear), subject(ridge, str(free["deal_id"]))
    assert about.price_idr_month == dear.price_idr_month
    assert 0 < about.subscribers < before.subscribers


def test_a_bill_adds_up_and_says_what_is_judgement(ridge):
    for option in ridge.option_set.options.itertuples():
        found = basis(ridge, option.option_id)
        once = found.lines["kind"] == "capex"
        assert found.lines.loc[once, "amount_idr"].sum() == pytest.approx(option.capex_idr)
        assert found.lines.loc[~once, "amount_idr"].sum() == pytest.approx(option.opex_idr_per_year)
        assert 0 <= found.judged_share <= 1
        judged = [not ridge.assumptions.row(item).source for item in ridge.option_set.bill_of(option.option_id)["item"]]
        assert found.lines["judgement"].sum() == sum(judged)
        with using("en"):
            assert ("judgement" in found.sentence) == (found.judged_share >= 0.1 or found.carries is not None)


def test_together_never_costs_more_than_the_sum_and_names_whom_to_ask(ridge):
    for code, group in groups(ridge).items():
        assert code in group.cluster.village_codes
        assert group.saving_idr > 0
        with using("en"):
            told = group.sentence(code)
            assert rupiah_short(float(group.cluster.split.shares[group.at(code)])) in told
            assert group.first(code)[0] in told
            assert group.rule
        table = prices(ridge, group)
        assert table["backhaul_together_idr"].sum() <= table["backhaul_alone_idr"].sum()
