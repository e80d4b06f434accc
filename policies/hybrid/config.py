"""The shape of a hybrid-attention policy: lightning (linear) attention with a softmax layer in every N, optional MoE.

Field names are those of transformers' ``MiniMaxConfig``, so that a config.json moves both ways. The additions that
small models need (``token_shift``, ``smear_keys``, ``residual="prenorm"``) are off by default; a config without them
is a MiniMax.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

LayerType = Literal["linear_attention", "full_attention"]


def every(softmax_every: int, layers: int) -> tuple[LayerType, ...]:
    """Layer types where each ``softmax_every``-th is softmax (8 in MiniMax-01; 1 is all softmax)."""
    if softmax_every < 1:
        raise ValueError(f"softmax_every must be at least 1, got {softmax_every}")
    return tuple("full_attention" if (i + 1) % softmax_every == 0 else "linear_attention" for i in range(layers))


class HybridConfig(BaseModel):
    """A frozen model shape. The defaults are the ~1M-parameter policy that trains on a CPU in minutes.

    ``residual="postnorm"`` is the MiniMax wiring: the residual is the *normed* input, weighed by the alpha and beta
    factors (MiniMax-01, arXiv 2501.08313). ``num_local_experts=1`` is a dense model, stored as a mixture of one
    expert.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    vocab_size: int = Field(512, ge=2)
    hidden_size: int = Field(128, ge=1)
    intermediate_size: int = Field(384, ge=1)
    num_hidden_layers: int = Field(4, ge=1)
    num_attention_heads: int = Field(4, ge=1)
    num_key_value_heads: int = Field(2, ge=1)
    head_dim: int = Field(32, ge=2)
    layer_types: tuple[LayerType, ...] = every(4, 4)
    rope_theta: float = Field(1e4, gt=0)
    rotary_dim: int | None = None
    """Leading dimensions of a softmax head that rotate; None: all of them."""
    block_size: int = Field(64, ge=1)
    """Tokens in a block of the chunked lightning attention; it changes speed, never values."""
    rms_norm_eps: float = Field(1e-5, gt=0)
    residual: Literal["postnorm", "prenorm"] = "postnorm"
    full_attn_alpha_factor: float = 1.0
    full_attn_beta_factor: float = 1.0
    linear_attn_alpha_factor: float = 1.0
    linear_attn_beta_factor: float = 1.0
    mlp_alpha_factor: float = 1.0
    mlp_beta_factor: float = 1.0
    num_local_experts: int = Field(1, ge=1)
    num_experts_per_tok: int = Field(1, ge=1)
    router_aux_loss_coef: float = Field(0.001, ge=0)
    tie_word_embeddings: bool = False
    token_shift: bool = False
    """Attention reads each channel as a learned mix of this token's and the previous one's (RWKV, arXiv 2305.13048)."""
    smear_keys: bool = False
    """Softmax keys read the previous token too: one layer is then enough for an induction head (arXiv 2209.11895)."""

    @property
    def rotary_size(self) -> int:
        """Dimensions of a softmax head that rotate."""
        return self.head_dim if self.rotary_dim is None else self.rotary_dim

    @property
    def dense(self) -> bool:
        """Whether the feed-forward layers are plain ones: a mixture of one expert, whose router decides nothing."""
        return self.num_local_experts == 1

    @property
    def plain(self) -> bool:
        """Whether transformers' `MiniMaxForCausalLM` computes the same function: none of the additions is on."""
        return (self.residual == "postnorm" and self.rotary_size == self.head_dim
                and not (self.token_shift or self.smear_keys))

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.layer_types) != self.num_hidden_layers:
            raise ValueError(
                f"layer_types names {len(self.layer_types)} layers but num_hidden_layers is {self.num_hidden_layers}; "
                "build it with every(n, layers)"
            )
        if self.num_attention_heads % self.num_key_value_heads:
            raise ValueError(
                f"num_attention_heads ({self.num_attention_heads}) must be a multiple of "
                f"num_key_value_heads ({self.num_key_value_heads})"
            )
        if self.rotary_size % 2 or not 0 < self.rotary_size <= self.head_dim:
            raise ValueError(f"rotary_dim must be even and within head_dim ({self.head_dim}), got {self.rotary_size}")
        if self.num_experts_per_tok > self.num_local_experts:
            raise ValueError(
                f"num_experts_per_tok ({self.num_experts_per_tok}) exceeds num_local_experts ({self.num_local_experts})"
            )
        return self
