"""Lockstep decoding: every live row draws one token a step; finished rows sit out, then are compacted away."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from policies.hybrid.model import HybridModel
from policies.hybrid.state import HybridState
from policies.sampler import Finish, Limits

CROWDED = 0.75
"""A batch is stepped whole while this share of its rows is live; below it, copying the live rows out is cheaper."""


@dataclass
class Turn:
    """One row's turn as it is drawn; ``uniforms`` [max_tokens] decide its tokens, whichever rows share the batch."""

    limits: Limits
    uniforms: NDArray[np.float64]
    ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    finish: Finish | None = None

    def take(self, token: int, logprob: float) -> None:
        """Record a drawn token."""
        self.ids.append(token)
        self.logprobs.append(logprob)
        if token in self.limits.stop:
            self.finish = "stop"
        elif len(self.ids) == self.limits.max_tokens:
            self.finish = "length"


def uniforms(seed: int, session: str, turn: int, count: int) -> NDArray[np.float64]:
    """Draws in [0, 1) that depend on nothing but these names: a counter-based generator keyed by their hash."""
    key = hashlib.blake2b(f"{seed}/{turn}/{session}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little"))).random(count)


def draw(logits: Tensor, turns: Sequence[Turn]) -> tuple[list[int], list[float]]:
    """A token and its log-prob for each row of logits [N, V], by inverting the cumulative distribution."""
    temperatures = torch.tensor([[turn.limits.temperature] for turn in turns], dtype=logits.dtype, device=logits.device)
    points = torch.tensor([[turn.uniforms[len(turn.ids)]] for turn in turns], dtype=torch.float64, device=logits.device)
    greedy = torch.tensor([[turn.limits.greedy] for turn in turns], device=logits.device)
    logprobs = (logits / temperatures).log_softmax(-1)
    cumulative = logprobs.exp().cumsum(-1, dtype=torch.float64)
    # Scaled by the rounded total, a point below 1 stays below it: a token of probability zero is never drawn.
    sampled = torch.searchsorted(cumulative, points * cumulative[:, -1:], right=True)
    tokens = torch.where(greedy, logits.argmax(-1, keepdim=True), sampled)
    return tokens.squeeze(1).tolist(), logprobs.gather(1, tokens).squeeze(1).tolist()


def decode(model: HybridModel, state: HybridState, rows: Sequence[int], turns: Sequence[Turn], logits: Tensor) -> None:
    """Draw all turns to their end, at these rows of the decode state; ``logits`` [N, V] are of their next tokens.

    The state has consumed, afterwards, every token of a turn but its last. Rows not named keep their state.
    """
    while True:
        for turn, token, logprob in zip(turns, *draw(logits, turns), strict=True):
            turn.take(token, logprob)
        live = [(row, turn) for row, turn in zip(rows, turns, strict=True) if turn.finish is None]
        if not live:
            return
        rows, turns = [row for row, _ in live], [turn for _, turn in live]
        if len(rows) < CROWDED * state.rows:
            part = state.select(rows)
            decode(
                model, part, range(len(rows)), turns, feed(model, part, range(len(rows)), [[t.ids[-1]] for t in turns])
            )
            state.write(rows, part)
            return
        logits = feed(model, state, rows, [[turn.ids[-1]] for turn in turns])


def feed(model: HybridModel, state: HybridState, rows: Sequence[int], ids: Sequence[Sequence[int]]) -> Tensor:
    """Consume new ids (at least one a row) in these rows, in one forward: logits [N, V] after the last of each.

    Rows come in ascending order; the others take no part.
    """
    width = max(map(len, ids))
    batch = np.zeros((state.rows, width), dtype=np.int64)
    lengths = np.zeros(state.rows, dtype=np.int64)
    for row, new in zip(rows, ids, strict=True):
        batch[row, : len(new)], lengths[row] = new, len(new)
    wanted = np.arange(1, width + 1) == lengths[:, None]
    device = state.lengths.device
    tensors = [torch.from_numpy(x).to(device) for x in (batch, lengths, wanted)]
    full = len(rows) == state.rows and lengths.min() == width
    logits: Tensor = model(tensors[0], None if full else tensors[1], state, positions_wanted=tensors[2])[0]
    return logits
