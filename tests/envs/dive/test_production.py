"""Bulk synthesis writes the same bytes for the same seed; bulk checking finds the one bad task."""

from pathlib import Path

import pytest
from atlas import lands

from envs.dive.errors import SynthesisError
from envs.dive.production import ValidationReport, check, write
from envs.dive.synthesize import SynthConfig, Synthesizer
from envs.tasks.answer import NumberAnswer
from envs.tasks.difficulty import SHORT, Difficulty
from envs.tasks.store import read_tasks
from toolservers.catalog import Catalog
from toolservers.host import ToolHost


def synthesizer(difficulty: Difficulty = SHORT) -> Synthesizer:
    return Synthesizer(lands.host(), SynthConfig(lands.DOMAIN, difficulty=difficulty, toolset=(3, 8)), lands.seeds)


async def test_same_seed_same_bytes_no_question_twice(tmp_path: Path) -> None:
    seen: list[int] = []
    report = await write(synthesizer(), 60, 7, tmp_path / "a.jsonl", seen.append)
    await write(synthesizer(), 60, 7, tmp_path / "b.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    tasks = list(read_tasks(tmp_path / "a.jsonl"))
    assert report.written == len({task.question for task in tasks}) == 60
    assert seen == list(range(1, 61))
    assert sum(report.shapes.values()) == 60


async def test_a_bad_task_is_found_by_line(tmp_path: Path) -> None:
    await write(synthesizer(), 10, 0, tmp_path / "a.jsonl")
    hosts, report = {lands.DOMAIN: lands.host()}, ValidationReport()
    for line, task in enumerate(read_tasks(tmp_path / "a.jsonl"), start=1):
        bad = task.model_copy(update={"answer": NumberAnswer(value=-123.0)}) if line == 4 else task
        await check(bad, line, hosts, report)
    assert (report.checked, report.passed, list(report.failures)) == (10, 9, [4])


async def test_running_out_of_questions_ends_with_an_error(tmp_path: Path) -> None:
    async def few(entity: str) -> list[str]:
        return list(lands.COUNTRIES)[:5] if entity == "country" else []

    host = ToolHost(Catalog([lands.land_capital, lands.land_population]), lands.host().world)
    one = Synthesizer(host, SynthConfig(lands.DOMAIN, difficulty=Difficulty((1, 1), shapes=("R",))), few)
    with pytest.raises(SynthesisError, match=r"only \d+ different tasks"):
        await write(one, 100_000, 0, tmp_path / "a.jsonl")
    assert list(tmp_path.iterdir()) == []
