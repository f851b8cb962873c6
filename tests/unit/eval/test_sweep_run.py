import errno
import json
import os
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.beir import Dataset, read_dataset
from eval.sweep import code
from eval.sweep import stages as stages_module
from eval.sweep.engine.base import work_off
from eval.sweep.engine.local import Inline
from eval.sweep.plan import Stage, in_order
from eval.sweep.run import Sweep, Tally, finish, work
from eval.sweep.stages import Job
from eval.sweep.store import Artefact, Claim, Store
from rag.errors import BadInput, StorageError, StorageFull
from tests.unit.eval.sweep_parts import kit, make_sweep, swept, write_random_collection

AXES: dict[str, tuple[Any, ...]] = {"size": (4, 8), "mode": ("hybrid", "sparse"), "k": (1, 60)}


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return read_dataset(write_random_collection(tmp_path / "data", 0, documents=12))


class Recording:
    """An engine that computes nothing, and notes what it is given."""

    places = 2

    def __init__(self, fails: str = "") -> None:
        self.ran: list[str] = []
        self.fails = fails

    def submit(self, stage: Stage, job: Job) -> Future[float]:
        future: Future[float] = Future()
        self.ran.append(stage.key)
        if stage.label == self.fails:
            future.set_exception(StorageError("out of order"))
        else:
            future.set_result(1.0)
        return future

    def close(self) -> None:
        pass


def test_stages_are_shared_by_all_configurations_that_agree_in_what_they_read(
    tmp_path: Path, dataset: Dataset
) -> None:
    plan = make_sweep(tmp_path / "s", dataset, AXES).plan()
    assert len(plan.configurations) == 2 * 2 * 2
    # k matters to the two hybrid ones of each size; both legs of a size serve its hybrid and its sparse ones
    assert plan.counts() == {
        "chunk": 2,
        "embed": 2,
        "query": 2,
        "index": 2 * 2,
        "retrieve": 2 * 2,
        "fuse": 2 * 2 + 2,
    }


def test_keys_change_with_an_input_a_setting_or_code_and_only_then(
    tmp_path: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keys(sweep_dataset: Dataset) -> dict[str, str]:
        (one, *_) = make_sweep(tmp_path / "s", sweep_dataset, AXES).plan().configurations
        return dict(one.stages)

    before = keys(dataset)
    assert keys(dataset) == before
    other = read_dataset(write_random_collection(tmp_path / "other", 1, documents=12))
    assert not set(keys(other).values()) & set(before.values())
    version = code.code_version
    monkeypatch.setattr(
        "eval.sweep.plan.code_version",
        lambda names: "new" if "tests.fakes_index" in names else version(names),
    )
    changed = {label for label, key in keys(dataset).items() if key != before[label]}
    assert changed == {"query.sparse", "index.sparse", "retrieve.sparse", "fuse"}


def test_the_version_of_code_covers_what_it_imports_and_not_its_comments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)

    def version(text: str) -> str:
        (tmp_path / "part_of_a_test.py").write_text(text)
        for cached in (code._file, code._tree, code._source_version, code._imports):
            cached.cache_clear()
        return code.code_version(["part_of_a_test"])

    plain = version("from rag.fusion.rrf import rrf\n")
    assert version("# a note\nfrom rag.fusion.rrf import   rrf\n") == plain
    assert version("from rag.fusion.rrf import rrf\nx = 1\n") != plain
    plain = version("from rag.fusion.rrf import rrf\n")
    source = code._source_version
    # rag.index.base is imported by what is imported
    changed = {"rag.index.base": "new"}
    monkeypatch.setattr(code, "_source_version", lambda name: changed.get(name) or source(name))
    assert code.code_version(["part_of_a_test"]) != plain


def test_each_stage_runs_once_and_after_its_inputs(tmp_path: Path, dataset: Dataset) -> None:
    sweep, engine = make_sweep(tmp_path / "s", dataset, AXES), Recording()
    plan = sweep.plan()
    told: list[int] = []
    work_off(in_order(plan.stages), (), engine, sweep.job, lambda _, done, __: told.append(done))
    assert sorted(engine.ran) == sorted(plan.stages)
    place = {key: number for number, key in enumerate(engine.ran)}
    for stage in plan.stages.values():
        assert all(place[key] < place[stage.key] for key in stage.inputs.values())
    assert told == sorted(told)
    assert told[-1] == len(plan.stages)


def test_a_stage_that_fails_takes_down_what_needs_it_and_nothing_else(
    tmp_path: Path, dataset: Dataset
) -> None:
    sweep, engine = make_sweep(tmp_path / "s", dataset, AXES), Recording("embed")
    plan = sweep.plan()
    worked = work_off(in_order(plan.stages), (), engine, sweep.job, lambda *_: None)
    lost = {one.id for one in plan.configurations if any(key in worked.failed for key in one.stages.values())}
    assert lost == {one.id for one in plan.configurations if one.values["mode"] == "hybrid"}
    assert all("embed" in why and "out of order" in why for why in worked.failed.values())


