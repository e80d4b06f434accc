"""The objectives against closed forms and brute force."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from trainer.objectives import CISPO, DAPO, GRPO, Objective

LOG_RATIOS = [-3.0, -0.5, 0.0, 0.5, 3.0]


def gradient(objective: Objective, log_ratio: Tensor, advantages: Tensor, mask: Tensor | None = None) -> Tensor:
    """d loss / d log-prob, per token, times the number of sampled tokens."""
    mask = torch.ones_like(log_ratio) if mask is None else mask
    behaviour = torch.full_like(log_ratio, -1.5)
    logprobs = (behaviour + log_ratio).requires_grad_()
    objective(logprobs, behaviour, advantages, mask).loss.backward()
    assert logprobs.grad is not None
    return logprobs.grad * mask.sum()


def test_cispo_weights_are_capped_and_every_token_keeps_its_gradient() -> None:
    found = gradient(CISPO(cap=5.0), torch.tensor([LOG_RATIOS], dtype=torch.float64), torch.ones(1, 1))
    expected = -torch.tensor([[0.0497870684, 0.6065306597, 1.0, 1.6487212707, 5.0]], dtype=torch.float64)
    torch.testing.assert_close(found, expected, atol=1e-9, rtol=0)


def test_cispo_caps_negative_advantages_too() -> None:
    found = gradient(CISPO(cap=5.0), torch.tensor([[3.0, -3.0]], dtype=torch.float64), -torch.ones(1, 1))
    torch.testing.assert_close(found, torch.tensor([[5.0, 0.0497870684]], dtype=torch.float64), atol=1e-9, rtol=0)


@pytest.mark.parametrize("objective", [CISPO(), DAPO(), GRPO()])
def test_on_policy_every_objective_is_reinforce(objective: Objective) -> None:
    advantages = torch.tensor([[1.0], [-0.5]])
    found = gradient(objective, torch.zeros(2, 3), advantages)
    torch.testing.assert_close(found, -advantages.expand(2, 3))


@pytest.mark.parametrize(("objective", "expected"), [
    (DAPO(), [[-0.0497870684, -0.6065306597, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.6487212707, 20.0855369232]]),
    (GRPO(), [[-0.0497870684, -0.6065306597, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.6487212707, 20.0855369232]]),
])
def test_clipped_surrogates_lose_the_gradient_outside_their_bounds(
    objective: Objective, expected: list[list[float]]
) -> None:
    log_ratio = torch.tensor([LOG_RATIOS, LOG_RATIOS], dtype=torch.float64)
    found = gradient(objective, log_ratio, torch.tensor([[1.0], [-1.0]], dtype=torch.float64))
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64), atol=1e-9, rtol=0)


def test_bounds_of_dapo_and_grpo_differ_between_1_2_and_1_28() -> None:
    log_ratio = torch.tensor([[1.25]]).log()
    assert gradient(GRPO(), log_ratio, torch.ones(1, 1)).item() == 0
    assert gradient(DAPO(), log_ratio, torch.ones(1, 1)).item() == pytest.approx(-1.25)


@pytest.mark.parametrize("objective", [CISPO(), DAPO(), GRPO()])
def test_tokens_of_tools_carry_no_loss(objective: Objective) -> None:
    mask = torch.tensor([[1.0, 0.0, 1.0]])
    found = gradient(objective, torch.tensor([[0.1, 2.0, -0.1]]), torch.ones(1, 1), mask)
    assert found[0, 1] == 0 and found[0, 0] != 0 and found[0, 2] != 0


def test_token_level_normalisation_weighs_long_rollouts_by_their_tokens() -> None:
    mask = torch.tensor([[1.0, 1.0, 1.0, 1.0], [1.0, 0.0, 0.0, 0.0]])
    assert gradient(CISPO(), torch.zeros(2, 4), torch.ones(2, 1), mask)[1, 0] == pytest.approx(-1.0)
    assert gradient(GRPO(), torch.zeros(2, 4), torch.ones(2, 1), mask)[1, 0] == pytest.approx(-2.5)


@given(st.integers(0, 2**32 - 1))
def test_micro_batches_add_up_to_the_batch(seed: int) -> None:
    """CISPO over a batch is the token-weighted mean of CISPO over its parts."""
    generator = torch.Generator().manual_seed(seed)
    logprobs, behaviour = (-torch.rand(4, 5, generator=generator, dtype=torch.float64) * 3 for _ in range(2))
    advantages = torch.randn(4, 1, generator=generator, dtype=torch.float64)
    mask = (torch.rand(4, 5, generator=generator) < 0.7).double()
    mask[:, 0] = 1
    whole = CISPO()(logprobs, behaviour, advantages, mask).loss
    parts = [CISPO()(logprobs[rows], behaviour[rows], advantages[rows], mask[rows]).loss * mask[rows].sum()
             for rows in (slice(0, 1), slice(1, 4))]
    torch.testing.assert_close(sum(parts) / mask.sum(), whole)


def test_report_counts_what_was_capped() -> None:
    log_ratio, mask = torch.tensor([[3.0, 0.0, 0.0, 9.0]]), torch.tensor([[1.0, 1.0, 1.0, 0.0]])
    report = CISPO()(log_ratio, torch.zeros(1, 4), torch.ones(1, 1), mask)
    ratio = 20.0855369232
    assert report.clip_fraction == pytest.approx(1 / 3)
    assert report.ratio_deviation == pytest.approx((ratio - 1) / 3)
    assert report.kl == pytest.approx((ratio - 1 - 3) / 3)
