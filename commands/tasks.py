"""Commands of the tasks: derive them, and prove them again."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from commands.terminal import Difficulty, Domain, Json, Seed, fail, group, print_json, progress, show

app = group()


class Split(StrEnum):
    """Which side of the held-out line a task's entities are on."""

    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


@app.command()
def synth(
    out: Annotated[Path, typer.Option(help="File to write, one task a line.")],
    domain: Domain = "financial",
    count: Annotated[int, typer.Option(min=1, help="How many tasks.")] = 100,
    seed: Seed = 0,
    difficulty: Difficulty = "full",
    split: Annotated[Split, typer.Option(help="Which entities the tasks may be about.")] = Split.TRAIN,
    samples: Annotated[int, typer.Option("--show", help="Print this many of the questions.")] = 0,
    json: Json = False,
) -> None:
    """Derives verified tasks from executed evidence.

    Example: divegym synth --domain financial --count 5000 --seed 1 --out tasks.jsonl
    """
    from itertools import islice

    from envs.dive.production import synth as run
    from envs.tasks.store import read_tasks

    with progress("tasks", count) as advance:
        report = asyncio.run(run(domain, count, seed, out, split=split.value, difficulty=difficulty, progress=advance))
    if json:
        return print_json(report)
    for task in islice(read_tasks(out), samples):
        print(f"- {task.question}\n  {task.answer.reference}")
    show({"written": report.written, "duplicates": report.duplicates, "barren seeds": report.barren,
          "proof shapes": len(report.shapes), "tools used": len(report.tools)})


@app.command()
def validate(file: Annotated[Path, typer.Argument(help="Task file.")], json: Json = False) -> None:
    """Replays every proof of a task file and checks that it is entailed, minimal, grounded and not leaked.

    Example: divegym validate tasks.jsonl
    """
    from envs.dive.production import validate as run

    with progress("checked", None) as advance:
        report = asyncio.run(run(file, progress=advance))
    if json:
        print_json({"checked": report.checked, "passed": report.passed, "failures": report.failures})
    else:
        failed = {f"line {line}": found for line, found in report.failures.items()}
        show({"checked": report.checked, "passed": report.passed, **failed})
    if report.failures:
        fail(f"{len(report.failures)} of {report.checked} tasks fail")
