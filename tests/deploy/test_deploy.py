"""The files of ``deploy/``: linted, and their commands tried one by one, as no container can be built here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False
    )


def tool(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    text = (DEPLOY / "compose.yaml").read_text()
    settings = {"POSTGRES_PASSWORD": "p", "JANGKAU_HOST": "h"}
    return yaml.safe_load(re.sub(r"\$\{(\w+):\?[^}]*\}", lambda m: settings[m[1]], text))


def test_the_dockerfile_has_no_faults() -> None:
    assert run(tool("hadolint"), "--failure-threshold", "warning", "deploy/Dockerfile").stdout == ""


def test_the_image_holds_what_the_program_needs_and_no_more(tmp_path: Path) -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    copied = [part for line in lines if line.startswith("COPY ") for part in line.split()[1:-1]]
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied) == allowed
    for part in copied:
        source, target = ROOT / part, tmp_path / part
        assert source.exists(), part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    program = "import coverage.ui.main, coverage.cli.main, coverage.region as r; r.load('data/pemalang')"
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert found.returncode == 0, found.stderr


def test_nobody_is_root_and_nothing_floats(compose: dict[str, Any]) -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    user = next(line.split()[1] for line in reversed(lines) if line.startswith("USER "))
    assert int(user) > 0
    images = [line.split()[1] for line in lines if line.startswith("FROM ")]
    images += [service["image"] for service in compose["services"].values() if service["image"] != "jangkau"]
    for image in images:
        assert re.search(r":\d+[.\d]*", image), f"{image} is not pinned"
    assert all("==" in line for line in (ROOT / "requirements.txt").read_text().splitlines() if line[:1].isalpha())


def test_only_the_proxy_can_be_reached_and_the_database_reaches_nobody(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert compose["networks"]["back"]["internal"] is True
    assert services["database"]["networks"] == ["back"]
    assert "back" not in services["proxy"]["networks"]
    for service in services.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            named = not source.startswith(".")
            assert source in compose["volumes"] if named else (DEPLOY / source).exists() or source == "./secrets.toml"


def test_the_health_check_asks_what_the_app_answers() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert "/_stcore/health" in text
    port = re.search(r"--server.port=(\d+)", text)
    assert port
    assert f"127.0.0.1:{port[1]}/_stcore/health" in text
    assert f":{port[1]}" in (DEPLOY / "Caddyfile").read_text()


def test_the_proxy_reads_its_file() -> None:
    found = run(tool("caddy"), "adapt", "--config", "deploy/Caddyfile", "--adapter", "caddyfile", JANGKAU_HOST="x.id")
    assert found.returncode == 0, found.stderr
    assert "reverse_proxy" in found.stdout
    assert '"x.id"' in found.stdout


def test_the_units_hold(tmp_path: Path) -> None:
    analyze = tool("systemd-analyze")
    for unit in ("jangkau.service", "jangkau-backup.service", "jangkau-backup.timer"):
        text = (DEPLOY / unit).read_text().replace("/opt/jangkau/.venv/bin/streamlit", sys.executable)
        (tmp_path / unit).write_text(text)
    found = run(analyze, "verify", *[str(path) for path in sorted(tmp_path.iterdir())])
    assert found.returncode == 0, found.stderr
    assert "jangkau" not in found.stderr, found.stderr


def test_the_backup_job_makes_one_and_keeps_fourteen(tmp_path: Path) -> None:
    folder = tmp_path / "backups with a space"
    folder.mkdir()
    for day in range(1, 18):
        (folder / f"jangkau-202601{day:02}T023000Z.zip").write_bytes(b"old")
    found = run("sh", "deploy/backup.sh", str(folder), PYTHON=sys.executable, JANGKAU_DATA=str(tmp_path / "data"))
    assert found.returncode == 0, found.stderr
    kept = sorted(path.name for path in folder.iterdir())
    assert len(kept) == 14
    assert kept[0] == "jangkau-20260105T023000Z.zip"
    assert (folder / kept[-1]).read_bytes()[:2] == b"PK"
