"""The report page: self-contained, escaped, repeatable, and readable whatever the data."""

import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import matplotlib as mpl
import numpy as np
import pytest

from model.features import Feature, FeatureSpec
from model.threshold import CalibrationRule
from tests.training.report.report_samples import EXTREMES, HISTORY, certificate, report_data
from training.clean_data import CleanData
from training.data_notes import DataNotes
from training.raw_data import Rejections
from training.report.page import render_report
from training.report.suspects_table import SuspectsTable, suspects_table
from training.suspects.suspect import Suspect, Suspects

ATTACK = "<script>alert('1')</script>"
VOID = {"meta", "br"}


@cache
def ordinary_page() -> str:
    return render_report(report_data()).decode()


class Page(HTMLParser):
    """Tags, attributes and text of a page; fails on tags that are not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.text += " ".join(data.split()) + " "

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.attributes if found == tag]


def test_the_page_needs_nothing_from_outside_and_runs_nothing() -> None:
    html = ordinary_page()
    page = Page(html)
    assert not {"script", "link", "iframe", "object", "form"} & {tag for tag, _ in page.attributes}
    assert not re.search(r"https?:|@import|url\((?!#)", html)
    for _, attributes in page.attributes:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/png;base64,"))


def test_every_reference_inside_the_page_leads_somewhere() -> None:
    page = Page(ordinary_page())
    ids = [attributes["id"] for _, attributes in page.attributes if "id" in attributes]
    assert max(Counter(ids).values()) == 1
    links = [attributes.get("href") or attributes.get("xlink:href") or "" for _, attributes in page.attributes]
    links += [f"#{target}" for target in re.findall(r"url\(#([^)]+)\)", ordinary_page())]
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)


def test_every_drawing_has_a_text_alternative() -> None:
    drawings = [svg for svg in Page(ordinary_page()).all("svg") if svg.get("class") == "plot"]
    assert len(drawings) == 5
    for svg in drawings:
        assert svg["role"] == "img"
        assert len(svg["aria-label"] or "") > 40


def test_text_from_the_data_is_never_markup() -> None:
    data = report_data()
    spec = FeatureSpec(features=tuple(Feature(name=f"{ATTACK}{i}", unit=ATTACK) for i in range(4)))
    attacked = replace(
        data,
        provenance=replace(
            data.provenance,
            name=ATTACK,
            created_at=ATTACK,
            sources=(ATTACK,),
            data_fingerprint=ATTACK,
            code_version=ATTACK,
            libraries={ATTACK: ATTACK},
        ),
        features=spec,
        detectability=certificate(spec),
        notes=DataNotes(3, (ATTACK,), {ATTACK: 2}, 2, 1, {ATTACK: ATTACK}),
        history=replace(HISTORY, stop_reason=ATTACK),
        examples=(replace(data.examples[0], title=ATTACK),),
    )
    html = render_report(attacked).decode()
    page = Page(html)
    assert not page.all("script")
    assert page.text.count(ATTACK) > 20


def test_the_same_data_gives_the_same_bytes_whatever_the_plotting_defaults() -> None:
    with mpl.rc_context({"lines.linewidth": 9, "font.size": 30, "svg.fonttype": "path", "axes.grid": True}):
        again = render_report(report_data()).decode()
        assert mpl.rcParams["lines.linewidth"] == 9
    assert again == ordinary_page()


def test_the_report_needs_neither_torch_nor_a_display() -> None:
    code = "import sys, training.report; print('torch' in sys.modules, 'matplotlib.pyplot' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["False", "False"]


def test_the_verdict_comes_first() -> None:
    text = Page(ordinary_page()).text
    assert text.index("It kept its false-alarm promise.") < text.index("False alarms, promised") < text.index("Scores")


def test_what_the_data_lost_is_told() -> None:
    notes = DataNotes(12, ("row 4: 'flow' is 'n/a'",), {"level": 5}, 5, 2, {"spare": "constant"})
    text = Page(render_report(replace(report_data(), notes=notes)).decode()).text
    for said in ("row 4: 'flow' is 'n/a'", "and 11 more", "level: 5", "spare: constant", "17"):
        assert said in text


def test_test_rows_that_could_not_be_judged_are_told() -> None:
    data = report_data()
    assert data.test is not None
    test = replace(data.test, invalid_rows=2, invalid=("row 9: 'flow' has no value",))
    assert "row 9: 'flow' has no value" in Page(render_report(replace(data, test=test)).decode()).text


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("tolerance", "tolerance limit, certified"),
        ("conformal", "right on average, not certified"),
        ("tail", "extrapolated, not certified"),
    ],
)
def test_the_page_says_what_kind_of_promise_it_is(rule: CalibrationRule, said: str) -> None:
    assert said in Page(render_report(report_data(rule=rule)).decode()).text


@pytest.mark.parametrize("name", EXTREMES)
def test_no_data_garbles_the_page(name: str) -> None:
    raw = render_report(EXTREMES[name]())
    page = Page(raw.decode())
    assert len(raw) < 3_000_000
    assert not re.search(r"\b(nan|inf|None)\b", page.text)
    for tag, attributes in page.attributes:
        for key in ("x", "y", "x1", "x2", "y1", "y2", "width", "height", "d", "points", "transform", "viewbox"):
            assert not re.search("nan|inf", attributes.get(key) or ""), f"<{tag} {key}>"
    for bar in page.all("rect"):
        start, length = bar["x"] or "", bar["width"] or ""
        if start.endswith("%"):
            assert 0 <= float(start[:-1]) <= float(start[:-1]) + float(length[:-1]) <= 100.01


def test_the_page_says_where_the_detector_is_blind() -> None:
    text = Page(ordinary_page()).text
    said = "It is blind in sensor_3: no bias up to 640 bar is found there."
    assert text.count(said) == 2
    assert text.index("It does not see every sensor.") < text.index("What it finds")
    assert "What it finds" not in Page(render_report(replace(report_data(), detectability=None)).decode()).text


def test_of_many_features_the_worst_are_shown_and_the_rest_is_counted() -> None:
    text = Page(render_report(report_data(features=120)).decode()).text
    assert "The 50 widest of 120 features are shown." in text


def suspects_of(rows: tuple[int, ...], beyond_chance: int, *, in_order: bool = True) -> SuspectsTable:
    listed = tuple(
        Suspect(row, "neighbours" if row == 9 else "reconstruction", 0.01 * rank, (1, 0), np.full(4, 7.5))
        for rank, row in enumerate(rows, start=1)
    )
    clean = CleanData(
        spec=FeatureSpec(features=tuple(Feature(name=f"sensor_{i}", unit="bar") for i in range(4))),
        values=np.arange(400.0).reshape(100, 4),
        place=tuple(f"{ATTACK}.csv row {row}" for row in range(1, 101)),
        group=np.array([ATTACK] * 60 + ["other"] * 40),
        fingerprint="",
        sources=(),
        rejections=Rejections(),
        missing_values={},
        incomplete_rows=0,
        dropped_columns={},
        reordered_rows=0,
        repeated_rows=0,
    )
    return suspects_table(Suspects(listed, beyond_chance, 100), clean, in_order=in_order)


def text_with(table: SuspectsTable) -> str:
    return " ".join(Page(render_report(replace(report_data(), suspects=table)).decode()).text.split())


def test_suspects_are_listed_with_what_gives_them_away() -> None:
    text = text_with(suspects_of((9, 40), 2))
    assert "2 of 100 rows stand out" in text
    assert "†: what the rows most like it read" in text
    assert re.search(r"row 10 .*sensor_1 37\.00 7\.50 bar 0\.010 †", text)
    assert "--exclude suspects.csv" in text
    assert "2 clean rows of 100 look out of place" in text


def test_neighbouring_suspects_are_one_stretch_but_not_across_groups() -> None:
    table = suspects_of((50, 53, 57, 62, 20), 5)
    assert [stretch.count for stretch in table.shown] == [3, 1, 1]
    assert table.shown[0].place.endswith("rows 51 to 58")
    assert table.shown[1].group == "other"
    assert len(suspects_of((50, 53, 57, 62, 20), 5, in_order=False).shown) == 5


def test_where_no_row_stands_out_the_strangest_are_shown_and_said_to_be_ordinary() -> None:
    text = text_with(suspects_of((3, 80), 0))
    assert "None of 100 rows stands out beyond what chance would bring; these are the strangest." in text
    assert "No clean row stands out beyond what chance would bring." in text


def test_suspects_cannot_mark_up_the_page() -> None:
    html = render_report(replace(report_data(), suspects=suspects_of((9, 40), 2))).decode()
    assert ATTACK not in html
    assert "&lt;script&gt;" in html


def test_rows_that_an_expert_left_out_are_told() -> None:
    notes = DataNotes(excluded_rows=7, excluded_by=("marked.csv",))
    text = " ".join(Page(render_report(replace(report_data(), notes=notes)).decode()).text.split())
    assert "Rows left out as an expert marked them 7 marked.csv" in text


def test_a_beaten_detector_is_told_so_with_the_flag_of_the_better_one() -> None:
    text = Page(render_report(EXTREMES["a detector without a latent, beaten"]()).decode()).text
    assert "The VAE finds more injected faults than kNN: 70.0 points more" in text
    assert "--detector vae" in text
    assert "How it sees the process" not in text
    assert "epochs" not in text