def test_a_finished_sweep_runs_nothing_again(tmp_path: Path, dataset: Dataset) -> None:
    sweep = make_sweep(tmp_path / "s", dataset, AXES)
    first, second = swept(sweep), swept(sweep)
    assert len(first.worked.seconds) == second.cached == len(sweep.plan().stages)
    assert not second.worked.seconds


def test_a_sweep_that_was_stopped_goes_on_and_runs_no_stage_twice(
    tmp_path: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = make_sweep(tmp_path / "s", dataset, AXES)
    whole, saved = len(sweep.plan().stages), list[str]()
    save = Store.save

    def counted(self: Store, kind: str, key: str, artefact: Artefact) -> None:
        if len(saved) == whole // 2:
            raise KeyboardInterrupt
        saved.append(key)
        save(self, kind, key, artefact)

    monkeypatch.setattr(Store, "save", counted)
    with pytest.raises(KeyboardInterrupt):
        swept(sweep)
    monkeypatch.setattr(Store, "save", save)
    rest = swept(sweep)
    assert not set(saved) & set(rest.worked.seconds)
    assert len(saved) + len(rest.worked.seconds) == whole


def test_a_full_disk_ends_the_sweep_and_the_rest_goes_on_later(
    tmp_path: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = make_sweep(tmp_path / "s", dataset, {"mode": ("sparse",)})
    sync, calls = os.fsync, iter(range(100))

    def full(number: int) -> None:
        if next(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(number)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull, match="no space"):
        swept(sweep)
    monkeypatch.setattr(os, "fsync", sync)
    assert not list((tmp_path / "s").rglob("*.part"))
    assert swept(sweep).cached == 2


def test_an_artefact_that_was_damaged_is_made_anew(tmp_path: Path, dataset: Dataset) -> None:
    sweep = make_sweep(tmp_path / "s", dataset, {"mode": ("sparse",)})
    swept(sweep)
    (path,) = (tmp_path / "s" / "stages" / "fuse").iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert list(swept(sweep).worked.seconds) == [path.stem]


@pytest.fixture
def claimed(tmp_path: Path, dataset: Dataset) -> Iterator[Claim]:
    claim = make_sweep(tmp_path / "s", dataset, AXES).claim()
    yield claim
    claim.release()


@pytest.mark.usefixtures("claimed")
def test_a_second_process_is_refused(tmp_path: Path, dataset: Dataset) -> None:
    with pytest.raises(StorageError, match=f"process {os.getpid()}.*is sweeping there"):
        make_sweep(tmp_path / "s", dataset, AXES).claim()


def test_another_sweep_or_data_set_is_refused(tmp_path: Path, dataset: Dataset, claimed: Claim) -> None:
    claimed.release()
    with pytest.raises(BadInput, match="another sweep"):
        make_sweep(tmp_path / "s", dataset, {"size": (4,)}).claim()
    other = read_dataset(write_random_collection(tmp_path / "other", 1, documents=12))
    with pytest.raises(BadInput, match="dataset"):
        make_sweep(tmp_path / "s", other, AXES).claim()


def test_a_setting_that_is_no_axis_is_recorded_and_identifies_the_sweep(
    tmp_path: Path, dataset: Dataset
) -> None:
    def with_depth(depth: int) -> Sweep:
        kits = lambda values: replace(kit(values), settings={"mode": "sparse", "depth": depth})  # noqa: E731
        return make_sweep(tmp_path / "s", dataset, {"mode": ("sparse",)}, kits)

    sweep = with_depth(7)
    plan, tally = sweep.plan(), Tally()
    claim = sweep.claim()
    try:
        work(sweep, plan, Inline(), lambda *_: None, tally)
        finish(sweep, plan, tally)
    finally:
        claim.release()
    assert json.loads((tmp_path / "s" / "sweep.json").read_text())["settings"] == {"depth": 7}
    with_depth(7).claim().release()
    with pytest.raises(BadInput, match="other settings"):
        with_depth(8).claim()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, dataset: Dataset) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "letters.txt").write_text("dear")
    with pytest.raises(BadInput, match=r"letters\.txt"):
        make_sweep(tmp_path / "s", dataset, AXES).claim()


def test_the_folder_counts_a_failed_configuration_with_its_reason(
    tmp_path: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: object) -> Any:
        raise StorageError("the embedder is gone")

    monkeypatch.setitem(stages_module.RANKING, "embed", broken)
    sweep = make_sweep(tmp_path / "s", dataset, {"mode": ("sparse", "hybrid")})
    plan, tally = sweep.plan(), Tally()
    work(sweep, plan, Inline(), lambda *_: None, tally)
    view = finish(sweep, plan, tally)
    assert (view["configurations"], view["best"]["id"]) == (2, "c000")
    lines = (tmp_path / "s" / "configurations.jsonl").read_text().splitlines()
    first, second = map(json.loads, lines)
    assert (first["status"], second["status"]) == ("done", "failed")
    assert "the embedder is gone" in second["error"]
    assert first["cost"] is None
    assert Path(view["report"]).is_file()
