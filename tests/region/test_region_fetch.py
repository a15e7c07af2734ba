"""Downloads against a server on this machine: resumed, refused, retried, told."""

from __future__ import annotations

import hashlib
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from region_files import boundaries

from coverage import assumptions
from coverage.cli import main
from coverage.errors import InputError
from coverage.language import using
from coverage.region import Report
from coverage.region.fetch import Item, Manners, fetch, items
from coverage.region.importer import Choices, Files, villages_context

BODY = b"0123456789" * 1000
QUICK = Manners(tries=3, wait_s=0.01, pause_s=0.0)


class Server(ThreadingHTTPServer):
    """Counts requests and remembers what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.together = self.most_together = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{path}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *args: object) -> None:
        return

    def reply(self, body: bytes, status: int = 200, announced: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if announced is None else announced))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET(self.rfile.read(int(self.headers["Content-Length"])))

    def do_GET(self, data: bytes = b"") -> None:
        self.server.asked.append((self.path, dict(self.headers), data))
        tries = sum(path == self.path for path, _headers, _data in self.server.asked)
        name = self.path.strip("/").split("?")[0]
        if name == "torn":
            start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
            if start:
                self.reply(BODY[start:], 206, ETag='"1"')
            else:
                self.reply(BODY[:4000], announced=len(BODY), ETag='"1"')
                self.close_connection = True
        elif name == "busy":
            self.reply(BODY) if tries > 2 else self.reply(b"later", 503, Retry_After="0")
        elif name == "limited":
            self.reply(b"RATE_LIMITED")
        elif name == "login":
            self.reply(b"<!DOCTYPE html><html>Log in</html>")
        elif name == "gone":
            self.reply(b"no", 404)
        elif name == "empty":
            self.reply(b"")
        else:
            self.reply(BODY)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def item(server: Server, path: str, **changes: object) -> Item:
    return Item("cells", f"{path.split('?', maxsplit=1)[0]}.csv", server.url(path), **changes)  # type: ignore[arg-type]


def test_file_is_kept_hashed_and_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    for _round in range(2):
        (result,) = fetch([item(server, "fine")], tmp_path, {}, manners=QUICK)
        assert result.path is not None
        assert result.path.read_bytes() == BODY
        assert result.sha256 == hashlib.sha256(BODY).hexdigest()
    assert len(server.asked) == 1
    assert server.asked[0][1]["User-Agent"].startswith("Jangkau")
    result.path.write_bytes(b"damaged")
    fetch([item(server, "fine")], tmp_path, {}, manners=QUICK)
    assert result.path.read_bytes() == BODY


def test_torn_download_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    (result,) = fetch([item(server, "torn")], tmp_path, {}, manners=QUICK)
    assert result.path is not None
    assert result.path.read_bytes() == BODY
    assert server.asked[1][1]["Range"] == "bytes=4000-"
    assert server.asked[1][1]["If-Range"] == '"1"'
    assert sorted(p.name for p in tmp_path.iterdir()) == ["downloads.json", "torn.csv"]


def test_busy_server_is_asked_again(server: Server, tmp_path: Path) -> None:
    (result,) = fetch([item(server, "busy")], tmp_path, {}, manners=QUICK)
    assert result.path is not None
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("path", "said"),
    [("limited", "too many downloads"), ("login", "web page"), ("gone", "404"), ("empty", "line broke")],
)
def test_refusals_leave_no_file_and_say_what_to_do(server: Server, tmp_path: Path, path: str, said: str) -> None:
    with using("en"):
        (result,) = fetch([item(server, path, page="https://example.org/p")], tmp_path, {}, manners=QUICK)
    assert result.path is None
    assert said in result.problem
    assert "https://example.org/p" in result.todo
    assert str(tmp_path / f"{path}.csv") in result.todo
    assert not (tmp_path / f"{path}.csv").exists()


def test_tile_in_the_sea_is_no_error(server: Server, tmp_path: Path) -> None:
    (result,) = fetch([item(server, "gone", optional=True)], tmp_path, {}, manners=QUICK)
    assert (result.path, result.problem) == (None, "")


def test_key_is_sent_but_never_kept_or_shown(server: Server, tmp_path: Path) -> None:
    secret = "s3cr3t-key"  # noqa: S105 - invented
    asked = item(server, "fine?token={key}", key_env="TOKEN")
    (result,) = fetch([asked], tmp_path, {}, manners=QUICK)
    assert "TOKEN" in result.problem
    assert server.asked == []
    (result,) = fetch([asked], tmp_path, {"TOKEN": secret}, manners=QUICK)
    assert server.asked[0][0] == f"/fine?token={secret}"
    assert secret not in (tmp_path / "downloads.json").read_text() + repr(result)
    (result,) = fetch([item(server, "gone?token={key}", key_env="TOKEN")], tmp_path, {"TOKEN": secret}, manners=QUICK)
    assert secret not in result.problem + result.todo


def test_no_connection_tells_what_to_get_by_hand(tmp_path: Path) -> None:
    lost = Item("cells", "x.csv", "http://127.0.0.1:9/x", page="https://example.org/p")
    (result,) = fetch([lost], tmp_path, {}, manners=QUICK)
    assert result.path is None
    assert "https://example.org/p" in result.todo


def test_without_internet_each_file_is_named_and_what_is_put_there_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody answers: what to get, whence, as what; then the same command takes the files that a person got."""
    asked: list[str] = []

    def nobody(request: urllib.request.Request, timeout: float) -> None:
        asked.append(request.host)
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(urllib.request, "urlopen", nobody)
    monkeypatch.setattr("coverage.region.fetch.time.sleep", lambda _seconds: None)
    monkeypatch.delenv("OPENCELLID_TOKEN", raising=False)
    to = tmp_path / "d"
    assert main(["fetch", "3327", "--to", str(to), "--lang", "id"]) == 2
    told = capsys.readouterr().err
    name = "wilayah_boundaries_kel_33.27.sql"
    address = "https://raw.githubusercontent.com/cahyadsn/wilayah_boundaries/main/db/kel/33/" + name
    assert f"Buka {address} di peramban" in told
    assert f"simpan sebagai {to / name}" in told
    assert "isi variabel lingkungan OPENCELLID_TOKEN" in told
    assert f"https://opencellid.org/downloads.php dan simpan sebagai {to / '510.csv.gz'}" in told
    assert "Medan, Menara, Jalan, Fasilitas umum, Dusun: " in told  # after the boundaries
    villages = boundaries(tmp_path)
    words = ["fetch", "33.27", "--layers", "terrain,towers,roads,cells", "--to", str(to), "--lang", "id"]
    asked.clear()
    assert main([*words, "--boundaries", str(villages)]) == 2
    told = capsys.readouterr().err
    assert "Copernicus_DSM_COG_10_S08_00_E109_00_DEM.tif" in told
    assert 'way["highway"](-7.' in told  # the question to ask by hand
    assert asked.count("overpass-api.de") == Manners().tries  # not again for the second question
    (to / "510.csv.gz").write_bytes(BODY)
    assert main([*words[:3], "cells", *words[4:], "--boundaries", str(villages)]) == 0
    (to / "510.csv.gz").write_text("<html>login</html>")
    assert main([*words[:3], "cells", *words[4:], "--boundaries", str(villages)]) == 2


