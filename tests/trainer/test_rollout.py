"""Rollouts on the real world: reproducible, independent of company, and never an exception."""

from __future__ import annotations

import pytest

from envs.tasks.task import Split, Task
from policies.hybrid import HybridModel, TorchSampler
from policies.renderer import CompactRenderer
from toolservers.errors import ErrorKind, ToolError
from toolservers.result import ToolResult
from trainer.config import SamplingSettings
from trainer.demonstrations import Demonstrations
from trainer.rollout import RolloutWorker
from trainer.setting import Setting
from trainer.sft import negative_log_likelihood


@pytest.fixture
async def tasks(setting: Setting) -> list[Task]:
    return await setting.tasks("short", Split.TRAIN, 3)


SAMPLING = SamplingSettings(max_tokens=12, context=400)


def worker(setting: Setting, model: HybridModel, renderer: CompactRenderer) -> RolloutWorker:
    return RolloutWorker(setting.connection, TorchSampler(model, seed=5), renderer, setting.settings, SAMPLING)


async def test_same_name_same_rollouts(setting: Setting, model: HybridModel, renderer: CompactRenderer,
                                       tasks: list[Task]) -> None:
    first, second, other = [await worker(setting, model, renderer).play(tasks, name=name, group=2) for name in "aab"]
    assert first == second != other


async def test_a_rollout_is_whole(setting: Setting, model: HybridModel, renderer: CompactRenderer,
                                  tasks: list[Task]) -> None:
    for group in await worker(setting, model, renderer).play(tasks, name="x", group=3):
        assert len({tuple(t.ids[:t.prompt_length]) for t in group}) == 1
        for trajectory in group:
            assert len(trajectory.ids) == len(trajectory.sampled) == len(trajectory.logprobs)
            assert trajectory.stop
            drawn = zip(trajectory.logprobs, trajectory.sampled, strict=True)
            assert all((logprob < 0) == own for logprob, own in drawn)


async def test_log_probs_are_those_of_the_model_in_training(setting: Setting, model: HybridModel,
                                                            renderer: CompactRenderer, tasks: list[Task]) -> None:
    (group,) = await worker(setting, model, renderer).play(tasks[:1], name="x", group=1)
    sampled = [-logprob for logprob, own in zip(group[0].logprobs, group[0].sampled, strict=True) if own]
    assert negative_log_likelihood(model, group) == pytest.approx(sum(sampled) / len(sampled), abs=1e-4)


class DeadConnection:
    """A server that is gone after it has listed its tools."""

    def __init__(self, setting: Setting) -> None:
        self.tools = setting.connection.tools

    async def call(self, name: str, arguments: object, *, episode: str | None = None) -> ToolResult:
        return ToolResult.failure(ToolError("connection refused", ErrorKind.TRANSPORT))

    async def aclose(self) -> None: ...


async def test_a_dead_server_truncates_and_says_so(setting: Setting, renderer: CompactRenderer) -> None:
    recorder = Demonstrations(DeadConnection(setting), setting.source("short", Split.TRAIN), renderer)
    with pytest.raises(RuntimeError, match="server_lost"):
        await recorder.draw(0)


async def test_demonstrations_are_rewarded_and_reproducible(setting: Setting, renderer: CompactRenderer) -> None:
    source = setting.source("frontier", Split.TRAIN)
    first, second = [await Demonstrations(setting.connection, source, renderer).draw(7) for _ in range(2)]
    assert first == second
    assert first.versions == [0] * (1 + (await source.draw(7)).measures.depth)
