"""Fixtures shared by all tests, and the rule that a test which could run is never skipped."""

from __future__ import annotations

import os
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
