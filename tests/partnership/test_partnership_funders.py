"""Whose money may pay for what, and villages that pay a part."""

from __future__ import annotations

import pytest
from partnership_world import CODES, A, option_set, providers, villages

from coverage.errors import InputError
from coverage.language import using
from coverage.partnership import available_idr, deal, deals, load_funders, npv, refusal


def test_a_kelurahan_has_no_village_fund():
    assert refusal("dana_desa", "desa", "capital", A) == ""
    with using("id"):
        told = refusal("dana_desa", "kelurahan", "capital", A)
    assert "Dana Desa" in told
    assert "kelurahan" in told
    assert available_idr("dana_desa", "kelurahan", "capital", A) == 0
    assert refusal("apbd", "kelurahan", "capital", A) == ""


def test_the_village_fund_is_only_its_discretionary_part():
    assert available_idr("dana_desa", "desa", "capital", A) == pytest.approx(943e6 * 0.08)


def test_the_universal_service_fund_is_refused_on_java_and_allowed_if_policy_were():
    assert "Perpres 63/2020" in refusal("uso", "desa", "capital", A)
    assert refusal("uso", "desa", "capital", A.override({"funding.uso_eligible": 1})) == ""


def test_unknown_funders_and_broken_tables_are_told(tmp_path):
    assert refusal("lottery", "desa", "capital", A)
    assert available_idr("lottery", "desa", "capital", A) == 0
    broken = tmp_path / "funders.csv"
    broken.write_text("funder,party\nx,public\n", encoding="utf-8")
    with pytest.raises(InputError, match="legal_basis"):
        load_funders(broken)


def test_villages_pay_only_where_the_scenario_says_so():
    def table(a):
        made = deals(option_set(), villages(), None, providers(), a)
        return made[made["business_model"] == "village_cofunding"]

    assert table(A).empty
    asked = A.override({"funding.village_cofunding": 1})
    told = table(asked)
    assert len(told)
    assert set(told["village_code"]) == {CODES[0]}  # the kelurahan has no village fund
    for row in told.to_dict("records"):
        opened = deal(row["deal_id"], option_set(), villages(), providers(), asked)
        paid = opened.terms.contribution_idr
        assert 0 <= paid <= available_idr("dana_desa", "desa", "capital", asked) + 1
        assert npv(opened.project, opened.terms.price_idr_month, opened.terms)[0] == pytest.approx(
            row["npv_idr"], abs=1
        )
        assert row["npv_idr"] >= -1
