"""Reinforcement learning: groups of rollouts, group-normalised advantages, several off-policy updates per batch.

The recipe of MiniMax-M1 (arXiv 2506.13585): CISPO, token-level normalisation, no KL, groups without variance dropped
and refilled, ratios anchored on the *sampler's* log-probs, fp32 head, AdamW(0.9, 0.95, eps 1e-15).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from envs.tasks.source import TaskSource
from envs.tasks.task import Task
from policies.hybrid.model import HybridModel
from policies.trajectory import Trajectory
from trainer.advantages import group_normalised, informative
from trainer.batch import GroupBatch
from trainer.config import RlSettings
from trainer.objectives import OBJECTIVES, PolicyLoss
from trainer.optimizer import Optimizer, Schedule
from trainer.rollout import RolloutWorker

Group = list[Trajectory]


class RlStage:
    """One step: play groups until enough are informative, then `epochs` x `minibatches` updates."""

    def __init__(self, model: HybridModel, settings: RlSettings, *, seed: int, worker: RolloutWorker,
                 frontier: TaskSource, short: TaskSource) -> None:
        self.name: str = settings.objective
        self.steps = settings.steps
        self.evaluate_every, self.save_every = settings.evaluate_every, settings.save_every
        self.optimizer = Optimizer(
            model, lr=settings.lr, muon=False,
            schedule=Schedule(settings.steps, settings.warmup, settings.decay_from))
        self.objective = OBJECTIVES[settings.objective]()
        self._model = model
        self._settings = settings
        self._seed = seed
        self._worker = worker
        self._frontier, self._short = frontier, short

    async def step(self, index: int) -> dict[str, float]:
        self._model.eval()
        played, kept = await self._collect(index)
        self._model.train()
        updates = [update for update in self._update(index, kept)]
        rewards = [trajectory.correct for group in played for trajectory in group]
        return {
            "reward": sum(rewards) / len(rewards),
            "groups_played": len(played),
            "groups_kept": len(kept),
            "tokens_per_rollout": sum(len(t.ids) - t.prompt_length for group in played for t in group) / len(rewards),
            "entropy": _entropy(kept or played),
            **_mean(updates),
        }

    async def _collect(self, index: int) -> tuple[list[Group], list[Group]]:
        """All groups played, and the informative ones: at most `prompts`, after at most `refills` extra rounds.

        A group counts by correctness: where all fail, normalisation would blow the format reward up into a lesson of
        its own, to answer at once.
        """
        played: list[Group] = []
        kept: list[Group] = []
        for attempt in range(1 + self._settings.refills):
            tasks = await self._tasks(index, attempt, self._settings.prompts - len(kept))
            groups = await self._worker.play(
                tasks, name=f"{self._seed}/{self.name}/{index}/{attempt}", group=self._settings.group,
                temperature=self._settings.temperature, pseudonyms=self._settings.pseudonyms)
            played += groups
            live = informative(_correctness(groups)).tolist()
            kept += [group for group, keep in zip(groups, live, strict=True) if keep]
            if len(kept) >= self._settings.prompts:
                break
        return played, kept

    async def _tasks(self, index: int, attempt: int, count: int) -> list[Task]:
        rng = random.Random(f"{self._seed}/{self.name}/{index}/{attempt}")
        sources = (self._short if rng.random() < self._settings.short_share else self._frontier for _ in range(count))
        return [await source.draw(rng.randrange(10**9, 2 * 10**9)) for source in sources]

    def _update(self, index: int, groups: Sequence[Group]) -> Iterator[dict[str, float]]:
        if not groups:
            return
        advantages = group_normalised(_rewards(groups))
        for epoch in range(self._settings.epochs):
            order = list(range(len(groups)))
            random.Random(f"{self._seed}/{index}/{epoch}").shuffle(order)
            for chosen in _split(order, self._settings.minibatches):
                batch = GroupBatch.of([groups[i] for i in chosen])
                report = self.loss(batch, advantages[chosen].reshape(-1, 1))
                report.loss.backward()  # type: ignore[no-untyped-call]
                norm = self.optimizer.step(index)
                yield {"loss": float(report.loss.detach()), "clip_fraction": report.clip_fraction, "kl": report.kl,
                       "ratio_deviation": report.ratio_deviation, "gradient_norm": norm}

    def loss(self, batch: GroupBatch, advantages: Tensor) -> PolicyLoss:
        """The objective on one minibatch; `advantages` is [rollouts, 1]."""
        return self.objective(completion_logprobs(self._model, batch, self._settings.temperature),
                              batch.behaviour, advantages, batch.mask)


def completion_logprobs(model: HybridModel, batch: GroupBatch, temperature: float = 1.0) -> Tensor:
    """Log-probs [rollouts, T] of the sampled tokens, zero elsewhere; gradients flow into the prompts' state."""
    nowhere = torch.zeros_like(batch.prompts, dtype=torch.bool)
    _, state = model(batch.prompts, lengths=batch.prompt_lengths, positions_wanted=nowhere)
    wanted = torch.zeros_like(batch.inputs, dtype=torch.bool)
    wanted[batch.copies] = batch.mask.bool()
    logits, _ = model(batch.inputs, lengths=batch.lengths, state=state.expand(batch.rows), positions_wanted=wanted)
    logprobs = (logits / temperature).log_softmax(-1).gather(1, batch.targets[wanted][:, None])[:, 0]
    return torch.zeros(wanted.shape).masked_scatter(wanted, logprobs)[batch.copies]


def _rewards(groups: Sequence[Group]) -> Tensor:
    return torch.tensor([[trajectory.reward for trajectory in group] for group in groups])


def _correctness(groups: Sequence[Group]) -> Tensor:
    return torch.tensor([[trajectory.correct for trajectory in group] for group in groups])


def _split(order: list[int], parts: int) -> Iterator[list[int]]:
    size = -(-len(order) // parts)
    return (order[start:start + size] for start in range(0, len(order), size))


def _entropy(groups: Sequence[Group]) -> float:
    """Mean surprise of the sampled tokens, in nats: a Monte Carlo estimate of the policy's entropy per token."""
    rollouts = [trajectory for group in groups for trajectory in group]
    drawn = [-logprob for t in rollouts for logprob, own in zip(t.logprobs, t.sampled, strict=True) if own]
    return sum(drawn) / max(1, len(drawn))


def _mean(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]} if rows else {}