def test_question_is_posted(server: Server, tmp_path: Path) -> None:
    fetch([item(server, "ask", body="[out:json];")], tmp_path, {}, manners=QUICK)
    assert server.asked[0][2] == b"data=%5Bout%3Ajson%5D%3B"


def test_what_is_asked_for_a_regency() -> None:
    box = (109.18, -7.26, 109.61, -6.76)
    found = {i.name: i for i in items("33.27", ["boundaries", "terrain", "cells", "roads"], box)}
    assert found["wilayah_boundaries_kel_33.27.sql"].url.endswith("/kel/33/wilayah_boundaries_kel_33.27.sql")
    assert "Copernicus_DSM_COG_10_S08_00_E109_00_DEM.tif" in found
    assert "Copernicus_DSM_COG_10_S07_00_E109_00_DEM.tif" in found
    assert "{key}" in found["510.csv.gz"].url
    assert "(-7.2600,109.1800,-6.7600,109.6100)" in found["roads.json"].body
    with pytest.raises(InputError):
        items("33.27", ["terrain"], None)
    with pytest.raises(InputError):
        items("33.27", ["gold"], box)
    with pytest.raises(InputError, match=r"99\.99"):  # before any server is asked
        items("99.99", ["boundaries"], None)


def test_command_tells_failures_and_fails(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [item(server, "limited", page="https://example.org/p")]
    monkeypatch.setattr("coverage.region.fetch.items", lambda _code, _kinds, _box: given)
    words = ["fetch", "33.27", "--layers", "cells", "--to", str(tmp_path / "d"), "--lang", "en"]
    assert main([*words, "--boundaries", str(boundaries(tmp_path))]) == 2
    shown = capsys.readouterr().err
    assert "too many downloads" in shown
    assert "https://example.org/p" in shown
    given[0] = item(server, "fine")
    assert main([*words, "--boundaries", str(boundaries(tmp_path))]) == 0
    assert "sha256:" in capsys.readouterr().out


def test_sql_dump_of_boundaries(tmp_path: Path) -> None:
    path = tmp_path / "wilayah_boundaries_kel_33.27.sql"
    ring = "[[-7.05,109.30],[-7.05,109.34],[-7.10,109.34],[-7.10,109.30]]"
    path.write_text(
        "INSERT INTO `wilayah_boundaries` (kode,nama,lat,lng,path) VALUES\n"
        f"('33.27.01.2001','Plakaran',-7.07,109.32,'[{ring}]'),\n"
        f"('33.27.01.2002','Karang ''Sari',-7.07, 109.32,'[[{ring}]]'),\n"
        "('33.27.01','Moga',-7.07,109.32,'[[[1,2],[3,4],[5,6]]]');\n"
    )
    frame, _context = villages_context(Files(path), Choices(), assumptions.load(), Report())
    assert frame["village_name"].tolist() == ["Plakaran", "Karang 'Sari"]
    assert frame.total_bounds.tolist() == [109.30, -7.10, 109.34, -7.05]
