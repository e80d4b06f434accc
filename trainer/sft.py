"""Supervised fine-tuning on oracle demonstrations: cross-entropy on the assistant's tokens, nothing else."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
import torch.nn.functional as F

from policies.hybrid.model import HybridModel
from policies.trajectory import Trajectory
from trainer.batch import SequenceBatch
from trainer.config import SftSettings
from trainer.demonstrations import Demonstrations
from trainer.optimizer import Optimizer, Schedule

BUCKET = 8  # batches drawn together and sorted by length, so that little is padding


class SftStage:
    """One gradient step per batch of fresh demonstrations: first the easiest, then all, at the end with detours."""

    name = "sft"

    def __init__(self, model: HybridModel, settings: SftSettings, *, seed: int,
                 easy: Demonstrations, full: Demonstrations, wandering: Demonstrations) -> None:
        self.steps = settings.steps
        self.evaluate_every, self.save_every = settings.evaluate_every, settings.save_every
        self.optimizer = Optimizer(
            model, lr=settings.lr, muon=True,
            schedule=Schedule(settings.steps, settings.warmup, settings.decay_from, floor=0.02))
        self._model = model
        self._settings = settings
        self._seed = seed
        self._easy, self._full, self._wandering = easy, full, wandering
        self._bucket: tuple[int, list[list[Trajectory]]] = (-1, [])

    async def step(self, index: int) -> dict[str, float]:
        batch = SequenceBatch.of(await self._batch(index))
        self._model.train()
        logits, _ = self._model(batch.inputs, lengths=batch.lengths, positions_wanted=batch.mask)
        targets = batch.targets[batch.mask]
        loss = F.cross_entropy(logits, targets)
        loss.backward()  # type: ignore[no-untyped-call]
        accuracy = float((logits.argmax(-1) == targets).float().mean())
        norm = self.optimizer.step(index)
        return {"loss": float(loss.detach()), "token_accuracy": accuracy, "gradient_norm": norm}

    async def _batch(self, index: int) -> Sequence[Trajectory]:
        bucket, place = divmod(index, BUCKET)
        if self._bucket[0] != bucket:
            self._bucket = (bucket, await self._draw(bucket))
        return self._bucket[1][place]

    async def _draw(self, bucket: int) -> list[list[Trajectory]]:
        """The batches of one bucket, a function of the seed and the bucket's number alone."""
        size = self._settings.batch
        source = self._source(bucket * BUCKET)
        first = self._seed * 10_000_000 + bucket * BUCKET * size
        drawn = [await source.draw(first + offset) for offset in range(BUCKET * size)]
        drawn.sort(key=lambda trajectory: len(trajectory.ids))
        batches = [drawn[start:start + size] for start in range(0, len(drawn), size)]
        random.Random(first).shuffle(batches)
        return batches

    def _source(self, step: int) -> Demonstrations:
        if step < self._settings.curriculum:
            return self._easy
        return self._full if step < self._settings.wander_from * self._settings.steps else self._wandering


def negative_log_likelihood(model: HybridModel, trajectories: Sequence[Trajectory]) -> float:
    """Mean over the assistant's tokens, in nats."""
    batch = SequenceBatch.of(trajectories)
    with torch.inference_mode():
        logits, _ = model(batch.inputs, lengths=batch.lengths, positions_wanted=batch.mask)
        return float(F.cross_entropy(logits, batch.targets[batch.mask]))
