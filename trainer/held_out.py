"""Evaluation of a saved policy on a task file: what `divegym eval` does."""

from __future__ import annotations

from pathlib import Path

from envs.dive.errors import WorldMismatch
from envs.tasks.store import TaskFileError, read_tasks
from envs.tasks.task import Task
from policies.hybrid.sampler import TorchSampler
from policies.policy import TokenPolicy
from toolservers.world.version import agrees
from trainer.config import SamplingSettings, WorldSettings
from trainer.evaluate import Evaluation, evaluate
from trainer.rollout import RolloutWorker
from trainer.setting import open_setting


async def evaluate_file(checkpoint: Path, path: Path) -> Evaluation:
    """Plays every task of a file greedily.

    Raises CheckpointError for a folder that holds no whole policy, TaskFileError for a file that cannot be read, and
    WorldMismatch for one made in another world.
    """
    policy, tasks = TokenPolicy.load(checkpoint), list(read_tasks(path))
    policy.model.eval()
    settings = WorldSettings(domain=_domain(tasks, path))
    async with open_setting(settings) as setting:
        for task in tasks:
            if not agrees(task.world, setting.world_version):
                raise WorldMismatch(task.world, setting.world_version)
        worker = RolloutWorker(setting.connection, TorchSampler(policy.model), policy.renderer, settings,
                               SamplingSettings())
        evaluation, _ = await evaluate(worker, tasks, name=f"file/{path.name}")
    return evaluation


def _domain(tasks: list[Task], path: Path) -> str:
    domains = sorted({task.domain for task in tasks})
    if len(domains) != 1:
        raise TaskFileError(path, 0, f"holds tasks of {len(domains)} domains ({', '.join(domains)}); give one's alone")
    return domains[0]
