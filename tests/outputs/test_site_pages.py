"""The static site: complete, small, safe with any name, the same every time, and honest."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely

from coverage.errors import Cancelled, JangkauError
from coverage.language import using
from coverage.outputs.site import publish
from coverage.outputs.site import village as village_room
from coverage.outputs.site.atlas import Atlas, clean
from coverage.outputs.site.frame import Frame, Labels
from coverage.outputs.site.pages import MOST_BYTES, index_html, village_html
from coverage.outputs.site.village import report, village_page
from coverage.outputs.site.village_map import village_svg
from coverage.outputs.words import WATERMARK
from tests.fake_analysis import access_class, code, make_analysis

HOSTILE = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)></svg></style>{{ 7*7 }}{% raw %}"
    "]]>&lt;\u202e#set page()\x07javascript:alert(3)\n"
)


@pytest.fixture(scope="module")
def analysis():
    return make_analysis()


@pytest.fixture(scope="module")
def site(analysis, tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "site"
    return out, publish(analysis, out, sample=True)


class Page(HTMLParser):
    """Tags, attributes and visible text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)

    def links(self):
        return [a["href"] for t, a in self.tags if t in ("a", "link") and "href" in a]


def test_every_village_and_district_has_a_page_in_both_languages(site):
    out, made = site
    names = {str(path.relative_to(out)) for path in made}
    expected = {"index.html"} | {f"desa/{code(i)}.html" for i in range(30)}
    expected |= {f"kecamatan/33.27.0{d}.html" for d in (1, 2, 3)}
    assert names == expected | {f"en/{name}" for name in expected}
    assert made == sorted(made)
    assert [p.name for p in out.parent.iterdir()] == ["site"]


def test_pages_are_small_and_load_nothing(site):
    for path in site[1]:
        text = path.read_text(encoding="utf-8")
        assert len(text.encode()) <= MOST_BYTES
        page = Page(text)
        assert {"script", "img", "iframe", "object", "form"}.isdisjoint({t for t, _a in page.tags})
        assert not [a for _t, a in page.tags if "src" in a or any(k.startswith("on") for k in a)]
        assert "url(http" not in text
        assert "@import" not in text
        assert "default-src 'none'" in text


def test_every_link_leads_to_a_page_or_to_a_message(site):
    for path in site[1]:
        for link in Page(path.read_text(encoding="utf-8")).links():
            if link.startswith(("sms:?", "https://wa.me/?")):
                continue
            assert (path.parent / link).resolve().is_file(), (path, link)


def test_pages_are_marked_up_for_everyone(site):
    out, made = site
    for path in made:
        page = Page(path.read_text(encoding="utf-8"))
        tags = [t for t, _a in page.tags]
        language = "en" if path.relative_to(out).parts[0] == "en" else "id"
        assert dict(page.tags)["html"]["lang"] == language
        assert tags.count("h1") == 1
        levels = [int(t[1]) for t in tags if re.fullmatch("h[1-6]", t)]
        assert all(b - a <= 1 for a, b in pairwise(levels)), levels
        svg = next(a for t, a in page.tags if t == "svg")
        identifiers = [a["id"] for _t, a in page.tags if "id" in a]
        assert len(identifiers) == len(set(identifiers))
        assert set(svg["aria-labelledby"].split()) <= set(identifiers)


def test_a_page_answers_the_village_in_its_language(site):
    out, _made = site
    english = " ".join(Page((out / "en" / "desa" / f"{code(0)}.html").read_text(encoding="utf-8")).text)
    english = " ".join(english.split())
    for part in (
        "Desa A0 is not served yet.",
        "900 people are left out. Worst off is Dusun 2",
        "Rp 250 thousand a month",
        "What the village must bring",
        "not an award to a provider",
        "Neighbours to team up with",
        "Desa B1",
        "made up (sample)",
        "June 30, 2025",
        f"{WATERMARK} / SAMPLE – NOT OFFICIAL DATA",
    ):
        assert part in english, part


def test_every_page_of_a_sample_is_marked(site):
    for path in site[1]:
        text = path.read_text(encoding="utf-8")
        assert text.count(WATERMARK) >= 3, path  # above, below, and in the map
        assert 'name="robots" content="noindex"' in text


