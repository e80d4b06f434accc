"""Advantages: how much better a rollout did than the other rollouts of the same task."""

from __future__ import annotations

from torch import Tensor

EPSILON = 1e-6


def group_normalised(rewards: Tensor) -> Tensor:
    """`(R - mean) / (std + 1e-6)` within each group; rewards and result are [groups, rollouts per group].

    The standard deviation is the population one; a group without variance gets zeros (GRPO, arXiv 2402.03300, eq. 3).
    """
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    return centred / (rewards.std(dim=1, keepdim=True, correction=0) + EPSILON)


def informative(rewards: Tensor) -> Tensor:
    """Boolean [groups]: whether a group's rewards differ, so that it has a gradient (DAPO's dynamic sampling)."""
    return (rewards != rewards[:, :1]).any(dim=1)
