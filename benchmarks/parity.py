"""How far the hybrid model is from transformers' MiniMax, in fp32: the largest difference of any log-prob.

    divegym bench parity [--json]

Both hold the same random weights, moved through a checkpoint. The reference of a padded batch is each row alone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch
from rich.table import Table
from torch import Tensor

from policies.hybrid import HybridConfig, HybridModel, every, save_checkpoint

if TYPE_CHECKING:  # transformers is an oracle, not a requirement: it comes with the dev extra
    from transformers import MiniMaxForCausalLM

SHAPE: dict[str, Any] = {"vocab_size": 512, "num_hidden_layers": 8, "layer_types": every(8, 8), "block_size": 64}
MODELS = {
    "dense": HybridConfig(**SHAPE),
    "4 experts": HybridConfig(**SHAPE, num_local_experts=4, num_experts_per_tok=2),
}
TOKENS = 300  # more than four blocks of the chunked form
PREFILL = 200


@torch.inference_mode()
def run() -> list[dict[str, Any]]:
    """One row per model and way of running it: `model`, `case`, `difference` (max abs, nats)."""
    from transformers.utils import logging

    logging.set_verbosity_error()  # the decay buffers are left out of the checkpoint on purpose
    return [{"model": name, "case": case, "difference": difference}
            for name, config in MODELS.items() for case, difference in _compare(config)]


def _compare(config: HybridConfig) -> Iterator[tuple[str, float]]:
    from transformers import MiniMaxForCausalLM

    torch.manual_seed(0)
    model = HybridModel(config).eval()
    model.lm_head.weight.mul_(20)  # so that a wrong hidden state shows in the log-probs
    with tempfile.TemporaryDirectory() as folder:
        save_checkpoint(model, folder)
        oracle = MiniMaxForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    ids = torch.randint(config.vocab_size, (4, TOKENS))
    whole = _logprobs(oracle(ids).logits)
    yield "full forward", _largest(_logprobs(model(ids)[0]), whole)
    yield "incremental decode", _largest(_decoded(model, ids), _reference(oracle, ids))
    yield "ragged batch", _ragged(model, oracle, ids)


def _decoded(model: HybridModel, ids: Tensor) -> Tensor:
    """Log-probs after a prefill, one token at a time."""
    state = model(ids[:, :PREFILL])[1].with_capacity(TOKENS)
    steps = [model(ids[:, at : at + 1], state=state)[0] for at in range(PREFILL, TOKENS)]
    return _logprobs(torch.cat(steps, dim=1))


def _reference(oracle: MiniMaxForCausalLM, ids: Tensor) -> Tensor:
    """The same by transformers; it loses count of positions where layer 0 is linear, so they are given."""
    from transformers.models.minimax.modeling_minimax import MiniMaxCache

    cache = MiniMaxCache()
    oracle(ids[:, :PREFILL], past_key_values=cache, use_cache=True)
    steps = [oracle(ids[:, at : at + 1], past_key_values=cache, use_cache=True,
                    position_ids=torch.full((len(ids), 1), at)).logits for at in range(PREFILL, TOKENS)]
    return _logprobs(torch.cat(steps, dim=1))


def _ragged(model: HybridModel, oracle: MiniMaxForCausalLM, ids: Tensor) -> float:
    lengths = [TOKENS, 1, 65, 190]
    ours = _logprobs(model(ids, lengths=torch.tensor(lengths))[0])
    return max(_largest(ours[row, :length], _logprobs(oracle(ids[row : row + 1, :length]).logits)[0])
               for row, length in enumerate(lengths))


def _logprobs(logits: Tensor) -> Tensor:
    return logits.log_softmax(-1)


def _largest(ours: Tensor, theirs: Tensor) -> float:
    return float((ours - theirs).abs().max())


def table(rows: list[dict[str, Any]]) -> Table:
    """The rows for a person."""
    view = Table("model", "case", "max |Δ log-prob|", title="The hybrid model beside transformers' MiniMax, fp32")
    for row in rows:
        view.add_row(row["model"], row["case"], f"{row['difference']:.1e}")
    return view
