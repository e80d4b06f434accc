"""What a person looks at after a run: the learning curve, the table of held-out success, and rollouts to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from rich.table import Table

from envs.tasks.task import Task
from policies.tokenizer import CompactTokenizer
from policies.trajectory import Trajectory
from trainer.metrics import Row, read_metrics
from trainer.setting import TIERS

COLOURS = {"short": "#4477aa", "frontier": "#cc6677"}


def table(results: Mapping[str, Mapping[str, Any]]) -> Table:
    """Policies by tiers; `results["sft"]["short"]` is an `Evaluation.summary()`."""
    view = Table("policy", *(f"{tier} (held out)" for tier in TIERS), title="Success on tasks about unseen entities")
    for policy, tiers in results.items():
        view.add_row(policy, *(_cell(tiers[tier]) for tier in TIERS))
    return view


def _cell(summary: Mapping[str, Any]) -> str:
    low, high = summary["interval"]
    return f"{summary['success']:.1%}  [{low:.1%}, {high:.1%}]  {summary['solved']}/{summary['tasks']}"


def write_report(run: Path, results: Mapping[str, Mapping[str, Any]], stages: Sequence[str]) -> None:
    """`results.json` and `curve.png` in the run's folder."""
    write_whole(run / "results.json", orjson.dumps(results, option=orjson.OPT_INDENT_2))
    draw_curve(run, stages, run / "curve.png")


def write_whole(path: Path, content: bytes) -> None:
    """Puts a file in place at once: a killed process leaves the old one or the new one."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)


def draw_curve(run: Path, stages: Sequence[str], path: Path) -> None:
    """Held-out success against steps, one panel per stage, from the run's metrics."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, len(stages), figsize=(5 * len(stages), 3.6), sharey=True, squeeze=False)
    for axis, stage in zip(axes[0], stages, strict=True):
        _panel(axis, read_metrics(run, stage), stage)
    axes[0][0].set_ylabel("success on development tasks")
    axes[0][-1].legend(loc="lower right", frameon=False)
    figure.tight_layout()
    partial = path.with_name(f".{path.name}")
    figure.savefig(partial, dpi=150, format="png")
    partial.replace(path)
    plt.close(figure)


def _panel(axis: Any, rows: Sequence[Row], stage: str) -> None:
    for tier in TIERS:
        points = [(row["step"], row[f"dev_{tier}"]) for row in rows if f"dev_{tier}" in row]
        axis.plot(*zip(*points, strict=True) if points else ((), ()), marker="o", markersize=3,
                  label=tier, color=COLOURS[tier])
    axis.set(title=stage, xlabel="step", ylim=(0, 1))
    axis.spines[["top", "right"]].set_visible(False)


def write_rollouts(path: Path, tokenizer: CompactTokenizer, tasks: Sequence[Task],
                   played: Sequence[Trajectory]) -> None:
    """Episodes as text: what the policy read and wrote, and what would have been right."""
    blocks = [f"{'solved' if trajectory.correct else 'FAILED'} ({trajectory.stop})  expected: {task.answer.reference}\n"
              f"{readable(tokenizer, trajectory)}" for task, trajectory in zip(tasks, played, strict=True)]
    path.write_text(("\n\n" + "-" * 100 + "\n\n").join(blocks) + "\n", encoding="utf-8")


def readable(tokenizer: CompactTokenizer, trajectory: Trajectory) -> str:
    """A trajectory with each message on a line of its own."""
    return tokenizer.decode(trajectory.ids).replace("<|", "\n<|").strip()
