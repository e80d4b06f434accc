"""Batches: a shared prompt read once gives the log-probs and the gradients of reading every rollout whole."""

from __future__ import annotations

import random

import pytest
import torch

from policies.hybrid import HybridModel
from policies.trajectory import Trajectory
from trainer.batch import GroupBatch, SequenceBatch
from trainer.rl import completion_logprobs


def rollout(rng: random.Random, prompt: list[int]) -> Trajectory:
    trajectory = Trajectory()
    trajectory.observe(prompt)
    for _ in range(rng.randint(1, 3)):
        turn = [rng.randrange(400) for _ in range(rng.randint(1, 6))]
        trajectory.act(turn, [-1.0] * len(turn), version=0)
        trajectory.observe([rng.randrange(400) for _ in range(rng.randint(0, 4))])
    return trajectory


@pytest.fixture
def groups() -> list[list[Trajectory]]:
    rng = random.Random(3)
    prompts = [[rng.randrange(400) for _ in range(length)] for length in (5, 9, 17)]
    made = [[rollout(rng, prompt) for _ in range(4)] for prompt in prompts]
    return [[*group, group[index]] for index, group in enumerate(made)]  # one of each group is there twice


def whole(model: HybridModel, trajectory: Trajectory) -> torch.Tensor:
    """Log-probs of the completion, from one unpadded forward over everything."""
    ids = torch.tensor([trajectory.ids])
    logits, _ = model(ids[:, :-1])
    logprobs = logits.log_softmax(-1).gather(2, ids[:, 1:, None])[0, :, 0]
    return logprobs[trajectory.prompt_length - 1:]


def test_log_probs_equal_whole_forwards(model: HybridModel, groups: list[list[Trajectory]]) -> None:
    found = completion_logprobs(model, GroupBatch.of(groups))
    for row, trajectory in zip(found, (t for group in groups for t in group), strict=True):
        expected = whole(model, trajectory) * torch.tensor(trajectory.sampled[trajectory.prompt_length:])
        torch.testing.assert_close(row[:len(expected)], expected, atol=1e-5, rtol=0)


def test_gradients_equal_whole_forwards(model: HybridModel, groups: list[list[Trajectory]]) -> None:
    batch = GroupBatch.of(groups)
    (completion_logprobs(model, batch) * batch.mask).sum().backward()
    shared = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    for trajectory in (t for group in groups for t in group):
        own = torch.tensor(trajectory.sampled[trajectory.prompt_length:]).float()
        (whole(model, trajectory) * own).sum().backward()
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(shared[name], parameter.grad, atol=1e-3, rtol=1e-3, msg=name)


def test_equal_rollouts_are_read_once(groups: list[list[Trajectory]]) -> None:
    batch = GroupBatch.of(groups)
    assert len(batch.inputs) == 12
    assert batch.copies.tolist() == [0, 1, 2, 3, 0, 4, 5, 6, 7, 5, 8, 9, 10, 11, 10]
    assert GroupBatch.of([groups[0], groups[0]]).rows.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]  # never across groups


def test_masks_cover_exactly_the_sampled_tokens(groups: list[list[Trajectory]]) -> None:
    flat = [t for group in groups for t in group]
    assert GroupBatch.of(groups).mask.sum() == sum(sum(t.sampled) for t in flat) == SequenceBatch.of(flat).mask.sum()


def test_targets_are_the_next_tokens(groups: list[list[Trajectory]]) -> None:
    batch = SequenceBatch.of(groups[0])
    for row, trajectory in enumerate(groups[0]):
        assert batch.inputs[row, :len(trajectory.ids) - 1].tolist() == trajectory.ids[:-1]
        assert batch.targets[row][batch.mask[row]].tolist() == [
            token for token, own in zip(trajectory.ids, trajectory.sampled, strict=True) if own]
