"""Making and checking task files in bulk: what the `synth` and `validate` commands do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from envs.dive.errors import SynthesisError
from envs.dive.setting import open_host, open_synthesizer
from envs.dive.synthesize import Synthesizer
from envs.dive.verify import Failure, verify
from envs.tasks.difficulty import Difficulty
from envs.tasks.store import read_tasks, task_file
from envs.tasks.task import Split, Task
from toolservers.host import ToolHost

Progress = Callable[[int], None]
"""Called with the number of tasks done so far."""
PATIENCE = 300  # seeds without a new question, beyond twenty for each that gave one


@dataclass
class SynthReport:
    """What came of a run of synthesis."""

    written: int = 0
    duplicates: int = 0
    """Seeds whose question an earlier seed had already asked."""
    barren: int = 0
    """Seeds that no task came of."""
    shapes: Counter[str] = field(default_factory=Counter)
    tools: Counter[str] = field(default_factory=Counter)

    def add(self, task: Task) -> None:
        self.written += 1
        self.shapes[task.measures.shape] += 1
        self.tools.update({call.tool for call in task.proof.calls})


@dataclass
class ValidationReport:
    """What came of checking a task file. `failures` names tasks by line."""

    checked: int = 0
    failures: dict[int, list[Failure]] = field(default_factory=dict)

    @property
    def passed(self) -> int:
        return self.checked - len(self.failures)


async def synth(domain: str, count: int, seed: int, out: str | Path, *, world: str | None = None,
                split: str | Split = Split.TRAIN, difficulty: str | Difficulty = "full",
                toolset: int | tuple[int, int] = (15, 50), rounds: int = 3,
                progress: Progress | None = None) -> SynthReport:
    """Writes `count` different verified tasks to `out`, from the seeds that follow `seed`: same seed, same bytes."""
    synthesizer = open_synthesizer(domain, world, split=split, difficulty=difficulty, toolset=toolset, rounds=rounds)
    return await write(synthesizer, count, seed, out, progress)


async def write(synthesizer: Synthesizer, count: int, seed: int, out: str | Path,
                progress: Progress | None = None) -> SynthReport:
    """`synth` for a synthesiser that is already open. Raises SynthesisError if new questions run out."""
    report, asked, place = SynthReport(), set[str](), seed
    with task_file(out) as file:
        while report.written < count:
            task = await _task(synthesizer, place, report)
            place += 1
            if task is not None and task.question not in asked:
                asked.add(task.question)
                file.write(task)
                report.add(task)
                if progress is not None:
                    progress(report.written)
            elif task is not None:
                report.duplicates += 1
            _stop_if_exhausted(report)
    return report


async def _task(synthesizer: Synthesizer, seed: int, report: SynthReport) -> Task | None:
    try:
        return await synthesizer.task(seed)
    except SynthesisError:
        report.barren += 1
        return None


def _stop_if_exhausted(report: SynthReport) -> None:
    if report.barren + report.duplicates > PATIENCE + 20 * report.written:
        raise SynthesisError(f"only {report.written} different tasks came of {report.barren + report.duplicates} more "
                             "seeds; ask for fewer, or widen the difficulty")


async def validate(path: str | Path, *, world: str | None = None, progress: Progress | None = None) -> ValidationReport:
    """Replays and checks every task of a file. Raises TaskFileError for a bad file, WorldMismatch for another world."""
    report, hosts = ValidationReport(), dict[str, ToolHost]()
    for line, task in enumerate(read_tasks(path), start=1):
        if task.domain not in hosts:
            hosts[task.domain] = open_host(task.domain, world)
        await check(task, line, hosts, report)
        if progress is not None:
            progress(report.checked)
    return report


async def check(task: Task, line: int, hosts: Mapping[str, ToolHost], report: ValidationReport) -> None:
    """Adds what is wrong with one task to the report."""
    report.checked += 1
    if failures := await verify(task, hosts[task.domain]):
        report.failures[line] = failures
