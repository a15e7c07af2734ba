"""Downloads from the live sources: resumed, checked, hashed, polite; by hand where that is not possible."""

from __future__ import annotations

import contextvars
import hashlib
import http.client
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coverage.errors import InputError, JangkauError
from coverage.language import _
from coverage.progress import Progress, silent
from coverage.region.facts import province_names
from coverage.region.messages import sentence
from coverage.region.sources.columns import table
from coverage.region.sources.files import refusal
from coverage.region.terrain import tile_names

_AGENT = "Jangkau (perencana jangkauan internet desa)"
_BLOCK = 256 * 1024
_TIMEOUT_S = 60
_PARALLEL = 4
_BUSY = (416, 429, 500, 502, 503, 504)  # worth asking again
_NOT_THERE = (403, 404)
_REGISTER = "downloads.json"

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Item:
    """One file to download.

    ``url`` may hold ``{key}``, filled from the key named by ``key_env`` only when the request is
    made: it is never shown or kept. ``body`` makes it a POST. A missing ``optional`` file (a tile
    in the sea) is no error. ``page`` is where a person finds it.
    """

    layer: str
    name: str
    url: str
    body: str = ""
    key_env: str = ""
    optional: bool = False
    page: str = ""


@dataclass(frozen=True)
class Fetched:
    """What became of an item: the file, or why there is none and what to do by hand."""

    item: Item
    path: Path | None
    sha256: str = ""
    problem: str = ""
    todo: str = ""


class _Failed(Exception):  # noqa: N818 - carries a sentence, not a fault of ours
    """A download that will not succeed; holds the sentence for the user."""


@dataclass(frozen=True)
class Manners:
    """How politely to ask: tries, seconds before the second try (doubling), seconds between requests to a host."""

    tries: int = 4
    wait_s: float = 2.0
    pause_s: float = 1.0


def layers() -> list[str]:
    """Kinds of files that can be fetched, boundaries first."""
    return list(dict.fromkeys(table("downloads")["layer"]))


def needs_place(kind: str) -> bool:
    """Whether files of a kind can be asked for only where the regency's place is known."""
    rows = table("downloads")
    return any(_needs_box(row) for row in rows[rows["layer"] == kind].to_dict("records"))


def items(code: str, wanted: Iterable[str], box: Box | None) -> list[Item]:
    """What to download for a regency.

    Parameters
    ----------
    code : str
        Kemendagri code of the regency, ``33.27``.
    wanted : iterable of str
        Kinds of files, of :func:`layers`.
    box : tuple, optional
        (west, south, east, north) in degrees; only boundaries do without.

    Raises
    ------
    InputError
        For a code of no province, an unknown kind, or where the box is needed and missing.
    """
    if code[:2] not in province_names():
        raise InputError(
            _("No province has such a code"), where=code, todo=_("Give the Kemendagri code of a regency, such as 33.27")
        )
    rows = table("downloads").to_dict("records")
    known = layers()
    result = []
    for kind in wanted:
        if kind not in known:
            raise InputError(
                _("This cannot be fetched"), where=kind, todo=_("Choose from: {names}").format(names=", ".join(known))
            )
        for row in (r for r in rows if r["layer"] == kind):
            result.extend(_items(row, code, box))
    return result


def _items(row: Mapping[Any, Any], code: str, box: Box | None) -> list[Item]:
    facts = {"code": code, "province": code.split(".", maxsplit=1)[0], "key": "{key}"}
    if _needs_box(row) and box is None:
        raise InputError(
            _("The place of the regency is not known yet"), where=code, todo=_("Fetch or give the boundaries first")
        )
    if box is not None:
        west, south, east, north = box
        facts["box"] = f"{south:.4f},{west:.4f},{north:.4f},{east:.4f}"
    tiles = [_copernicus(name) for name in tile_names(box)] if row["each"] == "tile" and box else [""]
    return [
        Item(
            row["layer"],
            row["name"].format(tile=tile, **facts),
            row["url"].format(tile=tile, **facts),
            row["body"].replace("{box}", facts.get("box", "")),
            row["key_env"],
            row["optional"] == "yes",
            row["page"],
        )
        for tile in tiles
    ]


