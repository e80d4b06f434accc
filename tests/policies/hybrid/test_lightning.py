"""One sum, three forms: the chunked and recurrent kernels against the naive one and against a token-by-token loop."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import MiniMaxConfig
from transformers.models.minimax.modeling_minimax import MiniMaxLightningAttention

from policies.hybrid.lightning import chunked, naive, recurrent, slope_rates

SLOPES = slope_rates(4, 0, 4)


def inputs(batch: int, length: int, seed: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    q, k, v = (torch.randn(batch, 4, length, 8, generator=generator).to(dtype) for _ in range(3))
    return q, k, v


def by_token(q: Tensor, k: Tensor, v: Tensor, state: Tensor, lengths: list[int]) -> tuple[Tensor, Tensor]:
    """The recurrence as it is written, in float64, row by row up to each row's own length."""
    q, k, v, state = (x.double() for x in (q, k, v, state.clone()))
    out, decay = torch.zeros_like(q), torch.exp(-SLOPES.double())[:, None, None]
    for row, length in enumerate(lengths):
        for t in range(length):
            state[row] = decay * state[row] + k[row, :, t, :, None] * v[row, :, t, None, :]
            out[row, :, t] = (q[row, :, t, None] @ state[row])[:, 0]
    return out, state


def relative(actual: Tensor, expected: Tensor) -> float:
    return float((actual.double() - expected).abs().max() / expected.abs().max().clamp(min=1e-9))


@given(
    lengths=st.lists(st.integers(0, 40), min_size=1, max_size=4),
    block=st.sampled_from([1, 3, 8, 64]),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_chunked_is_the_recurrence_for_ragged_rows_on_a_carried_state(
    lengths: list[int], block: int, seed: int
) -> None:
    q, k, v = inputs(len(lengths), max(1, *lengths), seed)
    carried = torch.randn(len(lengths), 4, 8, 8, generator=torch.Generator().manual_seed(seed + 1))
    out, state = chunked(q, k, v, SLOPES, carried, torch.tensor(lengths), block)
    expected, final = by_token(q, k, v, carried, lengths)
    assert relative(state, final) <= 1e-5
    for row, length in enumerate(lengths):
        assert length == 0 or relative(out[row, :, :length], expected[row, :, :length]) <= 1e-5


@given(length=st.integers(1, 300), block=st.sampled_from([16, 64, 256]), carry=st.booleans())
@settings(max_examples=15, deadline=None)
def test_naive_is_chunked_is_recurrent(length: int, block: int, carry: bool) -> None:
    q, k, v = inputs(2, length, length)
    start = torch.ones(2, 4, 8, 8) if carry else torch.zeros(2, 4, 8, 8)
    exact = naive(q.double(), k.double(), v.double(), SLOPES, start.double())
    out, final = chunked(q, k, v, SLOPES, start if carry else None, block_size=block)
    steps, state = [], start
    for t in range(length):
        step, state = recurrent(*(x[:, :, t : t + 1] for x in (q, k, v)), SLOPES, state)
        steps.append(step)
    assert relative(out, exact) <= 1e-5
    assert relative(torch.cat(steps, 2), exact) <= 1e-5
    assert relative(final, state.double()) <= 1e-5


def test_gradients_agree() -> None:
    leaves = [x.double().requires_grad_() for x in (*inputs(2, 37, 5), torch.randn(2, 4, 8, 8))]
    weights = torch.randn(2, 4, 37, 8, dtype=torch.float64)
    exact = torch.autograd.grad((naive(*leaves[:3], SLOPES, leaves[3]) * weights).sum(), leaves)
    out, _ = chunked(*leaves[:3], SLOPES, leaves[3], block_size=8)
    for actual, expected in zip(torch.autograd.grad((out * weights).sum(), leaves), exact, strict=True):
        assert relative(actual, expected) <= 1e-6  # float32 decay rates
    _, state = chunked(*leaves[:3], SLOPES, leaves[3], torch.tensor([37, 20]))
    keys, values, carried = torch.autograd.grad(state.sum(), leaves[1:])
    assert (keys[1, :, 20:] == 0).all()
    assert (values[1, :, 20:] == 0).all()
    assert (carried > 0).all()


def test_a_row_that_sits_out_keeps_its_state_and_in_place_is_the_same() -> None:
    q, k, v = inputs(3, 1, 0)
    state, lengths = torch.randn(3, 4, 8, 8), torch.tensor([1, 0, 1])
    out, after = recurrent(q, k, v, SLOPES, state, lengths)
    assert torch.equal(after[1], state[1])
    assert not torch.equal(after[0], state[0])
    same, buffer = recurrent(q, k, v, SLOPES, held := state.clone(), lengths, in_place=True)
    assert buffer is held
    assert torch.equal(buffer, after)
    assert torch.equal(same, out)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_low_precision_and_autocast_sum_in_float32(dtype: torch.dtype) -> None:
    q, k, v = inputs(1, 200, 1, dtype)
    exact = naive(q.double(), k.double(), v.double(), SLOPES)
    out, state = chunked(q, k, v, SLOPES, block_size=32)
    assert (out.dtype, state.dtype) == (dtype, torch.float32)
    assert relative(out, exact) <= 2 * torch.finfo(dtype).eps
    with torch.autocast("cpu", dtype=torch.bfloat16):
        wide, _ = chunked(q.float(), k.float(), v.float(), SLOPES, block_size=32)
    assert relative(wide, exact) <= 1e-5


@pytest.mark.parametrize(("heads", "layers"), [(4, 4), (8, 1), (6, 3)])
def test_slopes_are_transformers(heads: int, layers: int) -> None:
    config = MiniMaxConfig(
        num_hidden_layers=layers, num_attention_heads=heads, hidden_size=8 * heads, num_key_value_heads=1
    )
    for layer in range(layers):
        theirs = MiniMaxLightningAttention(config, layer).slope_rate.flatten()
        torch.testing.assert_close(slope_rates(heads, layer, layers), theirs, rtol=1e-6, atol=1e-12)
