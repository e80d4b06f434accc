"""The model against transformers' MiniMax, and against itself over every way of cutting a sequence into segments."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import MiniMaxForCausalLM
from transformers.models.minimax.modeling_minimax import MiniMaxCache, load_balancing_loss_func

from policies.hybrid import HybridConfig, HybridModel, every, save_checkpoint
from policies.hybrid.moe import balance_loss

SMALL = {
    "vocab_size": 61,
    "hidden_size": 32,
    "intermediate_size": 48,
    "head_dim": 8,
    "block_size": 8,
    "layer_types": every(4, 4),
}
DENSE = HybridConfig(**SMALL)
MOE = HybridConfig(
    **SMALL, num_local_experts=4, num_experts_per_tok=2, tie_word_embeddings=True, full_attn_alpha_factor=1.7,
    full_attn_beta_factor=0.9, linear_attn_alpha_factor=1.6, linear_attn_beta_factor=1.1, mlp_alpha_factor=1.5,
    mlp_beta_factor=0.8,
)  # fmt: skip
ADDITIONS = HybridConfig(
    **(SMALL | {"layer_types": every(2, 4)}), residual="prenorm", token_shift=True, smear_keys=True, rotary_dim=4
)
SHIFTED = HybridConfig(**SMALL, token_shift=True, num_local_experts=3, num_experts_per_tok=2)
ALL = pytest.mark.parametrize("config", [DENSE, MOE, ADDITIONS, SHIFTED], ids=["dense", "moe", "additions", "shifted"])
REFERENCE = pytest.mark.parametrize("config", [DENSE, MOE], ids=["dense", "moe"])


def build(config: HybridConfig, seed: int = 0) -> HybridModel:
    torch.manual_seed(seed)
    model = HybridModel(config).eval()
    with torch.no_grad():  # heads large enough that a wrong hidden state shows in the logits
        model.lm_head.weight.mul_(20)
    return model


def tokens(*shape: int, seed: int = 1) -> Tensor:
    return torch.randint(61, shape, generator=torch.Generator().manual_seed(seed))


def logprobs(model: HybridModel, ids: Tensor, **kwargs: object) -> Tensor:
    return model(ids, **kwargs)[0].log_softmax(-1)


@pytest.fixture
def reference(config: HybridConfig, tmp_path: Path) -> tuple[HybridModel, MiniMaxForCausalLM]:
    model = build(config)
    save_checkpoint(model, tmp_path)
    return model, MiniMaxForCausalLM.from_pretrained(tmp_path, dtype=torch.float32).eval()


@REFERENCE
@torch.no_grad()
def test_full_forward_is_transformers(reference: tuple[HybridModel, MiniMaxForCausalLM]) -> None:
    model, oracle = reference
    ids = tokens(3, 37)
    torch.testing.assert_close(logprobs(model, ids), oracle(ids).logits.log_softmax(-1), atol=1e-5, rtol=0)


@REFERENCE
@torch.no_grad()
def test_ragged_batch_is_transformers_row_by_row(reference: tuple[HybridModel, MiniMaxForCausalLM]) -> None:
    model, oracle = reference
    ids, lengths = tokens(4, 21), torch.tensor([21, 1, 8, 17])
    ours = logprobs(model, ids, lengths=lengths)
    for row, length in enumerate(lengths.tolist()):
        theirs = oracle(ids[row : row + 1, :length]).logits.log_softmax(-1)[0]
        torch.testing.assert_close(ours[row, :length], theirs, atol=1e-5, rtol=0)


@REFERENCE
@torch.no_grad()
def test_incremental_decode_is_transformers(reference: tuple[HybridModel, MiniMaxForCausalLM]) -> None:
    model, oracle = reference
    ids = tokens(2, 24)
    cache = MiniMaxCache()
    oracle(ids[:, :13], past_key_values=cache, use_cache=True)
    state = model(ids[:, :13])[1].with_capacity(24)
    for at in range(13, 24):
        positions = torch.full((2, 1), at)  # transformers loses count of positions when layer 0 is linear
        theirs = oracle(ids[:, at : at + 1], past_key_values=cache, use_cache=True, position_ids=positions).logits
        logits, state = model(ids[:, at : at + 1], state=state)
        torch.testing.assert_close(logits.log_softmax(-1), theirs.log_softmax(-1), atol=1e-5, rtol=0)


@ALL
@given(cuts=st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=5), decode=st.booleans())
@settings(max_examples=20, deadline=None)
@torch.no_grad()
def test_any_ragged_cut_into_segments_is_the_full_forward(
    config: HybridConfig, cuts: list[list[int]], decode: bool
) -> None:
    model, ids = build(config), tokens(3, 50)
    whole = logprobs(model, ids)
    _, state = model(ids[:, :1])
    state = state.with_capacity(50) if decode else state
    for cut in cuts:
        lengths, start = torch.tensor(cut), state.lengths.clone()
        segment = torch.zeros(3, max(1, *cut), dtype=torch.long)
        for row, length in enumerate(cut):
            segment[row, :length] = ids[row, start[row] : start[row] + length]
        logits, state = model(segment, lengths=lengths, state=state)
        for row, length in enumerate(cut):
            expected = whole[row, start[row] : start[row] + length]
            torch.testing.assert_close(logits[row, :length].log_softmax(-1), expected, atol=5e-5, rtol=0)


@ALL
def test_shared_prefix_has_the_gradient_of_full_sequences(config: HybridConfig) -> None:
    model = build(config)
    prompts, lengths, rows = tokens(2, 11), torch.tensor([11, 7]), [0, 0, 1, 1, 1]
    completions = tokens(5, 13, seed=2)
    _, state = model(prompts, lengths=lengths)
    logprobs(model, completions, state=state.expand(rows))[..., 3].sum().backward()
    shared = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    for row, completion in zip(rows, completions, strict=True):
        full = torch.cat((prompts[row, : lengths[row]], completion))[None]
        logprobs(model, full)[0, int(lengths[row]) :, 3].sum().backward()
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(
            shared[name], parameter.grad, atol=3e-4, rtol=1e-3, msg=lambda m, n=name: f"{n}: {m}"
        )


@ALL
def test_every_parameter_learns(config: HybridConfig) -> None:
    model = build(config)
    logprobs(model, tokens(2, 19))[..., 5].sum().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []


@torch.no_grad()
def test_positions_wanted_picks_logits_in_row_major_order() -> None:
    model, ids = build(DENSE), tokens(3, 9)
    wanted = torch.rand(3, 9, generator=torch.Generator().manual_seed(3)) > 0.5
    torch.testing.assert_close(model(ids, positions_wanted=wanted)[0], model(ids)[0][wanted])
    assert model(ids, positions_wanted=torch.zeros_like(wanted))[0].shape == (0, 61)


@torch.no_grad()
def test_bfloat16_keeps_a_float32_head_and_memory() -> None:
    model, ids = build(DENSE), tokens(2, 30)
    exact = logprobs(model, ids)
    logits, state = model.to(torch.bfloat16)(ids)
    assert logits.dtype == torch.float32
    assert state.layers[0].memory.dtype == torch.float32
    assert (logits.log_softmax(-1) - exact).abs().mean() < 0.1


@ALL
def test_bfloat16_autocast_trains_through_a_shared_prefix(config: HybridConfig) -> None:
    model, prompts, completions = build(config), tokens(1, 9), tokens(2, 6, seed=2)
    exact = logprobs(model, completions, state=model(prompts)[1].expand([0, 0]))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        _, state = model(prompts)
        logits, _ = model(completions, lengths=torch.tensor([6, 4]), state=state.expand([0, 0]))
    assert logits.dtype == torch.float32
    assert (logits.log_softmax(-1) - exact)[0].abs().mean() < 0.1
    logits[0].log_softmax(-1)[:, 3].sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_router_loss_is_transformers_layer_by_layer_and_skips_padding() -> None:
    probabilities = torch.randn(50, 4).softmax(-1)
    ours = balance_loss(probabilities, probabilities.topk(2).indices)
    torch.testing.assert_close(ours, load_balancing_loss_func((probabilities.log(),), 4, 2))
    model, ids = build(MOE).train(), tokens(2, 12)
    padded = model(ids, lengths=torch.tensor([12, 5]))[1].router_loss
    ids = torch.cat((ids[:, :5], ids.new_full((2, 7), 7)), 1).index_copy(0, torch.tensor([0]), ids[:1])
    torch.testing.assert_close(model(ids, lengths=torch.tensor([12, 5]))[1].router_loss, padded)
    padded.backward()
    assert model.layers[0].block_sparse_moe.gate.weight.grad.abs().sum() > 0


@torch.no_grad()
def test_state_rows_can_be_selected_written_back_and_grown() -> None:
    model, ids = build(ADDITIONS), tokens(4, 20)
    whole = logprobs(model, ids)
    state = model(ids[:, :10])[1].with_capacity(12)
    part = state.select([2, 0])
    model(ids[[2, 0], 10:11], state=part)
    state.write([2, 0], part)
    state = state.with_capacity(20, rows=5)
    assert state.lengths.tolist() == [11, 10, 11, 10, 0]
    logits, state = model(torch.cat((ids[:, 10:11], ids[:1, :1])), lengths=torch.tensor([0, 1, 0, 1, 1]), state=state)
    torch.testing.assert_close(logits[[1, 3], 0].log_softmax(-1), whole[[1, 3], 10], atol=5e-5, rtol=0)
    torch.testing.assert_close(logits[4, 0].log_softmax(-1), whole[0, 0], atol=5e-5, rtol=0)
    state.write([4, 1], model(ids[[3, 2], :11], lengths=torch.tensor([9, 11]))[1])  # prefilled without a capacity
    assert state.lengths.tolist() == [11, 11, 11, 11, 9]
    logits, _ = model(torch.cat((ids[[0, 2, 2, 3], 11:12], ids[3:4, 9:10])), state=state)
    expected = torch.cat((whole[[0, 2, 2, 3], 11], whole[3:4, 9]))
    torch.testing.assert_close(logits[:, 0].log_softmax(-1), expected, atol=5e-5, rtol=0)


@torch.no_grad()
def test_a_segment_beyond_capacity_is_refused() -> None:
    model = build(DENSE)
    state = model(tokens(2, 5))[1].with_capacity(6)
    with pytest.raises(ValueError, match=r"needs 7 cells .* holds 6"):
        model(tokens(2, 2), state=state)
    with pytest.raises(ValueError, match="below the 5 tokens"):
        state.with_capacity(4)
    with torch.enable_grad(), pytest.raises(RuntimeError, match="without gradients"):
        model(tokens(2, 1), state=state)
