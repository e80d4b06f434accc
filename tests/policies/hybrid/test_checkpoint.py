"""Checkpoints to and from transformers, and what is said of a folder that is not one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, MiniMaxConfig, MiniMaxForCausalLM

from policies.hybrid import CheckpointError, HybridConfig, HybridModel, every, load_checkpoint, save_checkpoint
from policies.hybrid.checkpoint import checkpoint_tensors

SHAPE: dict[str, Any] = {
    "vocab_size": 37, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2,
    "num_key_value_heads": 1, "head_dim": 8, "layer_types": every(2, 2),
}  # fmt: skip
CONFIGS = {
    "dense": HybridConfig(**SHAPE),
    "moe": HybridConfig(**SHAPE, num_local_experts=3, num_experts_per_tok=2, tie_word_embeddings=True),
    "additions": HybridConfig(**SHAPE, residual="prenorm", token_shift=True, smear_keys=True, rotary_dim=4),
}
IDS = torch.arange(22).view(2, 11)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    save_checkpoint(HybridModel(CONFIGS["dense"]), tmp_path)
    return tmp_path


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_what_is_saved_loads_the_same(config: HybridConfig, tmp_path: Path) -> None:
    model = HybridModel(config)
    save_checkpoint(HybridModel(CONFIGS["dense"]), tmp_path)  # an older checkpoint is replaced
    save_checkpoint(model, tmp_path)
    loaded = load_checkpoint(tmp_path)
    assert loaded.config == config
    for name, tensor in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor), name
    assert (loaded.lm_head.weight is loaded.embed_tokens.weight) == config.tie_word_embeddings
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "model.safetensors"]


@pytest.mark.parametrize("config", [CONFIGS["dense"], CONFIGS["moe"]], ids=["dense", "moe"])
def test_transformers_finds_every_tensor_it_needs_and_no_other(config: HybridConfig, tmp_path: Path) -> None:
    save_checkpoint(HybridModel(config), tmp_path)
    _, info = MiniMaxForCausalLM.from_pretrained(tmp_path, output_loading_info=True)
    derived = ("slope_rate", "query_decay", "key_decay", "diagonal_decay")
    assert [name for name in info["missing_keys"] if not name.endswith(derived)] == []
    assert not info["unexpected_keys"]
    assert not info["mismatched_keys"]


@pytest.mark.parametrize("shard_size", ["1GB", "9KB"])
@pytest.mark.parametrize(("experts", "layer_types"), [(1, None), (4, ["linear_attention", "full_attention"])])
@torch.no_grad()
def test_what_transformers_saves_loads_here(
    shard_size: str, experts: int, layer_types: list[str] | None, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    factors = {"full_attn_alpha_factor": 1.3, "linear_attn_beta_factor": 0.7, "mlp_alpha_factor": 1.2}
    shape = SHAPE | {"layer_types": layer_types, "head_dim": None} | factors
    theirs = MiniMaxForCausalLM(
        MiniMaxConfig(**shape, num_local_experts=experts, num_experts_per_tok=min(2, experts), block_size=4)
    ).eval()
    theirs.save_pretrained(tmp_path, max_shard_size=shard_size)
    assert (tmp_path / "model.safetensors").exists() == (shard_size == "1GB")
    ours = load_checkpoint(tmp_path)
    assert ours.config.rope_theta == 1e6
    torch.testing.assert_close(ours(IDS)[0].log_softmax(-1), theirs(IDS).logits.log_softmax(-1), atol=1e-5, rtol=0)


def test_a_checkpoint_loads_in_another_dtype(saved: Path) -> None:
    assert load_checkpoint(saved, dtype=torch.bfloat16).lm_head.weight.dtype == torch.bfloat16


def without_gate_proj(tensors: dict[str, torch.Tensor]) -> None:
    del tensors["model.layers.0.self_attn.output_gate.weight"]


def with_stranger(tensors: dict[str, torch.Tensor]) -> None:
    tensors["model.layers.7.self_attn.q_proj.weight"] = torch.zeros(2)


def misshapen(tensors: dict[str, torch.Tensor]) -> None:
    tensors["model.norm.weight"] = torch.zeros(3)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (without_gate_proj, r"missing model\.layers\.0\.self_attn\.output_gate\.weight"),
        (with_stranger, r"unknown model\.layers\.7\.self_attn\.q_proj\.weight"),
        (misshapen, r"model\.norm\.weight is \(3,\), not \(16,\)"),
    ],
)
def test_tensors_that_do_not_fit_are_named(
    damage: Callable[[dict[str, torch.Tensor]], None], reason: str, saved: Path
) -> None:
    tensors = load_file(saved / "model.safetensors")
    damage(tensors)
    save_file(tensors, saved / "model.safetensors")
    with pytest.raises(CheckpointError, match=reason):
        load_checkpoint(saved)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model_type": "llama"}, "model_type is 'llama'"),
        ({"hidden_act": "gelu"}, "unsupported setting of hidden_act"),
        ({"sliding_window": 64}, "unsupported setting of sliding_window"),
        ({"num_key_value_heads": 3}, "multiple of"),
        ({"layer_types": ["linear_attention"]}, "names 1 layers but num_hidden_layers is 2"),
        ({"num_hidden_layers": "two"}, "num_hidden_layers"),
        ({"num_attention_heads": 0, "head_dim": None}, "num_attention_heads|division"),
    ],
)
def test_a_config_of_another_model_is_refused(change: dict[str, Any], reason: str, saved: Path) -> None:
    path = saved / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CheckpointError, match=reason):
        load_checkpoint(saved)


def test_files_that_are_missing_or_corrupt_are_named(saved: Path) -> None:
    weights = saved / "model.safetensors"
    whole = weights.read_bytes()
    for broken in (b"", whole[:100], whole[:-50], b"\xff" * 64):
        weights.write_bytes(broken)
        with pytest.raises(CheckpointError, match=r"model\.safetensors is not a readable safetensors file"):
            load_checkpoint(saved)
    weights.unlink()
    with pytest.raises(CheckpointError, match=r"model\.safetensors does not exist"):
        load_checkpoint(saved)
    (saved / "config.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"config\.json cannot be read as JSON"):
        load_checkpoint(saved)
    with pytest.raises(CheckpointError, match="holds no checkpoint"):
        load_checkpoint(saved / "nowhere")


def test_a_failed_save_leaves_the_old_checkpoint(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        save_checkpoint(HybridModel(CONFIGS["moe"]), saved)
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before


def test_tensors_carry_their_checkpoint_names(saved: Path) -> None:
    model = load_checkpoint(saved)
    assert checkpoint_tensors(model).keys() == load_file(saved / "model.safetensors").keys()


@pytest.mark.parametrize(
    "addition", [{"token_shift": True}, {"smear_keys": True}, {"residual": "prenorm"}, {"rotary_dim": 8}])
def test_transformers_refuses_what_it_would_compute_wrongly(tmp_path: Path, addition: dict[str, object]) -> None:
    config = HybridConfig(vocab_size=32, hidden_size=32, head_dim=16, num_attention_heads=2, **addition)
    save_checkpoint(HybridModel(config), tmp_path)
    with pytest.raises(ValueError, match="divegym_hybrid"):
        AutoConfig.from_pretrained(tmp_path)
    assert load_checkpoint(tmp_path).config == config
