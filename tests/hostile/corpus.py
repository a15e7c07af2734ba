"""What somebody might hand in who means no good: texts, files, archives, tables and scenarios."""

from __future__ import annotations

import gzip
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

MEGABYTE = 1024**2

#: Texts for every field that people or files can fill.
TEXTS: dict[str, str] = {
    "html": "<img src=x onerror=alert(1)><script>alert(2)</script></textarea><svg/onload=alert(3)>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "javascript": "[x](javascript:alert(1)) ![p](http://example.org/p.png)",
    "template": "{{7*7}} ${7*7} #{7*7} {% import os %} <%= 7*7 %>",
    "format": "{0.__class__.__mro__} %(x)s %n%n%s {name!r:>9999999}",
    "markup": ":red[x] :material/delete: $$\\frac{1}{0}$$ # h \n\n---\n`code` ~~s~~ | a | b |",
    "typst": '#eval("1+1") #read("/etc/passwd") @ref <label> $x$ *b* // c',
    "formula": '=HYPERLINK("http://example.org","x")',
    "formula plus": "+1+cmd|' /C calc'!A0",
    "formula minus": "-2+3+cmd|' /C calc'!A0",
    "formula at": "@SUM(1+9)*cmd|' /C calc'!A0",
    "formula tab": "\t=1+1",
    "formula blank": "  =1+1",
    "formula wide": "＝1+1",
    "sql": "'; DROP TABLE users; --",
    "sql or": "x' OR '1'='1",
    "sql union": 'x") UNION SELECT name, 1 FROM sqlite_master --',
    "path": "../../../../etc/passwd",
    "path windows": "..\\..\\boot.ini:stream",
    "shell": "$(touch /tmp/x) `touch /tmp/x` ; rm -rf / | cat &",
    "nul": "a\x00b\x1b[31mred\x07",
    "turned": "\u202egpj.exe\u202c\u200b\ufeff",
    "many marks": "Z" + "\u0335" * 500,
    "surrogate": "\ud800",
    "lines": "a\r\nSet-Cookie: x=1\r\n\r\nb",
}


def long_text(megabytes: int = 10) -> str:
    """A text of many megabytes."""
    return "A" * (megabytes * MEGABYTE)


# ---------------------------------------------------------------- archives


def honest_bomb(path: Path, inside: str, size: int) -> Path:
    """Zeros that shrink a thousandfold."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(inside, "w") as sink:
        for _block in range(size // MEGABYTE):
            sink.write(bytes(MEGABYTE))
    return path


def lying_bomb(path: Path, inside: str, size: int) -> Path:
    """The same, but the archive says that it holds ten bytes."""
    content = bytearray(honest_bomb(path, inside, size).read_bytes())
    told = struct.pack("<I", size)
    at = content.find(b"PK\x01\x02")
    assert content[at + 24 : at + 28] == told
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    path.write_bytes(content)
    return path


def many_entries(path: Path, count: int = 10_001) -> Path:
    """More files than any archive of data holds."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.csv", "")
    return path


