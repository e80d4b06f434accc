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
    """Groups of rollouts. A prompt is read once for its group, and equal rollouts of a group once for all of them.

    `prompts` are [groups, P], `inputs` and `targets` [distinct rollouts, T], `mask` and `behaviour` [rollouts, T].
    A rollout's inputs start with the last token of its prompt, so that every completion token has a prediction.
    """

    prompts: Tensor
    prompt_lengths: Tensor
    rows: Tensor
    """For each distinct rollout, the index of its prompt."""
    inputs: Tensor
    targets: Tensor
    lengths: Tensor
    copies: Tensor
    """For each rollout, the index of the distinct one that it equals."""
    mask: Tensor
    behaviour: Tensor

    @classmethod
    def of(cls, groups: Sequence[Sequence[Trajectory]]) -> GroupBatch:
        heads = [group[0].ids[:group[0].prompt_length] for group in groups]
        keyed = [(index, tuple(rollout.ids)) for index, group in enumerate(groups) for rollout in group]
        place = {key: row for row, key in enumerate(dict.fromkeys(keyed))}
        rows = [index for index, _ in place]
        tails = [ids[len(heads[index]):] for index, ids in place]
        rollouts = [rollout for group in groups for rollout in group]
        return cls(
            prompts=pad([head[:-1] for head in heads]),
            prompt_lengths=torch.tensor([len(head) - 1 for head in heads]),
            rows=torch.tensor(rows),
            inputs=pad([[heads[index][-1], *tail[:-1]] for index, tail in zip(rows, tails, strict=True)]),
            targets=pad(tails),
            lengths=torch.tensor([len(tail) for tail in tails]),
            copies=torch.tensor([place[key] for key in keyed]),
            mask=pad([rollout.sampled[rollout.prompt_length:] for rollout in rollouts]).float(),
            behaviour=pad([rollout.logprobs[rollout.prompt_length:] for rollout in rollouts]),
        )


def pad(rows: Sequence[Sequence[int]] | Sequence[Sequence[float]] | Sequence[Sequence[bool]]) -> Tensor:
    """Rows of unequal length as one tensor, filled up with zeros on the right."""
    return torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
