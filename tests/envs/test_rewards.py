from __future__ import annotations

import pytest

from envs.rewards import Reward, judge
from envs.tasks.answer import ListAnswer, SetAnswer, TextAnswer


def test_correctness_and_form_add_up() -> None:
    assert Reward().total(0.1) == 0.0
    assert Reward(correct=1.0, format=1.0).total(0.25) == 1.25
    assert Reward(correct=0.0, format=1.0).total(0.0) == 0.0


def test_an_error_in_the_episode_costs_the_form_only(source) -> None:
    task = source.tasks[0]
    assert judge(task, task.answer.reference, errors=0) == Reward(1.0, 1.0)
    assert judge(task, task.answer.reference, errors=1) == Reward(1.0, 0.0)
    assert judge(task, "no number", errors=0) == Reward(0.0, 0.0)


@pytest.mark.parametrize("answer", ["[" * 10_000, f"[{'9' * 9_000}]", "\ud800", "\0", "[" + "1," * 4_000 + "1]"])
@pytest.mark.parametrize("spec", [SetAnswer(value=("a",)), ListAnswer(value=("a",)), TextAnswer(value="a")])
def test_no_answer_can_break_the_judge(source, spec, answer: str) -> None:
    task = source.tasks[0].model_copy(update={"answer": spec})
    assert judge(task, answer, errors=0).correct == 0.0
