"""Batches: token sequences padded on the right, with the mask of the tokens that carry loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from policies.trajectory import Trajectory


@dataclass(frozen=True, slots=True)
class SequenceBatch:
    """Whole sequences for supervised learning: `inputs`, `targets`, `mask` are [B, T]; `lengths` [B]."""

    inputs: Tensor
    targets: Tensor
    mask: Tensor
    lengths: Tensor

    @classmethod
    def of(cls, trajectories: Sequence[Trajectory]) -> SequenceBatch:
        ids = pad([trajectory.ids for trajectory in trajectories])
        sampled = pad([trajectory.sampled for trajectory in trajectories]).bool()
        lengths = torch.tensor([len(trajectory.ids) - 1 for trajectory in trajectories])
        return cls(ids[:, :-1], ids[:, 1:], sampled[:, 1:], lengths)


@dataclass(frozen=True, slots=True)
class GroupBatch:
    """Groups of rollouts that share a prompt, which is read once: prompts [groups, P], the rest [rollouts, T].

    A rollout's inputs start with the last token of its prompt, so that every completion token has a prediction.
    """

    prompts: Tensor
    prompt_lengths: Tensor
    rows: Tensor
    """For each rollout, the index of its prompt."""
    inputs: Tensor
    targets: Tensor
    lengths: Tensor
    mask: Tensor
    behaviour: Tensor

    @classmethod
    def of(cls, groups: Sequence[Sequence[Trajectory]]) -> GroupBatch:
        heads = [group[0].ids[:group[0].prompt_length] for group in groups]
        rollouts = [trajectory for group in groups for trajectory in group]
        tails = [trajectory.ids[trajectory.prompt_length:] for trajectory in rollouts]
        lasts = [head[-1] for head, group in zip(heads, groups, strict=True) for _ in group]
        return cls(
            prompts=pad([head[:-1] for head in heads]),
            prompt_lengths=torch.tensor([len(head) - 1 for head in heads]),
            rows=torch.tensor([index for index, group in enumerate(groups) for _ in group]),
            inputs=pad([[last, *tail[:-1]] for last, tail in zip(lasts, tails, strict=True)]),
            targets=pad(tails),
            lengths=torch.tensor([len(tail) for tail in tails]),
            mask=pad([trajectory.sampled[trajectory.prompt_length:] for trajectory in rollouts]).float(),
            behaviour=pad([trajectory.logprobs[trajectory.prompt_length:] for trajectory in rollouts]),
        )


def pad(rows: Sequence[Sequence[int]] | Sequence[Sequence[float]] | Sequence[Sequence[bool]]) -> Tensor:
    """Rows of unequal length as one tensor, filled up with zeros on the right."""
    return torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