def _needs_box(row: Mapping[Any, Any]) -> bool:
    return bool(row["each"]) or "{box}" in row["body"]


def _copernicus(tile: str) -> str:
    """``S08E109`` as Copernicus writes it: ``S08_00_E109_00``."""
    return f"{tile[:3]}_00_{tile[3:]}_00"


def fetch(
    wanted: Iterable[Item],
    folder: Path,
    keys: Mapping[str, str],
    progress: Progress | None = None,
    manners: Manners = Manners(),
) -> list[Fetched]:
    """Download files side by side, one request at a time per host.

    A file that is there with its recorded fingerprint, or that somebody put there by hand, is not
    asked for again; an interrupted one goes on where it stopped. Bodies that are no data are thrown
    away. A host that does not answer at all is not asked for its other files.

    Parameters
    ----------
    folder : Path
        Where the files go, with a register ``downloads.json`` (address, fingerprint, size).
    keys : mapping
        Secret keys by the name of their environment variable.

    Returns
    -------
    list of Fetched
        In the order asked, failures included.
    """
    asked = list(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    tell = progress or silent
    register = _Register(folder / _REGISTER)
    hosts: dict[str, _Host] = {}
    for item in asked:
        hosts.setdefault(_host(item), _Host(manners.pause_s))
    done = 0
    lock = threading.Lock()

    def one(item: Item) -> Fetched:
        nonlocal done
        result = _fetch_one(item, folder, keys, register, hosts[_host(item)], manners)
        with lock:
            done += 1
            tell(item.name, done / len(asked))
        return result

    with ThreadPoolExecutor(_PARALLEL) as pool:  # each in the caller's language, which threads do not inherit
        pending = [pool.submit(contextvars.copy_context().run, one, item) for item in asked]
        return [task.result() for task in pending]


class _Register:
    """What was downloaded before: file name to address, fingerprint and size."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        try:
            self._rows: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._rows = {}

    def holds(self, item: Item, path: Path) -> str:
        """The fingerprint where the file is there as it was recorded, else empty."""
        row = self._rows.get(item.name, {})
        if row.get("url") == item.url and row.get("body", "") == item.body and path.is_file():
            digest = _digest(path)
            return digest if digest == row.get("sha256") else ""
        return ""

    def adopted(self, item: Item, path: Path) -> str:
        """The fingerprint of a file that somebody put there without us, now recorded; else empty."""
        if item.name in self._rows or not path.is_file() or refusal(path):
            return ""
        return self.note(item, path)

    def note(self, item: Item, path: Path) -> str:
        digest = _digest(path)
        row = {"url": item.url, "body": item.body, "sha256": digest, "bytes": path.stat().st_size}
        with self._lock:
            self._rows[item.name] = row
            text = json.dumps(dict(sorted(self._rows.items())), indent=2, ensure_ascii=False)
            self._path.write_text(text + "\n", encoding="utf-8")
        return digest


class _Host:
    """One request at a time to a host, with a pause between; one that could not be reached is not asked again."""

    def __init__(self, pause_s: float) -> None:
        self.lock, self._pause, self._last = threading.Lock(), pause_s, 0.0
        self.problem = ""

    def wait(self) -> None:
        time.sleep(max(0.0, self._last + self._pause - time.monotonic()))
        self._last = time.monotonic()


def _host(item: Item) -> str:
    return urllib.parse.urlsplit(item.url).netloc


def _fetch_one(
    item: Item, folder: Path, keys: Mapping[str, str], register: _Register, host: _Host, manners: Manners
) -> Fetched:
    path = folder / item.name
    if digest := register.holds(item, path) or register.adopted(item, path):
        return Fetched(item, path, digest)
    by_hand = _by_hand(item, path)
    if item.key_env and not keys.get(item.key_env):
        problem = _("A key is needed: set the environment variable {name}").format(name=item.key_env)
        return Fetched(item, None, problem=problem, todo=by_hand)
    part = path.with_name(path.name + ".part")
    try:
        with host.lock:
            found = _with_patience(lambda: _download(item, part, keys), host, manners)
    except _Failed as failed:
        return Fetched(item, None, problem=str(failed), todo=by_hand)
    if not found:
        return Fetched(item, None)
    if code := refusal(part):
        part.unlink()
        return Fetched(item, None, problem=sentence(code, {}), todo=by_hand)
    part.replace(path)
    return Fetched(item, path, register.note(item, path))


def _by_hand(item: Item, path: Path) -> str:
    """What a person does who gets the file without us: the address that a browser opens, or the question to ask."""
    if item.body:
        text = _("Open {page}, run the question below, export its raw data and save it as {path}: {question}")
        return text.format(page=item.page or item.url, path=path, question=item.body)
    if item.key_env or not item.page:
        return _("Download it by hand from {page} and save it as {path}").format(page=item.page or item.url, path=path)
    text = _("Open {url} in a browser, or look for {name} on {page}, and save it as {path}")
    return text.format(url=item.url, name=item.name, page=item.page, path=path)


def _with_patience(ask: Callable[[], bool], host: _Host, manners: Manners) -> bool:
    """Ask again where the server is busy or the line broke, waiting twice as long each time."""
    if host.problem:
        raise _Failed(host.problem)
    wait = manners.wait_s
    problem = ""
    reached = False
    for attempt in range(manners.tries):
        host.wait()
        try:
            return ask()
        except urllib.error.HTTPError as error:
            reached = True
            problem = _("The server answered {status}").format(status=error.code)
            if error.code not in _BUSY:
                break
            told = error.headers.get("Retry-After", "")
            wait = max(wait, float(told)) if told.isdigit() else wait
        except urllib.error.URLError:
            problem = _("The server cannot be reached: is this computer on the internet?")
        except (http.client.HTTPException, ConnectionError, TimeoutError):
            problem, reached = _("The line broke"), True
        except OSError as error:
            raise _Failed(_("The file cannot be written here")) from error
        if attempt + 1 < manners.tries:
            time.sleep(wait)
            wait *= 2
    if not reached:
        host.problem = problem
    raise _Failed(problem)


def _download(item: Item, part: Path, keys: Mapping[str, str]) -> bool:
    """Write the body to ``part``, going on where an earlier try stopped; false: an optional file is not there."""
    url = item.url.replace("{key}", urllib.parse.quote(keys.get(item.key_env, ""), safe=""))
    if urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
        raise JangkauError(_("Only http and https addresses are fetched"), where=item.name)
    data = urllib.parse.urlencode({"data": item.body}).encode() if item.body else None
    request = urllib.request.Request(url, data=data, headers={"User-Agent": _AGENT})  # noqa: S310 - checked above
    version = part.with_name(part.name + ".version")  # what the server called this state of the file
    if part.is_file() and version.is_file() and data is None:
        request.add_header("Range", f"bytes={part.stat().st_size}-")
        request.add_header("If-Range", version.read_text(encoding="ascii"))
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - checked above
            tag = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
            version.write_text(tag, encoding="ascii") if tag else version.unlink(missing_ok=True)
            _pour(answer, part, goes_on=answer.status == http.HTTPStatus.PARTIAL_CONTENT)
    except urllib.error.HTTPError as error:
        if item.optional and error.code in _NOT_THERE:
            return False
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink(missing_ok=True)  # the file has changed since: from the beginning
        raise
    version.unlink(missing_ok=True)
    return True


def _pour(answer: http.client.HTTPResponse, part: Path, *, goes_on: bool) -> None:
    """Write a body to a file; a body shorter than announced is a broken line (urllib does not tell)."""
    told = answer.headers.get("Content-Length", "")
    written = 0
    with part.open("ab" if goes_on else "wb") as sink:
        while block := answer.read(_BLOCK):
            sink.write(block)
            written += len(block)
    if not written or (told.isdigit() and written < int(told)):
        raise http.client.IncompleteRead(b"", int(told) - written if told.isdigit() else None)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
