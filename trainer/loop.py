"""A training run: SFT, then RL, with an evaluation on held-out tasks before, between and after.

A run is a folder. Killed at any moment and started again, it goes on from its last saved step and ends with the numbers
that an unbroken run would have had: every step draws its randomness from the seed and the step's number alone.
"""

from __future__ import annotations

import copy
import hashlib
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from envs.tasks.store import write_tasks
from envs.tasks.task import Split, Task
from policies.hybrid.model import HybridModel
from policies.hybrid.sampler import TorchSampler
from policies.policy import TOKENIZER, TokenPolicy
from policies.tokenizer import CompactTokenizer
from policies.trajectory import Trajectory
from trainer.checkpoint import RunState, load_state, save_state
from trainer.config import TrainSettings
from trainer.demonstrations import Demonstrations, texts
from trainer.evaluate import Evaluation, evaluate
from trainer.metrics import MetricsLog
from trainer.optimizer import Optimizer
from trainer.report import write_report, write_rollouts
from trainer.rl import RlStage
from trainer.rollout import RolloutWorker
from trainer.setting import TIERS, Setting, open_setting
from trainer.sft import SftStage

BASES = Path(__file__).parent
Results = dict[str, dict[str, Any]]


class Stage(Protocol):
    """A phase of training: `steps` numbered steps, each a function of the model, the optimizer and its number."""

    name: str
    steps: int
    evaluate_every: int
    save_every: int
    optimizer: Optimizer

    async def step(self, index: int) -> dict[str, float]: ...


async def train(settings: TrainSettings, out: Path, console: Console | None = None) -> Results:
    """Runs or resumes the run in folder `out`; returns the final table: policy -> tier -> summary.

    Raises CheckpointError if `out` holds a run with other settings, or a corrupt one.
    """
    torch.set_num_threads(settings.threads)
    out.mkdir(parents=True, exist_ok=True)
    async with open_setting(settings.world) as setting:
        return await Run(settings, out, setting, console or Console(stderr=True)).execute()


