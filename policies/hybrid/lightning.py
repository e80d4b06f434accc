"""Lightning attention: causal linear attention whose memory decays at a fixed rate per head (arXiv 2501.08313).

    S_t = exp(-s) S_{t-1} + k_t v_t^T        o_t = q_t^T S_t   =   sum_{j<=t} exp(-s (t-j)) (q_t . k_j) v_j

Three forms of the same sum: ``naive`` (O(T^2), the reference), ``chunked`` (training, prefill) and ``recurrent``
(decode). Queries, keys and values are [B, H, T, D], slopes [H], the state S is [B, H, D, D]. Everything is summed in
float32 or wider, under any autocast; outputs return in the dtype of the queries.

Ragged batches are padded on the right, and ``lengths`` [B] counts the real tokens. Outputs are causal, so padding
cannot reach them; the state weighs every key by the distance to its *own row's* end and padding by zero, so padding
never enters it either. Only differences of positions are ever exponentiated: exp(-s d) with d >= 0 cannot overflow.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def slope_rates(heads: int, layer: int, layers: int) -> Tensor:
    """Decay rates [H], float32: 2^(-8(h+1)/H), less with depth: layer 0 forgets fastest (transformers' formula)."""
    base = 2.0 ** (-8.0 / heads)
    depth = 1 - layer / (layers - 1 + 1e-5) + 1e-5
    return torch.tensor([base ** (head + 1) * depth for head in range(heads)], dtype=torch.float32)


def naive(q: Tensor, k: Tensor, v: Tensor, slopes: Tensor, state: Tensor | None = None) -> Tensor:
    """Outputs [B, H, T, D] by the full T x T decay matrix; the reference for the two forms below."""
    steps = torch.arange(q.shape[2], device=q.device)
    out = ((q @ k.mT) * _causal_decay(slopes, q.shape[2]).to(q)) @ v
    if state is not None:
        out = out + _decay(slopes, steps + 1)[..., None].to(q) * (q @ state.to(q))
    return out


def chunked(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    slopes: Tensor,
    state: Tensor | None = None,
    lengths: Tensor | None = None,
    block_size: int = 64,
) -> tuple[Tensor, Tensor]:
    """Outputs [B, H, T, D] and the state [B, H, D, D] after each row's last real token; linear in T."""
    with torch.autocast(q.device.type, enabled=False):
        dtype = torch.promote_types(q.dtype, torch.float32)
        wide_q, wide_k, wide_v = q.to(dtype), k.to(dtype), v.to(dtype)
        out = _outputs(wide_q, wide_k, wide_v, slopes, state, min(block_size, q.shape[2]))
        return out.to(q.dtype), _final_state(wide_k, wide_v, slopes, state, lengths)


def recurrent(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    slopes: Tensor,
    state: Tensor,
    lengths: Tensor | None = None,
    in_place: bool = False,
) -> tuple[Tensor, Tensor]:
    """One token (T = 1) on a carried state. A row whose length is 0 keeps its state: it sits the step out."""
    with torch.autocast(q.device.type, enabled=False):
        row_q, row_k, row_v = (x.squeeze(2).to(state.dtype) for x in (q, k, v))
        decay = torch.exp(-slopes).to(state.dtype)[None]
        if lengths is not None:
            live = lengths[:, None].to(state.dtype)
            decay, row_k = torch.where(live > 0, decay, 1.0), row_k * live[..., None]
        decayed = state.mul_(decay[..., None, None]) if in_place else state * decay[..., None, None]
        update = (row_k[..., :, None], row_v[..., None, :])
        state = decayed.addcmul_(*update) if in_place else torch.addcmul(decayed, *update)
        return (row_q[:, :, None] @ state).to(q.dtype), state


def _outputs(q: Tensor, k: Tensor, v: Tensor, slopes: Tensor, state: Tensor | None, block: int) -> Tensor:
    """Within a block by the decay matrix, between blocks by the state that enters each of them."""
    batch, heads, length, dim = q.shape
    blocks = -(-length // block)
    q, k, v = (F.pad(x, (0, 0, 0, blocks * block - length)).view(batch, heads, blocks, block, dim) for x in (q, k, v))
    out = ((q @ k.mT) * _causal_decay(slopes, block).to(q)[:, None]) @ v
    if blocks > 1 or state is not None:
        offsets = torch.arange(1, block + 1, device=q.device)
        entering = _entering_states(k, v, slopes, state)
        out = out + (q * _decay(slopes, offsets).to(q)[:, None, :, None]) @ entering
    return out.reshape(batch, heads, blocks * block, dim)[:, :, :length]


def _entering_states(k: Tensor, v: Tensor, slopes: Tensor, state: Tensor | None) -> Tensor:
    """The state at the door of each block: [B, H, N, D, D] from keys and values [B, H, N, C, D]."""
    batch, heads, _, block, dim = k.shape
    to_end = torch.arange(block - 1, -1, -1, device=k.device)
    gains = (k * _decay(slopes, to_end).to(k)[:, None, :, None]).mT @ v
    carry = torch.exp(-slopes * block).to(k)[:, None, None]
    current = k.new_zeros(batch, heads, dim, dim) if state is None else state.to(k)
    entering = []
    for gain in gains.unbind(2):
        entering.append(current)
        current = carry * current + gain
    return torch.stack(entering, 2)


def _final_state(k: Tensor, v: Tensor, slopes: Tensor, state: Tensor | None, lengths: Tensor | None) -> Tensor:
    """One product whose key weights count down to each row's own last token, and are zero past it."""
    steps = torch.arange(k.shape[2], device=k.device)
    ends = torch.full((k.shape[0],), k.shape[2], device=k.device) if lengths is None else lengths
    to_end = ends[:, None, None] - 1 - steps  # [B, 1, T]
    weights = torch.exp(-slopes[:, None] * to_end.clamp(min=0)) * (to_end >= 0)
    final = (k * weights.to(k)[..., None]).mT @ v
    if state is None:
        return final
    carry = torch.exp(-slopes * ends[:, None]).to(k)
    return final + carry[..., None, None] * state.to(k)


def _decay(slopes: Tensor, distances: Tensor) -> Tensor:
    """exp(-s d) for each head and distance: [H, len(distances)]."""
    return torch.exp(-slopes[:, None] * distances)


def _causal_decay(slopes: Tensor, length: int) -> Tensor:
    """exp(-s (i - j)) where j <= i, zero elsewhere: [H, T, T]."""
    steps = torch.arange(length, device=slopes.device)
    distances = steps[:, None] - steps[None]
    return torch.exp(-slopes[:, None, None] * distances.clamp(min=0)) * (distances >= 0)
