"""Drafts beside their place: new each time, and what a killed run left behind goes after a day."""

import os
import time

from coverage.swap import draft_file, draft_folder

DAY_S = 86_400


def age(path, seconds):
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_abandoned_drafts_go_after_a_day_and_nothing_else_does(tmp_path):
    target = tmp_path / "wilayah [1]"
    old, fresh = draft_folder(target), draft_folder(target)
    (old / "half.csv").write_text("half")
    other, file = draft_folder(tmp_path / "lain"), draft_file(target)
    notes = tmp_path / ".wilayah [1]-notes"
    notes.mkdir()
    for path in (old, other, file, notes):
        age(path, 2 * DAY_S)
    age(fresh, DAY_S / 2)
    made = draft_folder(target)
    assert sorted(tmp_path.iterdir()) == sorted([fresh, other, notes, made])
    assert made.is_dir()
    assert not any(made.iterdir())
