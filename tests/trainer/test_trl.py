"""The objectives against TRL's own loss: same log-probs, same advantages, equal losses and gradients."""

from __future__ import annotations

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from trainer.objectives import CISPO, DAPO, GRPO, Objective

ROLLOUTS, TOKENS = 6, 9


def trl_loss(loss_type: str, high: float, logprobs: Tensor, batch: dict[str, Tensor]) -> Tensor:
    """`GRPOTrainer._compute_loss` on given log-probs: a bare trainer with only what that method reads."""
    from trl.trainer.grpo_trainer import GRPOTrainer

    class Bare(GRPOTrainer):
        def __init__(self) -> None:
            self.loss_type, self.epsilon_low, self.epsilon_high, self.beta = loss_type, 0.2, high, 0.0
            self.importance_sampling_level, self.top_entropy_quantile = "token", 1.0
            self.off_policy_mask_threshold, self.use_vllm, self.aux_loss_enabled = None, False, False
            self.current_gradient_accumulation_steps = 1
            self._entropy_bonus_enabled = False
            self._metrics: Any = defaultdict(lambda: defaultdict(list))
            self.args = SimpleNamespace(delta=None, steps_per_generation=1, report_to=[])
            self.model = SimpleNamespace(training=True)
            self.accelerator = SimpleNamespace(num_processes=1, gather=lambda value: value,
                                               reduce=lambda value, reduction="sum": value)

        def _get_per_token_logps_and_entropies(self, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor, None]:
            return logprobs, torch.zeros_like(logprobs), None

    return Bare()._compute_loss(None, batch)


def batch_of(seed: int) -> tuple[Tensor, dict[str, Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    size = (ROLLOUTS, TOKENS)
    logprobs, behaviour = (-3 * torch.rand(*size, generator=generator, dtype=torch.float64) for _ in range(2))
    mask = (torch.rand(ROLLOUTS, TOKENS, generator=generator) < 0.8).long()
    mask[:, 0] = 1
    ids = torch.zeros(ROLLOUTS, TOKENS, dtype=torch.long)
    return logprobs, {
        "prompt_ids": ids[:, :1], "prompt_mask": torch.ones(ROLLOUTS, 1, dtype=torch.long), "completion_ids": ids,
        "completion_mask": torch.ones_like(ids), "tool_mask": mask, "old_per_token_logps": behaviour,
        "advantages": torch.randn(ROLLOUTS, generator=generator, dtype=torch.float64),
        "num_items_in_batch": mask.sum().double()}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("loss_type", "high", "objective"), [
    ("cispo", 5.0, CISPO(cap=5.0)), ("grpo", 0.2, GRPO()), ("dapo", 0.28, DAPO())])
def test_loss_and_gradient_equal_trl(loss_type: str, high: float, objective: Objective, seed: int) -> None:
    logprobs, batch = batch_of(seed)
    theirs_at, ours_at = logprobs.clone().requires_grad_(), logprobs.clone().requires_grad_()
    theirs = trl_loss(loss_type, high, theirs_at, batch)
    behaviour, advantages = batch["old_per_token_logps"], batch["advantages"][:, None]
    ours = objective(ours_at, behaviour, advantages, batch["tool_mask"].double()).loss
    theirs.backward()
    ours.backward()
    torch.testing.assert_close(ours, theirs, atol=1e-9, rtol=0)
    torch.testing.assert_close(ours_at.grad, theirs_at.grad, atol=1e-9, rtol=0)
