"""The app on a machine without any network but itself."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def _unshare():
    """The command that takes the network away; nothing where that cannot be done here."""
    if shutil.which("unshare"):
        for command in (["unshare", "-n"], ["unshare", "-r", "-n"]):
            if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
                return command
    return []


_UP = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    flags = struct.pack('16sh', b'lo', 0x1 | 0x40)
    fcntl.ioctl(s, 0x8914, flags + bytes(16))  # SIOCSIFFLAGS: up, running
with socket.socket() as s:
    s.settimeout(2)
    try:
        s.connect(('192.0.2.1', 80))
    except OSError:
        pass
    else:
        sys.exit('there is a network')
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.mark.skipif(not (ROOT / "data/pemalang/datapackage.json").is_file(), reason="no embedded region")
def test_the_embedded_region_goes_the_whole_way_without_a_network(tmp_path):
    """Only loopback is up: the server's audit hook and the browser's requests show no attempt to leave."""
    environment = {**os.environ, "HOME": str(tmp_path)}
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_CURRENT_TEST"):
        environment.pop(name, None)
    away = _unshare()
    start = [*away, sys.executable, "-c", _UP] if away else [sys.executable]
    done = subprocess.run(
        [*start, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "tests/ui/journey.py"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert re.search(r"^\.+ ", done.stdout, re.MULTILINE), "it was skipped: " + done.stdout[-2000:]
    if not away:
        pytest.skip("the journey passed, but this machine does not let the network be taken away")
