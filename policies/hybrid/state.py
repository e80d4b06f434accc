"""What a hybrid model remembers between segments: lightning memories, keys and values, last inputs, lengths.

A state comes out of every forward and goes into the next. As it comes it is *functional*: the model returns a new
one, and gradients flow through it into the prefix that made it. ``with_capacity`` turns it into a *decode* state with
preallocated key and value buffers, which the model then advances in place (inference only).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass
class LightningState:
    """One linear layer: ``memory`` [B, H, D, D], float32; under token shift the last real input [B, 1, hidden]."""

    memory: Tensor
    last: Tensor | None = None


@dataclass
class SoftmaxState:
    """One softmax layer: ``keys`` (rotated) and ``values`` [B, Hkv, C, D]; cell c holds position c."""

    keys: Tensor
    values: Tensor
    last: Tensor | None = None


LayerState = LightningState | SoftmaxState


@dataclass
class HybridState:
    """The memory of B rows; ``lengths`` [B] counts the tokens each has consumed.

    ``longest`` is an upper bound on them, kept as an int so that decoding never asks the device. ``router_loss`` is the
    load-balancing loss of the forward that returned this state (training a mixture only, see ``moe``).
    """

    layers: list[LayerState]
    lengths: Tensor
    longest: int
    capacity: int | None = None
    router_loss: Tensor | None = None

    @property
    def rows(self) -> int:
        """Number of rows B."""
        return self.lengths.shape[0]

    def select(self, rows: Sequence[int] | Tensor) -> HybridState:
        """A copy of the rows given, in that order; gradients flow through it."""
        index = torch.as_tensor(rows, dtype=torch.long, device=self.lengths.device)
        chosen = self._map(lambda x: x.index_select(0, index))
        chosen.longest = int(chosen.lengths.max()) if len(index) else 0  # the rows left behind no longer count
        return chosen

    def expand(self, rows: Sequence[int] | Tensor) -> HybridState:
        """``select`` with repeats: one shared prefix for a group of continuations, whose gradients add up in it."""
        return self.select(rows)

    def with_capacity(self, capacity: int, rows: int | None = None) -> HybridState:
        """A decode state, advanced in place: ``capacity`` cells in each row, and ``rows`` rows, the new ones empty."""
        if capacity < self.longest:
            raise ValueError(f"capacity {capacity} is below the {self.longest} tokens already in the state")
        more = (self.rows if rows is None else rows) - self.rows
        if more < 0:
            raise ValueError(f"cannot shrink {self.rows} rows to {rows}; use select")

        def fit(x: Tensor, cells: bool) -> Tensor:
            tail = (0, 0, 0, capacity - min(x.shape[2], capacity)) if cells else ()
            x = x.detach()[:, :, :capacity] if cells else x.detach()
            return F.pad(x, (*tail, *(0,) * (2 * x.dim() - 2 - len(tail)), 0, more))  # padding copies, even by nothing

        grown = self._map(lambda x: fit(x, cells=False), lambda x: fit(x, cells=True))
        return replace(grown, capacity=capacity)

    def write(self, rows: Sequence[int] | Tensor, other: HybridState) -> None:
        """Copy the rows of ``other`` over these rows, in place; needs a capacity that holds them."""
        if self.capacity is None or other.longest > self.capacity:
            raise ValueError(
                f"capacity {self.capacity} cannot take rows of up to {other.longest} tokens; use with_capacity"
            )
        index = torch.as_tensor(rows, dtype=torch.long, device=self.lengths.device)
        for mine, theirs in zip(self._tensors(), other._tensors(), strict=True):
            if mine.dim() == 4 and mine.shape[2] != theirs.shape[2]:
                cells = min(other.longest, theirs.shape[2])
                mine[index, :, :cells] = theirs[:, :, :cells]
            else:
                mine.index_copy_(0, index, theirs)
        self.longest = max(self.longest, other.longest)

    def _tensors(self) -> list[Tensor]:
        found = [self.lengths]
        for layer in self.layers:
            parts = (layer.memory,) if isinstance(layer, LightningState) else (layer.keys, layer.values)
            found += [part for part in (*parts, layer.last) if part is not None]
        return found

    def _map(self, change: Callable[[Tensor], Tensor], cells: Callable[[Tensor], Tensor] | None = None) -> HybridState:
        """Every tensor changed; keys and values by ``cells`` where given."""
        cells = cells or change
        layers: list[LayerState] = []
        for layer in self.layers:
            last = None if layer.last is None else change(layer.last)
            if isinstance(layer, LightningState):
                layers.append(LightningState(change(layer.memory), last))
            else:
                layers.append(SoftmaxState(cells(layer.keys), cells(layer.values), last))
        return replace(self, layers=layers, lengths=change(self.lengths), router_loss=None)
