"""Fixtures shared by all tests, and the rule that a test which could run is never skipped."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
#: The longest files, by the work that they are. What waits behind the first one finds the kernels compiled.
_FIRST = (
    "test_ui_offline.py",
    "test_ui_browser.py",
    "test_planning_funders.py",
    "test_store_faults.py",
    "test_batch_cluster.py",
    "test_real_input.py",
    "test_ui_scenario_page.py",
    "test_uncertainty.py",
    "test_planning_plans.py",
    "test_ui_pages.py",
    "test_ui_work_page.py",
    "test_ui_regions.py",
    "test_options_room.py",
    "test_import_real.py",
    "test_ui_indicator_page.py",
    "test_indicators_scores.py",
    "test_sample_region.py",
    "test_site_pages.py",
    "test_ui_partnership.py",
)

pytest_plugins = ["postgres_server"]


def pytest_configure(config: pytest.Config) -> None:
    # Results of the tests' own runs are kept apart from the user's, and shared by the workers.
    base = os.environ.setdefault("JANGKAU_TEST_CACHE", str(ROOT / ".pytest_cache" / "jangkau"))
    os.environ["JANGKAU_CACHE"] = base
    # People's work is not touched by tests, and starts empty in every worker.
    os.environ["JANGKAU_DATA"] = tempfile.mkdtemp(prefix="jangkau-data-")
    os.environ.pop("DATABASE_URL", None)
    if not hasattr(config, "workerinput") and config.option.numprocesses and not config.option.collectonly:
        _compile_kernels()


#: Runs that between them need every kernel: the chain, and the planner on a problem of its own.
_NEED_KERNELS = (
    "from ridge_world import ridge_region; from coverage.analysis import analyse; analyse(ridge_region(450.0))",
    "from planning_instances import make_case; from coverage.planning import plan;"
    " from coverage.scenario import Scenario; c = make_case(30, 4, seed=3);"
    " plan(c.deals, c.option_set, c.benefit, c.region.villages, c.access, Scenario(), c.assumptions)",
)


def _compile_kernels() -> None:
    """Compile the kernels once, before many processes would each do it; done already where nothing changed."""
    rooms = [ROOT / "coverage" / room for room in ("radio", "planning")]
    if "NUMBA_CACHE_DIR" in os.environ or all(
        any(kept.stat().st_mtime > (room / "kernels.py").stat().st_mtime for kept in room.glob("__pycache__/*.nbi"))
        for room in rooms
    ):
        return
    paths = os.pathsep.join(str(ROOT / folder) for folder in (".", "tests", "tests/planning"))
    runs = [
        subprocess.Popen([sys.executable, "-c", run], cwd=ROOT, env={**os.environ, "PYTHONPATH": paths})
        for run in _NEED_KERNELS
    ]
    for run in runs:
        run.wait()  # one that fails is a failure of the tests that need the same


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The longest files first, so that no process is left alone with one at the end.
    items.sort(key=lambda item: _FIRST.index(item.path.name) if item.path.name in _FIRST else len(_FIRST))
    for item in items:
        if item.get_closest_marker("shared") and not SHARED.is_dir():
            item.add_marker(pytest.mark.skip(reason="the real files in ../shared are not here"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> object:
    """With ``JANGKAU_NO_SKIPS`` set, a skip is a failure, except where the real files are absent."""
    report = yield
    if report.skipped and os.environ.get("JANGKAU_NO_SKIPS"):
        excused = item.get_closest_marker("shared") and not SHARED.is_dir()
        if not excused and not hasattr(report, "wasxfail"):
            report.outcome = "failed"
            report.longrepr = f"skipped although it must run here: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def long_run() -> bool:
    """Whether suites that can run long run whole, as in ``.ci/full``, or at reduced counts."""
    return os.environ.get("JANGKAU_LONG") == "1"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the real files; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the real files in ../shared are not here")
    return SHARED