def leaving(path: Path, name: str) -> Path:
    """A file that would be unpacked elsewhere."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "a,b\n1,2\n")
    return path


def link(path: Path) -> Path:
    """A link to a file of this machine."""
    info = zipfile.ZipInfo("villages.geojson")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return path


def gzip_bomb(path: Path, size: int) -> Path:
    """Zeros behind a letter, packed."""
    path.write_bytes(gzip.compress(b"a" + bytes(size)))
    return path


# ---------------------------------------------------------------- workbooks

_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ENTITIES = ["lol", *(f"&l{i};" * 10 for i in range(9))]
_LAUGHS = "<!DOCTYPE x [" + "".join(f'<!ENTITY l{i} "{text}">' for i, text in enumerate(_ENTITIES)) + "]>"


def xlsx(path: Path, rows: str, doctype: str = "", sheet: str = "worksheets/sheet1.xml") -> Path:
    """A workbook with this XML for its rows."""
    package = "http://schemas.openxmlformats.org/package/2006"
    relation = f'<Relationship Id="rId1" Type="{_RELATIONS}/'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
            f'<Override PartName="/xl/{sheet}" ContentType="{_TYPES}.worksheet+xml"/></Types>',
        )
        head = f'<Relationships xmlns="{package}/relationships">{relation}'
        book.writestr("_rels/.rels", f'{head}officeDocument" Target="xl/workbook.xml"/></Relationships>')
        book.writestr("xl/_rels/workbook.xml.rels", f'{head}worksheet" Target="{sheet}"/></Relationships>')
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
            '<sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        book.writestr(f"xl/{sheet}", f'{doctype}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>')
    return path


def _cell(place: str, text: str) -> str:
    return f'<c {place} t="inlineStr"><is><t>{text}</t></is></c>'


_FIRST, _LAST, _SPACED = 'r="A1"', 'r="XFD1048576"', 'r = "xfd1048576"'
_LAUGHING = "&l9;"
FAR_OUT = {
    "far cell": f'<row r="1">{_cell(_FIRST, "kode_desa")}</row><row r="1048576">{_cell(_LAST, "x")}</row>',
    "far cell, spaced": f'<row r="1">{_cell(_FIRST, "a")}</row><row>{_cell(_SPACED, "x")}</row>',
    "far row": "".join(f'<row r="{r}">{_cell("", "x") * 30}</row>' for r in (1, 4_000_000)),
}


def laughing_xlsx(path: Path) -> Path:
    """Entities that grow to a gigabyte."""
    return xlsx(path, f'<row r="1">{_cell(_FIRST, _LAUGHING)}</row>', _LAUGHS)


def ods(path: Path, rows: str, doctype: str = "") -> Path:
    """A workbook of LibreOffice with this XML for its rows."""
    names = {"office": "office", "table": "table", "text": "text"}
    spaces = " ".join(f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"' for k, v in names.items())
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", kind)
        book.writestr(
            "META-INF/manifest.xml",
            f'<m:manifest xmlns:m="{manifest}"><m:file-entry m:full-path="/" m:media-type="{kind}"/></m:manifest>',
        )
        book.writestr(
            "content.xml",
            f"{doctype}<office:document-content {spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="a">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def repeated_ods(path: Path) -> Path:
    """One cell, repeated over a whole sheet."""
    cell = '<table:table-cell office:value-type="string" table:number-columns-repeated="16384"><text:p>x</text:p>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-cell></table:table-row>'
    return ods(path, row)


def laughing_ods(path: Path) -> Path:
    """Entities that grow to a gigabyte."""
    cell = '<table:table-cell office:value-type="string"><text:p>&l9;</text:p></table:table-cell>'
    return ods(path, f"<table:table-row>{cell}</table:table-row>", _LAUGHS)


# ---------------------------------------------------------------- markup and tables


def laughing_kml(path: Path) -> Path:
    """A placemark whose name grows to a gigabyte."""
    path.write_text(
        f'<?xml version="1.0"?>{_LAUGHS}<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>'
        "<name>&l9;</name><Point><coordinates>109.3,-7.1</coordinates></Point></Placemark></Document></kml>"
    )
    return path


def prying_kml(path: Path) -> Path:
    """A placemark that asks for a file of this machine."""
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml><Document><Placemark>'
        "<name>&x;</name><Point><coordinates>109.3,-7.1</coordinates></Point></Placemark></Document></kml>"
    )
    return path


def _text(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def _feature(coordinates: str) -> str:
    polygon = f'{{"type":"Polygon","coordinates":{coordinates}}}'
    facts = '{"KDEPUM":"33.27.01.2001","NAMOBJ":"a","WADMKC":"b"}'
    return f'{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{facts},"geometry":{polygon}}}]}}'


_DEEP = "[" * 100_000 + "]" * 100_000

#: Name of a file, the option of the import that takes it, and how it is made.
FILES: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "bomb.zip": ("--boundaries", lambda p: honest_bomb(p, "v.geojson", 40 * MEGABYTE)),
    "lying.zip": ("--boundaries", lambda p: lying_bomb(p, "v.geojson", 40 * MEGABYTE)),
    "entries.zip": ("--boundaries", many_entries),
    "up.zip": ("--boundaries", lambda p: leaving(p, "../../up.csv")),
    "root.zip": ("--boundaries", lambda p: leaving(p, "/etc/jangkau.csv")),
    "drive.zip": ("--boundaries", lambda p: leaving(p, "C:\\x.csv")),
    "link.zip": ("--boundaries", link),
    "bomb.csv.gz": ("--cells", lambda p: gzip_bomb(p, 40 * MEGABYTE)),
    "far.xlsx": ("--population", lambda p: xlsx(p, FAR_OUT["far cell"])),
    "spaced.xlsx": ("--population", lambda p: xlsx(p, FAR_OUT["far cell, spaced"], sheet="elsewhere.xml")),
    "row.xlsx": ("--population", lambda p: xlsx(p, FAR_OUT["far row"])),
    "laugh.xlsx": ("--population", laughing_xlsx),
    "bomb.xlsx": ("--population", lambda p: honest_bomb(p, "xl/worksheets/sheet1.xml", 40 * MEGABYTE)),
    "lying.xlsx": ("--population", lambda p: lying_bomb(p, "xl/worksheets/sheet1.xml", 40 * MEGABYTE)),
    "repeated.ods": ("--population", repeated_ods),
    "laugh.ods": ("--population", laughing_ods),
    "laugh.kml": ("--fibre", laughing_kml),
    "prying.kml": ("--fibre", prying_kml),
    "laugh.gml": ("--boundaries", laughing_kml),
    "deep.json": ("--fibre", lambda p: _text(p, '{"networks":' + _DEEP + "}")),
    "deep_evidence.json": ("--evidence", lambda p: _text(p, '{"mapData":' + _DEEP + "}")),
    "deep.geojson": ("--boundaries", lambda p: _text(p, _feature(_DEEP))),
    "nan.geojson": ("--boundaries", lambda p: _text(p, _feature("[[[NaN,NaN],[NaN,1],[1,1],[NaN,NaN]]]"))),
    "giant.geojson": ("--boundaries", lambda p: _text(p, _feature("[[[1e308,1e308],[-1e308,1],[1,1],[1e308,1e308]]]"))),
    "numbers.json": (
        "--cells",
        lambda p: _text(p, '{"generator":"Overpass API","elements":[' + "9" * 5000 + "]}"),
    ),
    "elements.json": (
        "--cells",
        lambda p: _text(p, json.dumps({"generator": "Overpass API", "elements": [1, [2], None]})),
    ),
    "tags.json": (
        "--roads",
        lambda p: _text(
            p, json.dumps({"generator": "Overpass API", "elements": [{"type": "way", "geometry": [{}, {}]}]})
        ),
    ),
    "long.csv": ("--population", lambda p: _text(p, f"kode_desa,penduduk\n{long_text()},1\n")),
    "wide.csv": ("--population", lambda p: _text(p, "kode_desa,penduduk," + "x," * 200_000 + "\n1,2\n")),
    "endless.csv": (
        "--cells",
        lambda p: _text(p, "GSM,510,10,1,2,0,109.3,-7.1,inf,1,1,1e300,1e300,0\n" * 3),
    ),
    "long.geojson": ("--boundaries", lambda p: _text(p, _feature(f'"{long_text()}"'))),
}

#: Scenario files that cannot be.
SCENARIOS: dict[str, str] = {
    "deep": "x = " + "[" * 10_000 + "]" * 10_000,
    "deep table": "[" + ".".join("a" * 3 for _level in range(5_000)) + "]\nx = 1",
    "giant number": "budget_idr = " + "9" * 10_000,
    "giant power": "budget_idr = 1e999",
    "not a number": "budget_idr = nan",
    "endless": "budget_idr = inf",
    "endless assumption": "[assumptions]\n'market.ppn' = inf",
    "no assumption": "[assumptions]\n'market.ppn' = nan",
    "negative": "budget_idr = -1",
    "wrong types": "budget_idr = []\nmust = 7\nnever = {}\nobjective = 3\ntarget = 'x'\nminimum = false\nbudgets = 'x'",
    "wrong inside": "budgets = {apbd = [1, 'x', {}]}\nindicators = {a = {weight = 'x'}}\nmust = [1, [2]]",
    "unknown": '"__class__" = "x"\n"model_config" = {}\n',
    "long": f'objective = "{long_text(1)}x"',
    "long unknown": f'"{"x" * 500_000}" = 1',
    "base elsewhere": 'base = "../../../../../../etc/passwd"',
    "base file elsewhere": 'base = "../../../../../../etc/hostname.toml"',
    "base nowhere": 'base = "\\u0000.toml"',
    "text": "<script>alert(1)</script>",
    "nul": "name = 'a\x00b'",
    "years": f"budgets = {{apbd = [{'1,' * 200_000}]}}\nhorizon_years = 10000000000",
}