class Run:
    """One run in progress."""

    def __init__(self, settings: TrainSettings, out: Path, setting: Setting, console: Console) -> None:
        self._settings = settings
        self._out = out
        self._setting = setting
        self._console = console

    async def execute(self) -> Results:
        state = load_state(self._out / "state.pt", self._fingerprint()) or RunState(self._fingerprint())
        await self._prepare(state)
        self._log = MetricsLog(self._out, self._written(state))
        try:
            await self._examine_start(state)
            for number, stage in enumerate(self._stages):
                if state.stage <= number:
                    await self._run(stage, number, state)
                await self._examine(stage.name, state)
                self._save(state, state.stage, state.step, state.optimizer)
        finally:
            self._log.close()
        write_report(self._out, state.results, [stage.name for stage in self._stages])
        return state.results

    async def _prepare(self, state: RunState) -> None:
        """Model, sampler, stages and held-out tasks: the same whether the run begins or goes on."""
        torch.manual_seed(self._settings.seed)
        self._policy = await self._start()
        model = self._policy.model
        if state.model:
            model.load_state_dict(state.model)
        self._sampler = TorchSampler(model, seed=self._settings.seed)
        self._worker = RolloutWorker(self._setting.connection, self._sampler, self._policy.renderer,
                                     self._settings.world, self._settings.sampling)
        self._stages: list[Stage] = [stage for stage in (self._sft(), self._rl()) if stage.steps]
        counts = self._settings.evaluation
        self._held_out = {tier: await self._setting.tasks(tier, Split.TEST, counts.tasks) for tier in TIERS}
        self._development = {tier: await self._setting.tasks(tier, Split.DEV, counts.curve_tasks) for tier in TIERS}
        for tier, tasks in self._held_out.items():
            write_tasks(self._out / f"test-{tier}.jsonl", tasks)

    async def _start(self) -> TokenPolicy:
        """The policy before its first step: the committed base, or a new model with a tokenizer of its own."""
        if self._settings.base:
            return TokenPolicy.load(BASES / self._settings.base)
        tokenizer = await self._tokenizer()
        shape = self._settings.model.model_copy(update={"vocab_size": tokenizer.vocab_size})
        return TokenPolicy(HybridModel(shape), tokenizer)

    async def _tokenizer(self) -> CompactTokenizer:
        """Fitted to training tasks once, then kept with the run."""
        path = self._out / TOKENIZER
        if path.exists():
            return CompactTokenizer.load(path)
        source = self._setting.source(self._settings.world.frontier, Split.TRAIN)
        corpus = await texts(self._setting.connection, source, self._settings.tokenizer_tasks)
        tokenizer = CompactTokenizer.train(corpus, self._settings.vocab_size)
        path.write_text(tokenizer.to_json())
        return tokenizer

    def _sft(self) -> SftStage:
        settings, world, setting = self._settings.sft, self._settings.world, self._setting
        full = setting.source(world.short, Split.TRAIN)
        easy = setting.source(settings.easy, Split.TRAIN, toolset=settings.easy_toolset)
        shown = partial(Demonstrations, setting.connection, renderer=self._policy.renderer,
                        pseudonyms=settings.pseudonyms)
        return SftStage(self._policy.model, settings, seed=self._settings.seed, easy=shown(easy), full=shown(full),
                        wandering=shown(full, detours=settings.detours))

    def _rl(self) -> RlStage:
        world, setting = self._settings.world, self._setting
        return RlStage(self._policy.model, self._settings.rl, seed=self._settings.seed, worker=self._worker,
                       frontier=setting.source(world.frontier, Split.TRAIN),
                       short=setting.source(world.short, Split.TRAIN))

    async def _run(self, stage: Stage, number: int, state: RunState) -> None:
        """The rest of a stage, from the step that the state names."""
        first = state.step if state.stage == number else 0
        if first and state.optimizer:
            stage.optimizer.load_state_dict(state.optimizer)
        with self._progress() as progress:
            bar = progress.add_task(stage.name, total=stage.steps, completed=first)
            for index in range(first, stage.steps):
                await self._step(stage, index)
                progress.advance(bar)
                if (index + 1) % stage.save_every == 0:
                    self._save(state, number, index + 1, stage.optimizer.state_dict())
        self._save(state, number + 1, 0, {})
        self._policy.save(self._out / stage.name)

    async def _step(self, stage: Stage, index: int) -> None:
        began = time.perf_counter()
        values = await stage.step(index)
        took = time.perf_counter() - began
        self._sampler.update(self._sampler.weights + 1)
        if (index + 1) % stage.evaluate_every == 0 or index + 1 == stage.steps:
            values |= await self._develop(f"{stage.name}/{index}")
        self._log.write(stage.name, index + 1, values, {"step": round(took, 3)})

    async def _develop(self, name: str) -> dict[str, float]:
        """Success on the development tasks: the points of the learning curve."""
        found = {}
        for tier, tasks in self._development.items():
            evaluation, _ = await self._evaluate(tasks, f"dev/{name}/{tier}")
            found[f"dev_{tier}"] = evaluation.success
        return found

    async def _examine_start(self, state: RunState) -> None:
        """Before any step: a model with random weights, the floor of the table, and the base if the run has one."""
        if self._settings.base and "untrained" not in state.results:
            model, base = self._policy.model, copy.deepcopy(self._policy.model.state_dict())
            model.load_state_dict(HybridModel(model.config).state_dict())
            await self._examine("untrained", state)
            model.load_state_dict(base)
        await self._examine("base" if self._settings.base else "untrained", state)
        self._save(state, state.stage, state.step, state.optimizer)

    async def _examine(self, policy: str, state: RunState) -> None:
        """Success on the held-out tasks, once per policy; with rollouts to read."""
        if policy in state.results:
            return
        summaries = {}
        for tier, tasks in self._held_out.items():
            evaluation, played = await self._evaluate(tasks, f"test/{policy}/{tier}")
            summaries[tier] = evaluation.summary()
            write_rollouts(self._out / f"rollouts-{policy}-{tier}.txt", self._policy.tokenizer, tasks[:40], played[:40])
        state.results[policy] = summaries

    async def _evaluate(self, tasks: Sequence[Task], name: str) -> tuple[Evaluation, list[Trajectory]]:
        self._policy.model.eval()
        return await evaluate(self._worker, tasks, name=name)

    def _save(self, state: RunState, stage: int, step: int, optimizer: dict[str, Any]) -> None:
        state.stage, state.step, state.optimizer = stage, step, optimizer
        state.model = self._policy.model.state_dict()
        save_state(state, self._out / "state.pt")

    def _written(self, state: RunState) -> Mapping[str, int]:
        """For each stage, the last step whose metrics stay: later ones will be written again."""
        done = {stage.name: stage.steps for stage in self._stages[:state.stage]}
        return {stage.name: done.get(stage.name, state.step if number == state.stage else 0)
                for number, stage in enumerate(self._stages)}

    def _fingerprint(self) -> str:
        """Of everything that the run's numbers depend on."""
        text = f"{self._settings.model_dump_json()} {self._setting.world_version}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _progress(self) -> Progress:
        return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                        TimeRemainingColumn(), console=self._console)