def test_real_data_carry_no_watermark(tmp_path):
    made = publish(make_analysis(sample=False), tmp_path / "site")
    assert not any(WATERMARK in path.read_text(encoding="utf-8") for path in made)


def test_sample_data_are_not_published_by_accident(analysis, tmp_path):
    with using("en"), pytest.raises(JangkauError, match="--sample"):
        publish(analysis, tmp_path / "site")
    assert list(tmp_path.iterdir()) == []


def test_the_same_analysis_gives_the_same_bytes(site, tmp_path):
    with using("en"):  # the reader's language does not matter: both are written
        again = publish(make_analysis(), tmp_path / "again", sample=True)
    assert [p.read_bytes() for p in again] == [p.read_bytes() for p in site[1]]


def test_a_stopped_publication_leaves_the_folder_as_it_was(analysis, tmp_path):
    out = tmp_path / "site"
    out.mkdir()
    (out / "index.html").write_text("before")

    def stop(_label, share):
        if share > 0.7:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        publish(analysis, out, sample=True, progress=stop)
    assert [p.name for p in tmp_path.iterdir()] == ["site"]
    assert {p.name: p.read_text() for p in out.iterdir()} == {"index.html": "before"}


def test_progress_rises_to_the_end(analysis, tmp_path):
    shares = []
    publish(analysis, tmp_path / "site", sample=True, progress=lambda _label, share: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_hostile_names_stay_text(tmp_path):
    made = publish(make_analysis(hostile=HOSTILE), tmp_path / "site", sample=True)
    safe = {(t, k) for p in publish(make_analysis(), tmp_path / "calm", sample=True) for t, k in _shape(p)}
    for path in made:
        text = path.read_text(encoding="utf-8")
        assert {(t, k) for t, k in _shape(path)} <= safe, path
        assert "\u202e" not in text
        assert "\x07" not in text
        for link in Page(text).links():
            assert urlsplit(link).scheme in ("", "sms", "https"), link
            assert "\n" not in link


def _shape(path):
    """Every tag with the names of its attributes."""
    return {(t, tuple(sorted(a))) for t, a in Page(path.read_text(encoding="utf-8")).tags}


def test_the_report_is_prefilled_and_names_no_number():
    with using("id"):
        made = report(code(0), "Desa & \u202eKu\n")
    assert made.text.splitlines()[0] == f"JANGKAU {code(0)} Desa & Ku"
    assert made.sms.startswith("sms:?body=")
    assert unquote(made.sms.removeprefix("sms:?body=")) == made.text
    link = urlsplit(made.whatsapp)
    assert (link.netloc, link.path) == ("wa.me", "/")
    assert parse_qs(link.query) == {"text": [made.text]}


def test_an_unknown_village_is_never_called_unserved(analysis):
    with using("en"):
        page = village_page(Atlas(analysis), code(3))
    assert access_class(3) == "unknown"
    assert {hamlet.left_out for hamlet in page.hamlets} == {"?"}
    assert "not served" not in f"{page.headline} {page.service} {page.left_out} {page.hamlets}"


def test_a_kelurahan_is_asked_for_no_village_fund_and_no_bumdes(analysis):
    with using("en"):
        page = village_page(Atlas(analysis), code(9))
    assert analysis.region.villages["kind"].iloc[9] == "kelurahan"
    assert page.cards
    text = f"{page.contacts} {page.steps} {[card.bring[-1] for card in page.cards]}"
    assert "BUMDes" not in f"{page.contacts}"
    assert "village funds" not in text
    assert "village meeting" not in text


def test_the_village_maximum_is_not_told(site):
    """What a village can bear is for staff: a provider reads this page too."""
    for path in site[1]:
        text = path.read_text(encoding="utf-8")
        assert "150 ribu" not in text
        assert "150 thousand" not in text


def test_a_served_village_is_told_that_nothing_must_be_built(analysis):
    with using("en"):
        page = village_page(Atlas(analysis), code(2))
    assert page.cards == ()
    assert "nothing has to be built" in page.no_cards
    assert len(page.steps) == 1


def test_neighbours_are_those_that_touch_and_partners_come_first(analysis):
    with using("en"):
        page = village_page(Atlas(analysis), code(0))
    assert {n.code for n in page.neighbours} == {code(1), code(6), code(7)}
    ranks = [n.is_partner for n in page.neighbours]
    assert ranks == sorted(ranks, reverse=True)


def test_a_large_regency_leaves_the_list_of_villages_to_the_districts(analysis, monkeypatch):
    monkeypatch.setattr("coverage.outputs.site.pages.MOST_BYTES", 10)
    with using("en"):
        text = index_html(Atlas(analysis))
    assert "<details>" not in text
    assert 'href="kecamatan/33.27.01.html"' in text


def test_the_map_is_sound_svg_and_shows_what_there_is(analysis):
    with using("en"):
        drawn = village_svg(Atlas(analysis), code(0))
    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own drawing
    names = {e.text for e in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Dusun 1", "Dusun 2", "1 km", WATERMARK} <= names
    assert any(name.startswith("tower 6.6 km") for name in names)  # outside the picture: an arrow
    circles = [e for e in root.iter("{http://www.w3.org/2000/svg}circle") if e.get("class") == "h-none"]
    assert len(circles) == 2 + 1  # two hamlets and the legend


def test_shapes_keep_their_place_in_the_picture():
    frame = Frame.around((109.0, -7.0, 109.1, -6.9), 340, height=280, margin=0.2)
    assert frame.at((frame.west + frame.east) / 2, (frame.south + frame.north) / 2) == pytest.approx((170, 140))
    square = shapely.box(109.0, -7.0, 109.1, -6.9)
    numbers = [float(v) for v in re.findall(r"-?\d*\.?\d+", frame.path(square))]
    walked = np.cumsum(np.array(numbers).reshape(-1, 2), axis=0)
    truth = [frame.at(x, y) for x, y in shapely.get_coordinates(square)]
    assert walked == pytest.approx(np.array(truth), abs=0.11)
    assert frame.units_per_km == pytest.approx((walked[:, 1].max() - walked[:, 1].min()) / (0.1 * 111.2), rel=0.01)


def test_labels_never_cover_each_other():
    labels = Labels(Frame(0, 0, 1, 1, 340, 280))
    made = [labels.beside(170, 140, "Dusun Krajan", 10, 8, "h") for _i in range(6)]
    assert all(made[:4])
    assert made[4:] == ["", ""]
    assert len(set(made[:4])) == 4


def test_clean_keeps_names_of_every_script_on_one_line():
    assert clean("Désa  \n ꦗꦮ\u202e\x00 ’Aīn") == "Désa ꦗꦮ ’Aīn"


def test_an_old_page_is_replaced_and_other_files_are_kept(analysis, tmp_path):
    out = tmp_path / "site"
    (out / "desa").mkdir(parents=True)
    (out / "desa" / f"{code(0)}.html").write_text("old")
    (out / "logo.txt").write_text("mine")
    publish(analysis, out, sample=True)
    assert Path(out / "logo.txt").read_text() == "mine"
    assert (out / "desa" / f"{code(0)}.html").read_text() != "old"


def test_a_card_tells_what_links_the_option_to_the_network(analysis):
    with using("en"):
        cards = village_page(Atlas(analysis), code(0)).cards
        assert {("Link to the network", "radio hop"), ("Link to the network", "fibre"),
                ("Link to the network", "satellite")} <= {fact for card in cards for fact in card.facts}  # fmt: skip


def test_options_beyond_the_first_are_lines_so_that_the_page_stays_one_sheet(analysis, monkeypatch):
    """A village of the embedded region has up to seven; the sheet has room for three in full."""
    monkeypatch.setattr(village_room, "MOST_CARDS", 1)
    atlas = Atlas(analysis)
    with using("en"):
        page, shown = village_page(atlas, code(0)), Page(village_html(atlas, code(0)))
    assert (len(page.cards), len(page.others)) == (1, 2)
    assert [attributes.get("class") for tag, attributes in shown.tags if tag == "article"] == ["card first"]
    lines = [text.strip() for text in shown.text]
    for card in page.others:
        assert {card.label, card.provider, card.bearable, card.facts[-1][1]} <= set(lines)
