import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pyarrow import parquet

from eval.folder import write_json, write_rows
from eval.statistics.analysis import analyse
from eval.sweep_report import write_report
from eval.sweep_report.folder import read_sweep
from eval.sweep_report.plots import Bar, Point, dots, scatter
from rag.errors import BadInput
from tests.unit.eval.sweep_folder import AXES, BROKEN, COMMAND, HOSTILE, write_sweep

SMALL = {"retrieval.mode": ["dense", "hybrid"], "chunking.size": [100, 200], "seed": [0]}
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """The elements of a page with their attributes, its text, and whether every element was closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.section = ""
        self.tables: dict[str, list[list[str]]] = {}
        self.feed(html)

    def rows(self, section: str) -> list[list[str]]:
        """The cells of the tables of a section, row by row, without the heads."""
        return [[" ".join(cell.split()) for cell in row] for row in self.tables[section] if row]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.section = (dict(attrs).get("id") if tag == "h2" else None) or self.section
        if tag == "tr":
            self.tables.setdefault(self.section, []).append([])
        if tag == "td":
            self.tables[self.section][-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data if self.open[-1:] != ["style"] else ""
        if "td" in self.open:
            self.tables[self.section][-1][-1] += data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    axes = {**AXES, "chunking.size": [100, 200]}
    folder = write_sweep(tmp_path_factory.mktemp("grid") / "run", axes, queries=30)
    write_report(folder)
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def small(folder: Path, **change: bool | int | str | None) -> Path:
    return write_sweep(folder, SMALL, queries=20, **{"broken": None, **change})  # type: ignore[arg-type]


def words(path: Path) -> str:
    html = Page((path / "report.html").read_text(encoding="utf-8")).text
    return re.sub(r"\s+", " ", html)


def test_the_page_is_whole_and_loads_nothing(folder: Path, page: Page) -> None:
    assert page.open == []
    assert not {tag for tag, _ in page.elements} & {"script", "link", "img", "iframe", "object", "form"}
    for tag, attributes in page.elements:
        assert not {"src", "srcset", "data", "action", "style"} & set(attributes), tag
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "url(" not in html
    assert "@import" not in html
    assert "default-src 'none'" in html


def test_every_link_in_the_page_leads_somewhere(page: Page) -> None:
    places = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert {a["href"] for tag, a in page.elements if tag == "a"} <= {f"#{place}" for place in places}


def test_hostile_text_is_shown_and_does_nothing(tmp_path: Path) -> None:
    folder = small(tmp_path / "run")
    rows = [json.loads(line) for line in (folder / "queries.jsonl").read_text().splitlines()]
    write_rows(folder, "queries.jsonl", ({**row, "text": HOSTILE, "type": "<b>t</b>"} for row in rows))
    write_report(folder)
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert HOSTILE in Page(html).text
    markdown = (folder / "report.md").read_text(encoding="utf-8")
    assert "<script" not in markdown
    assert "<b>" not in markdown
    assert "[a](http" not in markdown


def test_the_means_are_those_of_the_rows_and_every_configuration_is_reachable(
    folder: Path, page: Page
) -> None:
    scores: dict[str, list[float]] = {}
    for row in parquet.read_table(folder / "rows.parquet").to_pylist():
        scores.setdefault(row["configuration"], []).append(row["nDCG@10"] or 0.0)
    board = page.rows("leaderboard")
    told = {cells[1]: (cells[2], cells[4]) for cells in board}
    assert len(board) == len(told) == len(scores) == 3 * 2 * 2 * 2 - 1
    for name, own in scores.items():
        settings = " · ".join(map(str, read_sweep(folder).by_id[name].settings.values()))
        assert told[name] == (f"{sum(own) / len(own):.4f}", settings)
    assert [cells[0] for cells in board] == [str(rank) for rank in range(1, len(board) + 1)]


def test_the_numbers_are_those_of_the_statistics(folder: Path, page: Page) -> None:
    sweep = read_sweep(folder)
    analysis = analyse({name: rows[0] for name, rows in sweep.scores.items()}, "c000")
    for standing in analysis.standings:
        low, high = standing.interval
        assert f"{low:.4f} – {high:.4f}" in page.text
    for one in analysis.with_baseline:
        assert f"{one.difference:+.4f}".replace("-", "−") in page.text
    assert f"{analysis.smallest_difference:.4f}" in page.text


def test_failed_configurations_and_rows_are_counted_with_their_reasons(folder: Path) -> None:
    for text in (words(folder), (folder / "report.md").read_text(encoding="utf-8")):
        assert "1 of 24 configurations failed, and 1 rows of the others. A failed row counts as 0." in text
        assert "no space left" in text
        assert "DeadlineExceeded: 60 s during search" in text
    assert BROKEN in words(folder)
    assert BROKEN not in read_sweep(folder).scores


def test_a_failed_row_counts_as_0_and_so_does_one_that_is_missing(tmp_path: Path) -> None:
    folder = small(tmp_path / "run")
    scores = read_sweep(folder).scores["c001"][0]
    assert scores[0] == 0.0
    table = parquet.read_table(folder / "rows.parquet")
    gone = [row for row in table.to_pylist() if (row["configuration"], row["query"]) != ("c002", "q005")]
    parquet.write_table(type(table).from_pylist(gone, schema=table.schema), folder / "rows.parquet")
    assert read_sweep(folder).scores["c002"][0, 5] == 0.0


def test_an_unknown_cost_is_said_and_never_0(tmp_path: Path) -> None:
    unpriced, priced = small(tmp_path / "a"), small(tmp_path / "b", priced=True)
    write_report(unpriced)
    write_report(priced)
    assert "The cost of 4 of 4 configurations is unknown" in words(unpriced)
    assert "cost, 0" not in words(unpriced)
    assert "is unknown" not in words(priced).replace("commit is unknown", "")
    assert "nDCG@10 against cost" in (priced / "report.html").read_text(encoding="utf-8")
    assert "nDCG@10 against cost" not in (unpriced / "report.html").read_text(encoding="utf-8")


def test_the_words_follow_from_the_numbers(tmp_path: Path) -> None:
    same = write_sweep(tmp_path / "same", {"seed": [0, 1, 2]}, queries=30, broken=None)
    apart = write_sweep(tmp_path / "apart", {"retrieval.mode": ["dense", "hybrid"]}, queries=80, broken=None)
    write_report(same)
    write_report(apart)
    assert "No effect was shown for seed." in words(same)
    assert re.search("keep it unless|Keep the baseline", words(same))
    assert "On these queries c001 is better than the baseline" in words(apart)
    assert "0 of the 1 others" not in words(apart)
    assert "It can be told from each of the 1 others." in words(apart)


def test_a_sweep_of_one_configuration_has_a_report_too(tmp_path: Path) -> None:
    write_report(write_sweep(tmp_path / "run", {"seed": [0]}, queries=10, broken=None))
    assert "There is nothing to compare it with." in words(tmp_path / "run")


def test_the_queries_that_changed_most_stand_with_both_results(folder: Path, page: Page) -> None:
    sweep = read_sweep(folder)
    winner = analyse({name: rows[0] for name, rows in sweep.scores.items()}, "c000").standings[0].name
    change = sweep.scores[winner][0] - sweep.scores["c000"][0]
    most = sweep.queries[int(change.argmax())]
    assert most.text in page.text
    for name in ("c000", winner):
        assert sweep.hits[name, most.id][0] in page.text
    assert ("li", {"class": "right"}) in page.elements


def test_failures_are_told_by_question_type(folder: Path) -> None:
    sweep = read_sweep(folder)
    kinds = [query.type or "unlabelled" for query in sweep.queries]
    missed = sum(
        score == 0 for score, kind in zip(sweep.scores["c000"][0], kinds, strict=True) if kind == "fact"
    )
    rows = [line for line in (folder / "report.md").read_text().splitlines() if line.startswith("| fact")]
    assert rows[0].split(" | ")[1] == str(kinds.count("fact"))
    assert rows[0].rstrip(" |").endswith(f" {missed}")


def test_diagnoses_are_counted_where_there_are_some(tmp_path: Path) -> None:
    told, silent = small(tmp_path / "a"), small(tmp_path / "b", diagnosed=False)
    write_report(told)
    write_report(silent)
    assert "not retrieved" in words(told)
    assert "not retrieved" not in words(silent)


def test_repeats_are_averaged_and_their_variance_is_told(tmp_path: Path) -> None:
    folder = small(tmp_path / "run", repeats=3)
    write_report(folder)
    sweep = read_sweep(folder)
    assert sweep.scores["c000"].shape == (3, 20)
    assert "c000 ran 3 times" in words(folder)
    assert f"{sweep.scores['c000'].mean():.4f}" in words(folder)


def test_the_command_stands_there_to_the_letter(folder: Path) -> None:
    assert COMMAND in words(folder)
    assert COMMAND in (folder / "report.md").read_text(encoding="utf-8")


def test_a_published_copy_holds_no_path_of_the_machine(tmp_path: Path, folder: Path) -> None:
    shown = write_report(folder, tmp_path / "docs")
    assert shown == tmp_path / "docs" / "report.html"
    for path in (tmp_path / "docs").iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/(home|srv|tmp|work)/", text)
        assert "ardoise eval sweep grid.yaml --dataset handbook --split dev" in text
    assert sorted(path.name for path in (tmp_path / "docs").iterdir()) == ["report.html", "report.md"]


def test_a_folder_that_is_no_sweep_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="ardoise eval sweep"):
        write_report(tmp_path)
    folder = small(tmp_path / "run")
    facts = json.loads((folder / "sweep.json").read_text())
    wrong: dict[str, dict[str, object]] = {
        "format 1": {"format": 2},
        "'c9'": {"baseline": "c9"},
        "'AP'": {"primary": "AP"},
    }
    for told, change in wrong.items():
        write_json(folder, "sweep.json", {**facts, **change})
        with pytest.raises(BadInput, match=told):
            write_report(folder)
    write_json(folder, "sweep.json", facts)
    (folder / "rows.parquet").write_bytes(b"no parquet")
    with pytest.raises(BadInput, match=r"rows\.parquet"):
        write_report(folder)


def test_a_baseline_that_failed_cannot_be_compared_with(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="c000"):
        write_report(small(tmp_path / "run", broken="c000"))


def test_plots_have_every_point_within_them() -> None:
    points = [Point(f"<c{n}>", 10.0**n, n / 10, "front" if n else "other", "t") for n in range(4)]
    for svg in (scatter(points, "ms", "q", "d"), dots([Bar("x" * 80, 0.5, 0.5, 0.5, "front")], "l", "d")):
        assert "<c1>" not in svg
        for at, most in ((r'c?x\d?="([\d.-]+)"', 640), (r'c?y\d?="([\d.-]+)"', 340)):
            assert all(0 <= float(place) <= most for place in re.findall(at, svg))
