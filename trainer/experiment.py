"""Steps to target: how many RL steps each objective needs, from the same SFT policy, to a given frontier success.

    divegym experiment steps-to-target --from runs/cpu-demo-0/sft --seeds 5

Every (objective, seed) is a trial in a process of its own, saved when it ends, so that a killed experiment goes on.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import statistics
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from itertools import product
from multiprocessing import get_context, parent_process
from pathlib import Path

import orjson
import torch

from envs.tasks.task import Split
from policies.hybrid import CheckpointError
from policies.hybrid.sampler import TorchSampler
from policies.policy import TokenPolicy
from trainer.config import TrainSettings
from trainer.evaluate import evaluate
from trainer.objectives import OBJECTIVES
from trainer.report import write_whole
from trainer.rl import RlStage
from trainer.rollout import RolloutWorker
from trainer.setting import Setting, open_setting


@dataclass(frozen=True)
class Trial:
    """One objective with one seed: frontier success on development tasks after 0, `every`, 2 `every`, ... steps."""

    objective: str
    seed: int
    every: int
    successes: tuple[float, ...]

    def steps_to(self, target: float) -> int | None:
        """The first evaluated step at or above `target`, or None if it was not reached."""
        reached = (number * self.every for number, success in enumerate(self.successes) if success >= target)
        return next(reached, None)


@dataclass(frozen=True)
class StepsToTarget:
    """The experiment's design: trials go on for `settings.rl.steps` steps, or until an evaluation reaches `target`."""

    settings: TrainSettings
    start: Path
    """Folder of the SFT policy from which every trial starts."""
    out: Path
    target: float = 0.5
    seeds: int = 5
    every: int = 2

    def run(self, jobs: int = 1, progress: Callable[[int], None] = lambda done: None) -> list[Trial]:
        """All trials, `jobs` at a time, in order of objective and seed; those already in the folder are read.

        Raises CheckpointError for a start that is no whole policy, and for a folder with trials of another design.
        """
        self._claim_folder()
        pairs = list(product(OBJECTIVES, range(self.seeds)))
        # Spawned: a fork would copy torch's threads half alive.
        with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_end_with_parent) as pool:
            trials = {pair: pool.submit(self.trial, *pair) for pair in sorted(pairs, key=_by_seed)}
            for done, trial in enumerate(as_completed(trials.values()), start=1):
                trial.result()
                progress(done)
        return [trials[pair].result() for pair in pairs]

    def trial(self, objective: str, seed: int) -> Trial:
        """One trial, played or read."""
        path = self.out / f"{objective}-{seed}.json"
        if path.exists():
            saved = orjson.loads(path.read_bytes())
            return Trial(objective, seed, saved["every"], tuple(saved["successes"]))
        torch.set_num_threads(self.settings.threads)
        trial = asyncio.run(self._play(objective, seed))
        write_whole(path, orjson.dumps(asdict(trial)))
        return trial

    async def _play(self, objective: str, seed: int) -> Trial:
        policy = TokenPolicy.load(self.start)
        async with open_setting(self.settings.world) as setting:
            sampler = TorchSampler(policy.model, seed=seed)
            worker = RolloutWorker(setting.connection, sampler, policy.renderer, self.settings.world,
                                   self.settings.sampling)
            stage = self._stage(setting, policy, worker, objective, seed)
            tasks = await setting.tasks("frontier", Split.DEV, self.settings.evaluation.tasks)
            successes: list[float] = []
            for index in range(stage.steps + 1):
                if index % self.every == 0:
                    policy.model.eval()
                    evaluation, _ = await evaluate(worker, tasks, name=f"{objective}/{seed}/{index}")
                    successes.append(evaluation.success)
                if successes[-1] >= self.target or index == stage.steps:
                    break
                await stage.step(index)
                sampler.update(index + 1)
        return Trial(objective, seed, self.every, tuple(successes))

    def _stage(self, setting: Setting, policy: TokenPolicy, worker: RolloutWorker, objective: str,
               seed: int) -> RlStage:
        world = self.settings.world
        return RlStage(policy.model, self.settings.rl.model_copy(update={"objective": objective}), seed=seed,
                       worker=worker, frontier=setting.source(world.frontier, Split.TRAIN),
                       short=setting.source(world.short, Split.TRAIN))

    def _claim_folder(self) -> None:
        """Writes the design into a new folder; refuses one whose trials would not compare with these."""
        weights = TokenPolicy.load(self.start).model.state_dict()
        digest = hashlib.sha256(b"".join(tensor.numpy().tobytes() for tensor in weights.values())).hexdigest()
        design = orjson.dumps({"settings": self.settings.model_dump(mode="json"), "start": digest,
                               "target": self.target, "every": self.every}, option=orjson.OPT_INDENT_2)
        path = self.out / "design.json"
        self.out.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.read_bytes() != design:
            raise CheckpointError(f"{self.out} holds trials of another design (see {path}); give another --out")
        write_whole(path, design)


def _by_seed(pair: tuple[str, int]) -> int:
    return pair[1]


def _end_with_parent() -> None:
    """A killed experiment leaves no trial running behind it."""
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def summarise(trials: Sequence[Trial], target: float) -> dict[str, dict[str, object]]:
    """Per objective: the steps of every seed, how many reached the target, and the median (a miss counts as never)."""
    summary: dict[str, dict[str, object]] = {}
    for objective in OBJECTIVES:
        steps = [trial.steps_to(target) for trial in trials if trial.objective == objective]
        median = statistics.median_low(float("inf") if step is None else step for step in steps)
        summary[objective] = {"steps": steps, "reached": f"{sum(step is not None for step in steps)}/{len(steps)}",
                              "median": None if median == float("inf") else int(median)}
    return summary


def draw(trials: Sequence[Trial], target: float, path: Path) -> None:
    """Success against steps: one panel per objective, a line per trial."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    colours: Mapping[str, str] = {"cispo": "#4477aa", "grpo": "#ccbb44", "dapo": "#cc6677"}
    figure, axes = plt.subplots(1, len(OBJECTIVES), figsize=(10, 3.4), sharex=True, sharey=True)
    for axis, objective in zip(axes, OBJECTIVES, strict=True):
        for trial in (trial for trial in trials if trial.objective == objective):
            steps = [number * trial.every for number in range(len(trial.successes))]
            axis.plot(steps, trial.successes, color=colours[objective], alpha=0.7, marker="o", markersize=2)
        axis.axhline(target, color="grey", linewidth=0.8, linestyle="--")
        axis.set(title=objective, xlabel="RL step", ylim=(0, max(0.6, target + 0.1)))
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("frontier success (development)")
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    plt.close(figure)
