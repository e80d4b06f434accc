"""The hybrid-attention language model in the MiniMax layout (arXiv 2501.08313), on plain PyTorch.

One call serves training, prefill, a continued segment and decoding:

    logits, state = model(ids, lengths=..., state=..., positions_wanted=...)

Batches are padded on the right. A state carries a row's whole past, so a prompt shared by a group is read once:
``_, prompt = model(prompts, lengths=n)``, then ``model(completions, state=prompt.expand(rows))``, with gradients into
the prompt.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from policies.hybrid.attention import LightningAttention, RMSNorm, SoftmaxAttention
from policies.hybrid.config import HybridConfig
from policies.hybrid.moe import SparseMoe
from policies.hybrid.segment import Segment, segment_of
from policies.hybrid.state import HybridState, LayerState


class HybridLayer(nn.Module):
    """Attention, then the feed-forward part; the residual is the normed input (postnorm) or the input (prenorm)."""

    def __init__(self, config: HybridConfig, index: int) -> None:
        super().__init__()
        full = config.layer_types[index] == "full_attention"
        self.self_attn = SoftmaxAttention(config) if full else LightningAttention(config, index)
        self.block_sparse_moe = SparseMoe(config)
        self.input_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.postnorm = config.residual == "postnorm"
        self.attention_factors = (
            (config.full_attn_alpha_factor, config.full_attn_beta_factor)
            if full
            else (config.linear_attn_alpha_factor, config.linear_attn_beta_factor)
        )
        self.mlp_factors = (config.mlp_alpha_factor, config.mlp_beta_factor)

    def forward(
        self, x: Tensor, segment: Segment, state: LayerState | None, real: Tensor | None, balance: bool
    ) -> tuple[Tensor, LayerState, Tensor | None]:
        """The next hidden states [B, T, hidden], this layer's next state and its load-balancing loss."""
        normed = self.input_layernorm(x)
        attended, state = self.self_attn(normed, segment, state)
        x = _residual(normed if self.postnorm else x, attended, self.attention_factors)
        normed = self.post_attention_layernorm(x)
        mixed, loss = self.block_sparse_moe(normed, real, balance)
        return _residual(normed if self.postnorm else x, mixed, self.mlp_factors), state, loss


class HybridModel(nn.Module):
    """The policy. Parameters are named as in a saved ``MiniMaxForCausalLM``, under ``model.`` but for the head."""

    inverse_frequencies: Tensor

    def __init__(self, config: HybridConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(HybridLayer(config, index) for index in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        exponents = torch.arange(0, config.rotary_size, 2, dtype=torch.float32) / config.rotary_size
        self.register_buffer("inverse_frequencies", 1.0 / config.rope_theta**exponents, persistent=False)
        self._initialise()
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(
        self,
        ids: Tensor,
        lengths: Tensor | None = None,
        state: HybridState | None = None,
        positions_wanted: Tensor | None = None,
    ) -> tuple[Tensor, HybridState]:
        """Float32 logits and the state after ``ids`` [B, T], right-padded where ``lengths`` [B] says so.

        Logits are [B, T, V], or [N, V] at the True positions of the mask ``positions_wanted`` [B, T], in row-major
        order. Logits at padding are finite and meaningless. A length of 0 leaves its row's state as it was.
        """
        segment = segment_of(self.config, self.inverse_frequencies, ids.shape, lengths, state)
        x, layers, loss = self._layers(self.embed_tokens(ids), segment, state)
        x = self.norm(x)
        logits = self._head(x if positions_wanted is None else x[positions_wanted])
        return logits, _advanced(ids, segment, state, layers, loss)

    def _layers(
        self, x: Tensor, segment: Segment, state: HybridState | None
    ) -> tuple[Tensor, list[LayerState], Tensor | None]:
        balance = self.training and torch.is_grad_enabled() and not self.config.dense
        real = None
        if balance and segment.lengths is not None:
            real = torch.arange(x.shape[1], device=x.device) < segment.lengths[:, None]
        states: list[LayerState] = []
        losses: list[Tensor] = []
        for index, layer in enumerate(self.layers):
            x, layer_state, loss = layer(x, segment, state.layers[index] if state else None, real, balance)
            states.append(layer_state)
            losses += [] if loss is None else [loss]
        return x, states, torch.stack(losses).mean() if losses else None

    def _head(self, x: Tensor) -> Tensor:
        """The LM head, float32 in every dtype: it made trainer and sampler agree in MiniMax-M1 (arXiv 2506.13585)."""
        with torch.autocast(x.device.type, enabled=False):
            return F.linear(x.float(), self.lm_head.weight.float())

    def _initialise(self) -> None:
        """Normal weights: 0.02 for embeddings and head, else 1/sqrt(fan-in), less by sqrt(2L) where a branch ends."""
        branch = 1 / math.sqrt(2 * self.config.num_hidden_layers)
        for name, module in self.named_modules():
            if isinstance(module, nn.Embedding) or name == "lm_head":
                nn.init.normal_(module.weight, std=0.02)
            elif isinstance(module, nn.Linear):
                scale = branch if name.endswith(("out_proj", "o_proj", "w2")) else 1.0
                nn.init.normal_(module.weight, std=scale / math.sqrt(module.in_features))
        if self.config.smear_keys:
            for layer in self.layers:
                if isinstance(layer.self_attn, SoftmaxAttention):
                    layer.self_attn.copy_keys_to_queries()


def _residual(x: Tensor, branch: Tensor, factors: tuple[float, float]) -> Tensor:
    alpha, beta = factors
    return x + branch if alpha == beta == 1.0 else alpha * x + beta * branch


def _advanced(
    ids: Tensor, segment: Segment, state: HybridState | None, layers: list[LayerState], loss: Tensor | None
) -> HybridState:
    """The state after the segment; a decode state advances in place, so that the caller's own object moves on."""
    rows, width = ids.shape
    consumed = ids.new_full((rows,), width) if segment.lengths is None else segment.lengths
    lengths = consumed.clone() if state is None else state.lengths + consumed
    longest = segment.end if segment.lengths is None else int(lengths.max())
    if state is None or not segment.in_place:
        return HybridState(layers, lengths, longest, router_loss=loss)
    state.layers, state.lengths, state.longest = layers, lengths, longest
    return state
