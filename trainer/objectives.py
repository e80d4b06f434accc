"""Policy-gradient objectives over sampled tokens: CISPO, and GRPO and DAPO to compare it with.

All take four tensors of shape [rollouts, tokens]: log-probs under the policy in training, the sampler's own log-probs
(the anchor of every ratio), advantages, and the mask of sampled tokens; tokens that tools wrote carry no loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class PolicyLoss:
    """A scalar loss to minimise, and what happened to the ratios."""

    loss: Tensor
    clip_fraction: float
    """Share of sampled tokens whose ratio was capped or clipped."""
    ratio_deviation: float
    """Mean of |ratio - 1| over sampled tokens."""
    kl: float
    """Schulman's k3 estimate of KL(sampler || policy): mean of ratio - 1 - log ratio."""


class Objective(Protocol):
    """A loss over a batch of rollouts."""

    name: str

    def __call__(self, logprobs: Tensor, behaviour: Tensor, advantages: Tensor, mask: Tensor) -> PolicyLoss: ...


@dataclass(frozen=True, slots=True)
class CISPO:
    """Clipped importance-sampling policy optimisation (MiniMax-M1, arXiv 2506.13585, eq. 4-5).

        L = - sum_t sg(min(r_t, cap)) * A_t * log pi(o_t) / number of sampled tokens

    The *weight* is capped and detached, the token never is: every token keeps its gradient, whatever the sign of its
    advantage, and there is no lower bound and no KL term. `cap` is 1 + eps_high of the paper (not disclosed there).
    """

    cap: float = 5.0
    name: str = "cispo"

    def __call__(self, logprobs: Tensor, behaviour: Tensor, advantages: Tensor, mask: Tensor) -> PolicyLoss:
        ratio = (logprobs.detach() - behaviour).exp()
        loss = token_mean(-ratio.clamp(max=self.cap) * advantages * logprobs, mask)
        return _report(loss, ratio, ratio > self.cap, mask)


@dataclass(frozen=True, slots=True)
class GRPO:
    """PPO's clipped surrogate, averaged per rollout and then over rollouts (arXiv 2402.03300, eq. 3, without KL)."""

    low: float = 0.2
    high: float = 0.2
    name: str = "grpo"

    def __call__(self, logprobs: Tensor, behaviour: Tensor, advantages: Tensor, mask: Tensor) -> PolicyLoss:
        surrogate, ratio, clipped = _clipped(logprobs, behaviour, advantages, self.low, self.high)
        per_rollout = (surrogate * mask).sum(1) / mask.sum(1).clamp(min=1)
        return _report(-per_rollout.mean(), ratio, clipped, mask)


@dataclass(frozen=True, slots=True)
class DAPO:
    """The clipped surrogate with a higher upper bound and a mean over tokens (arXiv 2503.14476, eq. 8)."""

    low: float = 0.2
    high: float = 0.28
    name: str = "dapo"

    def __call__(self, logprobs: Tensor, behaviour: Tensor, advantages: Tensor, mask: Tensor) -> PolicyLoss:
        surrogate, ratio, clipped = _clipped(logprobs, behaviour, advantages, self.low, self.high)
        return _report(-token_mean(surrogate, mask), ratio, clipped, mask)


OBJECTIVES: dict[str, type[CISPO] | type[GRPO] | type[DAPO]] = {"cispo": CISPO, "grpo": GRPO, "dapo": DAPO}


def token_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean over the sampled tokens of the whole batch: long rollouts weigh as much per token as short ones."""
    return (values * mask).sum() / mask.sum().clamp(min=1)


def _clipped(
    logprobs: Tensor, behaviour: Tensor, advantages: Tensor, low: float, high: float
) -> tuple[Tensor, Tensor, Tensor]:
    """PPO's surrogate, the ratio, and where clipping stopped the gradient."""
    ratio = (logprobs - behaviour).exp()
    surrogate = torch.minimum(ratio * advantages, ratio.clamp(1 - low, 1 + high) * advantages)
    clipped = ((ratio > 1 + high) & (advantages > 0)) | ((ratio < 1 - low) & (advantages < 0))
    return surrogate, ratio.detach(), clipped


def _report(loss: Tensor, ratio: Tensor, clipped: Tensor, mask: Tensor) -> PolicyLoss:
    mean = {name: float(token_mean(values.float(), mask)) for name, values in
            (("clip", clipped), ("deviation", (ratio - 1).abs()), ("kl", ratio - 1 - ratio.clamp(min=1e-30).log()))}
    return PolicyLoss(loss, mean["clip"], mean["deviation"], mean["kl"])
