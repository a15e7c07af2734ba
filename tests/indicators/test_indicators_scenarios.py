"""Ready scenarios and the weight of equity."""

import pandas as pd
import pytest
from pydantic import ValidationError

from coverage.assumptions import load
from coverage.errors import ScenarioError
from coverage.language import using
from coverage.planning import check_plan, plan
from coverage.planning.instance import worth_rows
from coverage.scenario import FOLDER, Scenario, load_scenario
from tests.planning.planning_instances import make_case


def test_quick_wins_need_little_money_and_nothing_that_is_built_slowly():
    quick = load_scenario(FOLDER / "quick_wins.toml")
    assert quick.name == "quick_wins"
    assert quick.budget_idr <= Scenario().budget_idr / 5
    assert set(quick.technologies) == {"new_radio", "repeater", "fixed_wireless", "satellite_wifi"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda p: p.stem)
def test_every_ready_scenario_loads(path):
    assert load_scenario(path).name == path.stem


def test_all_faults_of_a_file_are_told_at_once(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text('budget_idr = -1\nbudged = 2\nobjective = "glory"\n', encoding="utf-8")
    with using("en"), pytest.raises(ScenarioError) as found:
        load_scenario(path)
    assert found.value.where == "bad.toml"
    assert len(found.value.todo.splitlines()) == 3
    assert "budged: there is no such field" in found.value.todo


@pytest.mark.parametrize("content", [b"budget_idr = [", b"\xff\xfe", b'technologies = ["carrier_pigeon"]'])
def test_a_file_that_cannot_be_used_is_refused_in_words(tmp_path, content):
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError):
        load_scenario(path)
    with pytest.raises(ScenarioError):
        load_scenario(tmp_path / "absent.toml")


def test_worth_grows_with_need_by_the_weight():
    reach = pd.DataFrame(
        {"option_id": ["a", "b"], "settlement_id": ["1", "2"], "village_code": ["v", "w"], "population_gained": 10.0}
    )
    benefit = reach.assign(index_gain=1.0)
    access = pd.DataFrame({"village_code": ["v", "w"], "need": [0.0, 50.0]})

    def worth(**given):
        return worth_rows(reach, benefit, access, Scenario(**given), load()).worth.tolist()

    assert worth() == [1.0, 1.0]
    assert worth(equity_weight=2) == [1.0, 2.0]
    assert worth(equity_weight=2, objective="people") == [10.0, 20.0]
    assert worth(equity_weight=2, objective="villages") == [10.0, 10.0]
    with pytest.raises(ValidationError):
        Scenario(equity_weight=-1)


def test_equity_moves_money_to_need_and_the_plan_stays_sound():
    case = make_case(20, seed=3)
    need = 100 * (1 - case.region.villages.set_index("village_code").covered_share)
    villages = case.access.villages
    villages["need"] = villages.village_code.map(need)

    def needy(weight):
        scenario = Scenario(budget_idr=6e9, equity_weight=weight, node_limit=20)
        made = plan(*case.arguments(), scenario, case.assumptions)
        assert check_plan(made, case, scenario) == []
        return made, float((made.chosen.population_gained * made.chosen.village_code.map(need)).sum())

    plain, fair = needy(0.0), needy(10.0)
    assert fair[1] >= plain[1]
    assert fair[0].index_gain <= plain[0].index_gain * 1.02
