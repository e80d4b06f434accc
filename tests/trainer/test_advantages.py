"""Group normalisation against NumPy, and which groups carry a gradient."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainer.advantages import EPSILON, group_normalised, informative


@given(arrays(np.float64, (3, 4), elements=st.sampled_from([0.0, 0.1, 1.0, 1.1])))
def test_equals_numpy(rewards: np.ndarray) -> None:
    expected = (rewards - rewards.mean(1, keepdims=True)) / (rewards.std(1, keepdims=True) + EPSILON)
    np.testing.assert_allclose(group_normalised(torch.from_numpy(rewards)).numpy(), expected, atol=1e-9)


def test_a_group_without_variance_has_no_advantage() -> None:
    rewards = torch.tensor([[1.1, 1.1, 1.1], [0.0, 1.1, 0.0]])
    assert informative(rewards).tolist() == [False, True]
    assert group_normalised(rewards)[0].abs().max() < 1e-6
