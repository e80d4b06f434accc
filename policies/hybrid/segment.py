"""One forward's geometry, worked out once for all layers: lengths, positions, rotary angles, the attention mask."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from policies.hybrid.config import HybridConfig
from policies.hybrid.state import HybridState


@dataclass(frozen=True)
class Segment:
    """T new tokens for each of B rows, right-padded, after what the state already holds.

    ``mask`` [B, T, end] says which cells of the keys a query may see; None is plain causal attention on the segment
    itself. ``fresh`` picks the (row, column) pairs of real tokens where rows are ragged, so that padding is never
    written to a cell.
    """

    lengths: Tensor | None
    positions: Tensor
    cos: Tensor
    sin: Tensor
    end: int
    mask: Tensor | None = None
    fresh: tuple[Tensor, Tensor] | None = None
    in_place: bool = False

    @property
    def decoding(self) -> bool:
        """Whether this is a single token on a carried state."""
        return self.positions.shape[1] == 1 and self.mask is not None


def segment_of(
    config: HybridConfig,
    inverse_frequencies: Tensor,
    shape: torch.Size,
    lengths: Tensor | None,
    state: HybridState | None,
) -> Segment:
    """The geometry of ids of this [B, T] shape; raises ValueError where the tokens do not fit the state's capacity."""
    steps = torch.arange(shape[1], device=inverse_frequencies.device)
    if state is None:
        return Segment(lengths, steps[None], *_rotary(steps[None], inverse_frequencies), end=shape[1])
    if state.capacity is not None and torch.is_grad_enabled():
        raise RuntimeError(
            "a decode state advances in place, without gradients; call the model under torch.inference_mode"
        )
    positions = state.lengths[:, None] + steps
    end = _end(positions, lengths, state)
    cells = torch.arange(end, device=positions.device)
    return Segment(
        lengths,
        positions,
        *_rotary(positions, inverse_frequencies),
        end=end,
        mask=cells <= positions[..., None],
        fresh=None if lengths is None or shape[1] == 1 else _real(steps < lengths[:, None]),
        in_place=state.capacity is not None,
    )


def _real(mask: Tensor) -> tuple[Tensor, Tensor]:
    rows, columns = torch.where(mask)
    return rows, columns


def _end(positions: Tensor, lengths: Tensor | None, state: HybridState) -> int:
    """Cells needed to hold every row's last new token; a single token needs its cell even in a row that sits out."""
    end = state.longest + positions.shape[1]
    if lengths is not None and positions.shape[1] > 1:
        end = max(state.longest, int((state.lengths + lengths).max()))
    if state.capacity is not None and end > state.capacity:
        raise ValueError(
            f"the segment needs {end} cells but the state holds {state.capacity}; grow it by with_capacity"
        )
    return end


def _rotary(positions: Tensor, inverse_frequencies: Tensor) -> tuple[Tensor, Tensor]:
    """Cosines and sines [B or 1, 1, T, rotary / 2], float32."""
    angles = positions[:, None, :, None] * inverse_frequencies
    return angles.cos(), angles.sin()


def rotate(x: Tensor, segment: Segment) -> Tensor:
    """RoPE (arXiv 2104.09864, rotate-half) on the leading dimensions of x [B, H, T, D]; the rest pass through."""
    half = segment.cos.shape[-1]
    cos, sin = segment.cos.to(x.dtype), segment.sin.to(x.dtype)
    first, second, rest = x.tensor_split((half, 2 * half), -1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin, rest), -1)
