"""The two kinds of attention in a hybrid layer: lightning attention with its norm and gate, and grouped-query softmax.

Submodule names are those of transformers' ``MiniMaxForCausalLM``. Both take the layer's normed input [B, T, hidden] and
return the attention's output and the layer's next state.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from policies.hybrid import lightning
from policies.hybrid.config import HybridConfig
from policies.hybrid.segment import Segment, rotate
from policies.hybrid.state import LightningState, SoftmaxState

LIGHTNING_NORM_EPS = 1e-6  # MiniMax's code and transformers fix it apart from rms_norm_eps


class RMSNorm(nn.Module):
    """Root-mean-square norm over the last dimension, summed in float32 (arXiv 1910.07467)."""

    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Normed x, same shape and dtype."""
        return F.rms_norm(x, x.shape[-1:], self.weight.to(x.dtype), self.eps)


class TokenShift(nn.Module):
    """A learned per-channel mix of each token's input with the previous token's: weight 0 keeps, 1 replaces."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight)

    def forward(self, x: Tensor, segment: Segment, last: Tensor | None) -> tuple[Tensor, Tensor]:
        """The mixed input [B, T, hidden], and each row's last real input [B, 1, hidden] for the next segment."""
        history = torch.cat((torch.zeros_like(x[:, :1]) if last is None else last, x), 1)
        mixed = torch.lerp(x, history[:, :-1], self.weight.to(x.dtype))
        if segment.lengths is None:
            return mixed, x[:, -1:]
        return mixed, history.gather(1, segment.lengths[:, None, None].expand(-1, 1, x.shape[2]))


def _spread(size: int) -> Tensor:
    """Mix weights over [0, 1] in random channel order: some channels start on the past, some on the present."""
    return torch.linspace(0, 1, size)[torch.randperm(size)]


class LightningAttention(nn.Module):
    """y = W_o( RMSNorm(lightning(SiLU(W_qkv x))) * sigmoid(W_g x) ), one norm over all heads (arXiv 2501.08313)."""

    slopes: Tensor

    def __init__(self, config: HybridConfig, layer: int) -> None:
        super().__init__()
        inner = config.num_attention_heads * config.head_dim
        self.heads, self.head_dim, self.block_size = config.num_attention_heads, config.head_dim, config.block_size
        self.qkv_proj = nn.Linear(config.hidden_size, 3 * inner, bias=False)
        self.out_proj = nn.Linear(inner, config.hidden_size, bias=False)
        self.output_gate = nn.Linear(config.hidden_size, inner, bias=False)
        self.norm = RMSNorm(inner, LIGHTNING_NORM_EPS)
        self.token_shift = TokenShift(_spread(config.hidden_size)) if config.token_shift else None
        slopes = lightning.slope_rates(config.num_attention_heads, layer, config.num_hidden_layers)
        self.register_buffer("slopes", slopes, persistent=False)

    def forward(self, x: Tensor, segment: Segment, state: LightningState | None) -> tuple[Tensor, LightningState]:
        """The output [B, T, hidden] and the next state."""
        last = None
        if self.token_shift is not None:
            x, last = self.token_shift(x, segment, state.last if state else None)
        shape = (*x.shape[:2], self.heads, 3 * self.head_dim)
        q, k, v = F.silu(self.qkv_proj(x)).view(shape).transpose(1, 2).chunk(3, -1)
        out, memory = self._attend(q, k, v, segment, state)
        out = self.norm(out.transpose(1, 2).flatten(2)) * torch.sigmoid(self.output_gate(x))
        return self.out_proj(out), LightningState(memory, last)

    def _attend(
        self, q: Tensor, k: Tensor, v: Tensor, segment: Segment, state: LightningState | None
    ) -> tuple[Tensor, Tensor]:
        # Slopes stay float32 when the model is cast: a bfloat16 decay rate compounds its error over the context.
        slopes = self.slopes.float()
        if segment.decoding and state is not None:
            return lightning.recurrent(q, k, v, slopes, state.memory, segment.lengths, segment.in_place)
        memory = state.memory if state else None
        return lightning.chunked(q, k, v, slopes, memory, segment.lengths, self.block_size)


