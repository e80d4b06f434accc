"""A config says no to shapes that cannot be built."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from policies.hybrid import HybridConfig, every


def test_softmax_is_the_last_of_every_n_layers() -> None:
    assert every(4, 8) == (*("linear_attention",) * 3, "full_attention") * 2
    assert every(1, 2) == ("full_attention", "full_attention")
    with pytest.raises(ValueError, match="at least 1"):
        every(0, 4)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"num_hidden_layers": 3}, "names 4 layers but num_hidden_layers is 3"),
        ({"num_key_value_heads": 3}, r"num_attention_heads \(4\) must be a multiple"),
        ({"rotary_dim": 34}, "rotary_dim must be even"),
        ({"rotary_dim": 5}, "rotary_dim must be even"),
        ({"num_experts_per_tok": 2}, "exceeds num_local_experts"),
        ({"residual": "sandwich"}, "postnorm"),
        ({"layer_types": ("linear", "linear", "linear", "linear")}, "linear_attention"),
        ({"hidden": 4}, "Extra inputs"),
    ],
)
def test_impossible_shapes_are_refused(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        HybridConfig(**fields)


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        HybridConfig().hidden_size = 3
