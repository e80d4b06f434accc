"""Optimizers and their schedule: Muon for the matrices of a model that trains from scratch, AdamW for all else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

BETAS = (0.9, 0.95)
EPSILON = 1e-15  # gradients of RL lie far below Adam's usual 1e-8 (MiniMax-M1, section 3.2)
MUON_SCALE = 7.0  # Muon's updates have unit spectral norm: they want a larger step than Adam's


@dataclass(frozen=True, slots=True)
class Schedule:
    """Linear warm-up over `warmup` steps, constant, then linear decay from `decay_from` of the way down to `floor`."""

    steps: int
    warmup: int = 0
    decay_from: float = 1.0
    floor: float = 0.05

    def __call__(self, step: int) -> float:
        """The factor on the learning rate at step 0, 1, ... steps - 1."""
        warm = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        start = self.steps * self.decay_from
        if step < start:
            return warm
        return warm * max(self.floor, 1 - (step - start) / max(1.0, self.steps - start))


class Optimizer:
    """One or two torch optimizers behind one step, with gradient clipping and a schedule."""

    def __init__(self, model: nn.Module, *, lr: float, schedule: Schedule, muon: bool, clip: float = 1.0) -> None:
        self._parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        matrices = _matrices(model) if muon else []
        chosen = {id(parameter) for parameter in matrices}
        rest = [parameter for parameter in self._parameters if id(parameter) not in chosen]
        adam = torch.optim.AdamW(rest, lr=lr, betas=BETAS, eps=EPSILON, weight_decay=0.0)
        self._optimizers: list[torch.optim.Optimizer] = [adam]
        if matrices:
            self._optimizers.append(torch.optim.Muon(
                matrices, lr=lr * MUON_SCALE, weight_decay=0.0, momentum=0.95, adjust_lr_fn="original"))
        self._base = [[group["lr"] for group in optimizer.param_groups] for optimizer in self._optimizers]
        self._schedule = schedule
        self._clip = clip

    def step(self, index: int) -> float:
        """Applies and clears the gradients at the learning rate of step `index`; returns their norm before clipping."""
        norm = float(torch.nn.utils.clip_grad_norm_(self._parameters, self._clip, error_if_nonfinite=True))
        factor = self._schedule(index)
        for optimizer, rates in zip(self._optimizers, self._base, strict=True):
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return norm

    def state_dict(self) -> dict[str, Any]:
        return {"optimizers": [optimizer.state_dict() for optimizer in self._optimizers]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for optimizer, saved in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)


def _matrices(model: nn.Module) -> list[nn.Parameter]:
    """The hidden weight matrices: every 2-D parameter but embeddings and head."""
    return [parameter for name, parameter in model.named_parameters()
            if parameter.dim() == 2 and not any(part in name for part in ("embed_tokens", "lm_head"))]
