"""The feed-forward part of a layer: SwiGLU experts behind a top-k softmax router, or one expert and no router.

Submodule names are those of a saved ``MiniMaxForCausalLM`` (``block_sparse_moe.gate``, ``experts.E.w1|w2|w3``).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from policies.hybrid.config import HybridConfig


class Expert(nn.Module):
    """SwiGLU: w2( SiLU(w1 x) * w3 x ) (arXiv 2002.05202)."""

    def __init__(self, config: HybridConfig) -> None:
        super().__init__()
        self.w1 = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.w2 = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)
        self.w3 = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[..., hidden] to the same shape."""
        out: Tensor = self.w2(F.silu(self.w1(x)) * self.w3(x))
        return out


class SparseMoe(nn.Module):
    """Each token to its top-k experts, weighed by the renormalised router probabilities; no token is ever dropped."""

    def __init__(self, config: HybridConfig) -> None:
        super().__init__()
        self.top_k = config.num_experts_per_tok
        self.experts = nn.ModuleList(Expert(config) for _ in range(config.num_local_experts))
        self.gate = None if config.dense else nn.Linear(config.hidden_size, config.num_local_experts, bias=False)

    def forward(self, x: Tensor, real: Tensor | None = None, balance: bool = False) -> tuple[Tensor, Tensor | None]:
        """Outputs like x [B, T, hidden] and, where asked, the load-balancing loss over the ``real`` [B, T] tokens."""
        if self.gate is None:
            return self.experts[0](x), None
        flat = x.flatten(0, -2)
        probabilities = self.gate(flat).float().softmax(-1)
        weights, chosen = probabilities.topk(self.top_k, -1)
        weights = (weights / weights.sum(-1, keepdim=True)).to(x.dtype)
        out = torch.zeros_like(flat)
        for index, expert in enumerate(self.experts):
            tokens, rank = torch.where(chosen == index)
            if len(tokens):
                out = out.index_add(0, tokens, (expert(flat[tokens]) * weights[tokens, rank, None]).to(out.dtype))
        return out.view_as(x), balance_loss(probabilities, chosen, real) if balance else None


def balance_loss(probabilities: Tensor, chosen: Tensor, real: Tensor | None = None) -> Tensor:
    """E * sum_e f_e p_e: fraction of tokens times mean probability per expert (arXiv 2101.03961, eq. 4).

    ``probabilities`` [N, E], ``chosen`` [N, k]; k when balanced, as in transformers. ``real`` marks what is no padding.
    """
    if real is not None:
        probabilities, chosen = probabilities[real.flatten()], chosen[real.flatten()]
    experts = probabilities.shape[-1]
    fraction = F.one_hot(chosen, experts).float().sum(1).mean(0)
    return experts * (fraction * probabilities.mean(0)).sum()
