"""Who is not offered, and why: everything that could be is either offered or refused in words."""

from __future__ import annotations

import pytest
from partnership_world import CODES, A, option_set, providers, villages

from coverage.language import LANGUAGES, using
from coverage.partnership import MODELS, deals, offered, provider_problems, reason_words, refused
from coverage.partnership.models import judged_models, why_not
from coverage.partnership.refused import REASONS


def told(code, who=None, a=A):
    who = providers() if who is None else who
    table = deals(option_set(), villages(), None, who, a)
    options = option_set().options
    village = villages().set_index("village_code", drop=False).loc[code].drop("geometry").to_dict()
    mine = table[table["village_code"] == code]
    return refused(options[options["village_code"] == code], village, who, mine, a), mine, village


@pytest.mark.parametrize("code", CODES[:2])
def test_what_is_refused_is_never_offered_and_has_a_reason_in_both_languages(code):
    found, mine, village = told(code)
    assert not found.empty
    technology = option_set().options.set_index("option_id")["technology"]
    made = set(zip(mine["option_id"].map(technology), mine["provider_id"], mine["business_model"], strict=True))
    pairs = {row[:2] for row in made}
    for row in found.itertuples(index=False):
        if row.business_model:
            assert (row.technology, row.provider_id, row.business_model) not in made
        else:
            assert (row.technology, row.provider_id) not in pairs
        for language in LANGUAGES:
            with using(language):
                assert len(reason_words(row.reason, village["kind"], A)) > 10


def test_a_kelurahan_is_refused_resale_the_village_fund_and_its_own_enterprise():
    found, mine, _village = told(CODES[1])
    why = found.set_index(["provider_id", "technology", "business_model"])["reason"]
    assert why["bumdes", "satellite_wifi", ""] == "no_bumdes"
    assert why["isp_b", "ftth", "bumdes_resale"] == why["isp_b", "ftth", "revenue_share"] == "no_bumdes"
    assert why["isp_b", "ftth", "village_cofunding"] == "funder:dana_desa"
    assert not set(mine["business_model"]) & {"bumdes_resale", "revenue_share", "village_cofunding"}
    with using("id"):
        assert "kelurahan" in reason_words("funder:dana_desa", "kelurahan", A)


def test_licence_terms_presence_and_money_that_may_not_be_used_are_told():
    who = providers().assign(presence=None)
    isp = who["provider_id"] == "isp_b"
    who["technologies"] = who["technologies"].where(~isp, "ftth;satellite_wifi;light_tower")
    found, _mine, _village = told(CODES[0], who)
    why = found.set_index(["provider_id", "technology", "business_model"])["reason"]
    assert why["isp_b", "light_tower", ""] == "no_licence"
    assert why["sat_c", "satellite_wifi", "bumdes_resale"] == "no_resale"
    assert why["sat_c", "satellite_wifi", "uso_subsidised"] == "funder:uso"
    assert why["isp_b", "ftth", "village_cofunding"] == "not_asked"
    assert why["mobile_a", "light_tower", "single_rural_network"] == "not_allowed"
    with using("en"):
        assert "Perpres 63/2020" in reason_words("funder:uso", "desa", A)
    allowed = A.override({"funding.uso_eligible": 1, "funding.village_cofunding": 1})
    after = set(told(CODES[0], who, allowed)[0]["reason"])
    assert not after & {"funder:uso", "not_asked"}
    elsewhere = who.assign(presence=["33.27.09" if one else None for one in isp])
    assert "not_here" in set(told(CODES[0], elsewhere)[0]["reason"])


def test_one_rule_says_both_what_is_offered_and_what_is_not():
    village = {"kind": "desa", "district_code": "33.27.01"}
    for provider in providers().to_dict("records"):
        for technology in ("light_tower", "ftth", "satellite_wifi", "repeater", "new_radio", "fixed_wireless"):
            option = {"technology": technology, "only_operator": "Operator Z", "operators_there": "Operator A"}
            codes, whole = offered(option, village, provider, A), why_not(option, village, provider)
            judged = [] if whole else list(judged_models(option, village, provider, A))
            assert codes == [model for model, reason in judged if not reason]
            assert {model for model, _reason in judged} <= set(MODELS)
            assert whole in ("", "not_named") or whole in REASONS
            assert all(not r or r in REASONS or r.startswith("funder:") for _m, r in judged)


def test_the_regions_quality_report_names_what_a_provider_may_not_do():
    who = providers()
    who.loc[who["provider_id"] == "isp_b", "technologies"] = "ftth;light_tower;balloon"
    with using("en"):
        first, second = provider_problems(who, {"light_tower": "Light tower"}.__getitem__)[:2]
        assert first.what == "ISP B has no licence for Light tower: it is left out of those deals"
        assert (first.layer, first.row, first.column) == ("providers", "2", "technologies")
        assert "balloon" in second.what
        assert "ftth" in second.todo
    assert provider_problems(providers().iloc[:2]) == []
