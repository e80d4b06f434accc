"""Steps to target: how many RL steps each objective needs, from the same SFT policy, to a given frontier success.

    divegym experiment steps-to-target --from runs/cpu-demo/sft --seeds 5

Every (objective, seed) is a run of its own, in a folder of its own, so that a killed experiment goes on where it was.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import torch

from envs.tasks.task import Split
from policies.hybrid.sampler import TorchSampler
from policies.policy import TokenPolicy
from trainer.config import TrainSettings
from trainer.evaluate import evaluate
from trainer.objectives import OBJECTIVES
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
    """The experiment's design."""

    settings: TrainSettings
    start: Path
    """Folder of the SFT policy from which every trial starts."""
    out: Path
    target: float = 0.5
    seeds: int = 5
    every: int = 2

    async def run(self, announce: Callable[[Trial], None] = lambda trial: None) -> list[Trial]:
        """All trials, seed by seed; those whose file is there are read, not run again."""
        torch.set_num_threads(self.settings.threads)
        self.out.mkdir(parents=True, exist_ok=True)
        trials = []
        async with open_setting(self.settings.world) as setting:
            for seed in range(self.seeds):
                for objective in OBJECTIVES:
                    trials.append(await self._trial(setting, objective, seed))
                    announce(trials[-1])
        return trials

    async def _trial(self, setting: Setting, objective: str, seed: int) -> Trial:
        path = self.out / f"{objective}-{seed}.json"
        if path.exists():
            saved = orjson.loads(path.read_bytes())
            return Trial(objective, seed, saved["every"], tuple(saved["successes"]))
        trial = await self._play(setting, objective, seed)
        partial = path.with_suffix(".partial")
        partial.write_bytes(orjson.dumps({"every": trial.every, "successes": trial.successes}))
        partial.replace(path)
        return trial

    async def _play(self, setting: Setting, objective: str, seed: int) -> Trial:
        policy = TokenPolicy.load(self.start)
        sampler = TorchSampler(policy.model, seed=seed)
        world = self.settings.world
        worker = RolloutWorker(setting.connection, sampler, policy.renderer, world, self.settings.sampling)
        rl = self.settings.rl.model_copy(update={"objective": objective})
        stage = RlStage(policy.model, rl, seed=seed, worker=worker,
                        frontier=setting.source(world.frontier, Split.TRAIN),
                        short=setting.source(world.short, Split.TRAIN))
        tasks = await setting.tasks("frontier", Split.DEV, self.settings.evaluation.curve_tasks)
        successes: list[float] = []
        for index in range(rl.steps + 1):
            if index % self.every == 0:
                policy.model.eval()
                evaluation, _ = await evaluate(worker, tasks, name=f"{objective}/{seed}/{index}")
                successes.append(evaluation.success)
                if evaluation.success >= self.target:
                    break
            await stage.step(index)
            sampler.update(index + 1)
        return Trial(objective, seed, self.every, tuple(successes))


def summarise(trials: Sequence[Trial], target: float) -> dict[str, dict[str, object]]:
    """Per objective: the steps of every seed, how many reached the target, and the median of those."""
    summary: dict[str, dict[str, object]] = {}
    for objective in OBJECTIVES:
        steps = [trial.steps_to(target) for trial in trials if trial.objective == objective]
        reached = [step for step in steps if step is not None]
        summary[objective] = {"steps": steps, "reached": f"{len(reached)}/{len(steps)}",
                              "median": statistics.median(reached) if reached else None}
    return summary


def draw(trials: Sequence[Trial], target: float, path: Path) -> None:
    """Success against steps, a line per trial."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    colours: Mapping[str, str] = {"cispo": "#4477aa", "grpo": "#ccbb44", "dapo": "#cc6677"}
    figure, axis = plt.subplots(figsize=(6, 4))
    for trial in trials:
        steps = [number * trial.every for number in range(len(trial.successes))]
        axis.plot(steps, trial.successes, color=colours[trial.objective], alpha=0.7,
                  label=trial.objective if trial.seed == 0 else None)
    axis.axhline(target, color="grey", linewidth=0.8, linestyle="--")
    axis.set(xlabel="RL step", ylabel="frontier success (development)", ylim=(0, 1))
    axis.legend(frameon=False)
    axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    plt.close(figure)