class SoftmaxAttention(nn.Module):
    """Causal grouped-query attention with RoPE; under ``smear_keys`` each key is made of two neighbouring tokens."""

    def __init__(self, config: HybridConfig) -> None:
        super().__init__()
        self.kv_heads, self.head_dim = config.num_key_value_heads, config.head_dim
        self.groups = config.num_attention_heads // config.num_key_value_heads
        self.q_proj = nn.Linear(config.hidden_size, config.num_attention_heads * config.head_dim, bias=False)
        self.k_proj = nn.Linear(config.hidden_size, config.num_key_value_heads * config.head_dim, bias=False)
        self.v_proj = nn.Linear(config.hidden_size, config.num_key_value_heads * config.head_dim, bias=False)
        self.o_proj = nn.Linear(config.num_attention_heads * config.head_dim, config.hidden_size, bias=False)
        self.key_smear = TokenShift(torch.full((config.hidden_size,), 0.9)) if config.smear_keys else None
        shift = config.token_shift and not config.smear_keys
        self.token_shift = TokenShift(_spread(config.hidden_size)) if shift else None

    def copy_keys_to_queries(self) -> None:
        """q := k of its group: attention starts as matching of tokens (with smeared keys, an induction head)."""
        with torch.no_grad():
            keys = self.k_proj.weight.view(self.kv_heads, 1, self.head_dim, -1)
            self.q_proj.weight.copy_(keys.expand(-1, self.groups, -1, -1).reshape_as(self.q_proj.weight))

    def forward(self, x: Tensor, segment: Segment, state: SoftmaxState | None) -> tuple[Tensor, SoftmaxState]:
        """The output [B, T, hidden] and the next state."""
        last, past = None, state.last if state else None
        if self.token_shift is not None:
            x, last = self.token_shift(x, segment, past)
        keyed = x
        if self.key_smear is not None:
            keyed, last = self.key_smear(x, segment, past)
        q, k, v = (self._heads(y) for y in (self.q_proj(x), self.k_proj(keyed), self.v_proj(x)))
        q, k = rotate(q, segment), rotate(k, segment)
        keys, values = (k, v) if state is None else _extend(state, k, v, segment)
        out = self._attend(q, keys[:, :, : segment.end], values[:, :, : segment.end], segment.mask)
        return self.o_proj(out.transpose(1, 2).flatten(2)), SoftmaxState(keys, values, last)

    def _heads(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], -1, self.head_dim).transpose(1, 2)

    def _attend(self, q: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        seen = None if mask is None else mask[:, None]
        if q.shape[2] == 1:  # one query: the heads of a group become its queries, and no key is repeated
            grouped = q.view(q.shape[0], self.kv_heads, self.groups, self.head_dim)
            out = F.scaled_dot_product_attention(grouped, keys, values, attn_mask=seen)
            return out.reshape(q.shape)
        return F.scaled_dot_product_attention(
            q, keys, values, attn_mask=seen, is_causal=mask is None, enable_gqa=self.groups > 1
        )


def _extend(state: SoftmaxState, k: Tensor, v: Tensor, segment: Segment) -> tuple[Tensor, Tensor]:
    """Keys and values with the segment's own written at its positions, in place or (with gradients) in a copy."""
    if segment.fresh is None:
        rows = torch.arange(k.shape[0], device=k.device)[:, None]
        cells = segment.positions
        new = (k.transpose(1, 2), v.transpose(1, 2))
    else:
        rows, columns = segment.fresh
        cells = segment.positions[rows, columns]
        new = (k.transpose(1, 2)[rows, columns], v.transpose(1, 2)[rows, columns])
    keys, values = state.keys, state.values
    if not segment.in_place:  # padding copies, even by nothing
        missing = max(0, segment.end - keys.shape[2])
        keys, values = (F.pad(x, (0, 0, 0, missing)) for x in (keys, values))
    keys[rows, :, cells], values[rows, :, cells] = new[0].to(keys.dtype), new[1].to(values.dtype)
    return keys, values
