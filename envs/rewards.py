"""The reward of an episode: correctness, plus a small weight on form, each known apart."""

from __future__ import annotations

from dataclasses import dataclass

from envs.tasks.answer import WRONG_FORM, Verdict
from envs.tasks.task import Task


@dataclass(frozen=True, slots=True)
class Reward:
    """Zero until an answer is given, and for good if none is."""

    correct: float = 0.0
    """1 if the task's verifier accepts the answer."""
    format: float = 0.0
    """1 if no turn was malformed and the answer has the form asked for (a number, a date, a list ...)."""

    def total(self, format_weight: float) -> float:
        return self.correct + format_weight * self.format


def judge(task: Task, answer: str, errors: int) -> Reward:
    """The reward for `answer` at the end of an episode with `errors` malformed turns."""
    verdict = _verdict(task, answer)
    return Reward(float(verdict.correct), float(verdict.well_formed and errors == 0))


def _verdict(task: Task, answer: str) -> Verdict:
    try:
        return task.verify(answer)
    except (ValueError, RecursionError):  # JSON that nests a thousand deep, an integer of 5,000 digits
        return WRONG_FORM
