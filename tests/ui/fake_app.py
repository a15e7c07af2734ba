"""The app on an analysis made by hand: what is tested here is what is shown.

``JANGKAU_TEST`` may hold ``hostile`` (markup in every text field), ``partial`` (real instead of
sample data), ``slow`` (a first analysis that does not end unless it is stopped)
or ``ridge`` (the whole chain on a small world). Regions that somebody imports are real in every mode.
"""

import os
import sys
import time
import types
from pathlib import Path

from coverage.analysis import analyse as run_chain
from coverage.region import library, load
from coverage.ui import main
from tests.fake_analysis import make_analysis, make_region
from tests.ridge_world import ridge_region
from tests.ui.fake_names import HOSTILE

mode = os.environ.get("JANGKAU_TEST", "")


def analyse(region, scenario, progress=None):
    shared = sys.modules["fake_region"]
    if mode == "ridge" or region is not shared.region:
        return run_chain(region, scenario, progress)
    steps = 10_000 if mode == "slow" and not shared.asked else 1
    for step in range(steps):
        shared.asked = True
        if progress:
            progress("Menghitung", step / steps)
        time.sleep(0.1 if mode == "slow" else 0.05)
    return make_analysis(scenario, region=region, hostile=HOSTILE if mode == "hostile" else "")


main._make = lambda region, scenario: lambda progress: analyse(region, scenario, progress)
if "fake_region" not in sys.modules:
    holder = types.ModuleType("fake_region")
    holder.region = (
        ridge_region(450.0)
        if mode == "ridge"
        else make_region(sample=mode != "partial", hostile=HOSTILE if mode == "hostile" else "")
    )
    holder.asked = False
    sys.modules["fake_region"] = holder
main._region = lambda folder, _stamp: (
    load(Path(folder)) if library.folder() in Path(folder).parents else sys.modules["fake_region"].region
)
main.run()
