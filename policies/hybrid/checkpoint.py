"""A model on disk: a folder of config.json and model.safetensors in transformers' ``MiniMaxForCausalLM`` format.

It moves both ways: transformers loads what is saved here when the small-model additions are off and the residual is
postnorm, and what transformers saves loads here. Additions are extra keys in config.json and extra tensors. A dense
model is stored as one expert behind a zero gate. transformers' decay buffers are derived from the config, so they are
neither written nor read.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from policies.hybrid.config import HybridConfig, LayerType
from policies.hybrid.model import HybridModel

MODEL_TYPES = ("minimax", "divegym_hybrid")
WEIGHTS, INDEX, CONFIG = "model.safetensors", "model.safetensors.index.json", "config.json"
DERIVED = re.compile(r"\.self_attn\.(slope_rate|query_decay|key_decay|diagonal_decay)$")
DENSE_GATE = re.compile(r"\.block_sparse_moe\.gate\.weight$")
TRANSFORMERS_DEFAULTS: Mapping[str, Any] = {
    "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 8, "num_local_experts": 8, "num_experts_per_tok": 2,
    "block_size": 256, "rope_theta": 1e6,
}  # fmt: skip


class CheckpointError(ValueError):
    """A checkpoint that cannot be read as a hybrid model; the message names the file or tensors and what is wrong."""


def save_checkpoint(model: HybridModel, directory: str | Path) -> None:
    """Write the model's folder; each file appears whole or not at all, the weights first."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in checkpoint_tensors(model).items()}
    config = config_json(model.config) | {"dtype": str(model.lm_head.weight.dtype).removeprefix("torch.")}
    with tempfile.TemporaryDirectory(dir=directory, prefix=".partial-") as partial:
        save_file(tensors, Path(partial, WEIGHTS), metadata={"format": "pt"})
        Path(partial, CONFIG).write_text(json.dumps(config, indent=2) + "\n")
        for name in (WEIGHTS, CONFIG):
            _publish(Path(partial, name), directory / name)


def load_checkpoint(
    directory: str | Path, dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu"
) -> HybridModel:
    """The model in a folder, cast to ``dtype``; CheckpointError for anything but a complete, well-shaped one."""
    directory = Path(directory)
    config = load_config(directory)
    model = HybridModel(config)
    load_tensors(model, _read_tensors(directory), str(directory))
    return model.to(device=device, dtype=dtype)


def checkpoint_tensors(model: HybridModel) -> dict[str, Tensor]:
    """The model's tensors by their names in a checkpoint: what is saved, and what a weight transfer sends."""
    tensors = {_stored(name): tensor for name, tensor in model.state_dict().items()}
    if model.config.tie_word_embeddings:
        del tensors["lm_head.weight"]
    if model.config.dense:
        gate = model.lm_head.weight.new_zeros(1, model.config.hidden_size)
        for index in range(model.config.num_hidden_layers):
            tensors[f"model.layers.{index}.block_sparse_moe.gate.weight"] = gate.clone()
    return tensors


def load_tensors(model: HybridModel, tensors: Mapping[str, Tensor], source: str) -> None:
    """Copy checkpoint tensors into the model; a CheckpointError names all that are missing, unknown or misshapen."""
    wanted = {_stored(name): tensor for name, tensor in model.state_dict().items()}
    if model.config.tie_word_embeddings:
        del wanted["lm_head.weight"]
    found = {name: tensor for name, tensor in tensors.items() if not _ignored(name, model.config)}
    shapes = [
        f"{name} is {tuple(found[name].shape)}, not {tuple(wanted[name].shape)}"
        for name in sorted(wanted.keys() & found.keys())
        if found[name].shape != wanted[name].shape
    ]
    problems = _named("missing", wanted.keys() - found.keys()) + _named("unknown", found.keys() - wanted.keys())
    if problems or shapes:
        raise CheckpointError(f"{source} does not fit its {CONFIG}: " + "; ".join([*problems, *_few(shapes)]))
    with torch.no_grad():
        for name, tensor in wanted.items():
            tensor.copy_(found[name])


def config_json(config: HybridConfig) -> dict[str, Any]:
    """config.json as transformers writes it, plus the keys that only this project reads.

    A model with additions goes by a name of its own: as a MiniMax, transformers would compute something else.
    """
    fields = config.model_dump(mode="json")
    theta = fields.pop("rope_theta")
    return {
        "architectures": ["MiniMaxForCausalLM" if config.plain else "DivegymHybridForCausalLM"],
        "model_type": "minimax" if config.plain else "divegym_hybrid",
        "hidden_act": "silu",
        "bos_token_id": None,
        "eos_token_id": None,
        "rope_parameters": {"rope_type": "default", "rope_theta": theta},
    } | fields


def load_config(directory: str | Path) -> HybridConfig:
    """The shape of the model in a folder, from its config.json; raises CheckpointError for another architecture."""
    path = Path(directory) / CONFIG
    stored = _read_json(path)
    if stored.get("model_type") not in MODEL_TYPES:
        raise CheckpointError(f"{path}: model_type is {stored.get('model_type')!r}; hybrid models are {MODEL_TYPES}")
    try:
        return HybridConfig(**_fields(stored))
    except (ValidationError, TypeError, ZeroDivisionError) as error:
        raise CheckpointError(f"{path}: {error}") from error


def _fields(stored: Mapping[str, Any]) -> dict[str, Any]:
    """HybridConfig's fields from config.json, where an absent key means transformers' default."""
    rope = stored.get("rope_parameters") or {}
    unsupported = {
        "hidden_act": stored.get("hidden_act", "silu") != "silu",
        "sliding_window": stored.get("sliding_window") is not None,
        "rope_parameters.rope_type": rope.get("rope_type", "default") != "default",
    }
    if any(unsupported.values()):
        raise TypeError("unsupported setting of " + ", ".join(name for name, found in unsupported.items() if found))
    known = {name: stored[name] for name in HybridConfig.model_fields if stored.get(name) is not None}
    fields = {**TRANSFORMERS_DEFAULTS, **known}
    fields["rope_theta"] = rope.get("rope_theta", fields["rope_theta"])
    if "head_dim" not in fields:
        fields["head_dim"] = fields["hidden_size"] // fields["num_attention_heads"]
    if "layer_types" not in fields:
        fields["layer_types"] = _alternating(fields["num_hidden_layers"])
    return fields


def _alternating(layers: int) -> tuple[LayerType, ...]:
    """transformers' default, which starts with softmax and is not MiniMax's own seven to one."""
    return tuple("linear_attention" if index % 2 else "full_attention" for index in range(layers))


def _stored(name: str) -> str:
    return name if name.startswith("lm_head.") else f"model.{name}"


def _ignored(name: str, config: HybridConfig) -> bool:
    tied_head = config.tie_word_embeddings and name == "lm_head.weight"
    return bool(tied_head or DERIVED.search(name) or (config.dense and DENSE_GATE.search(name)))


def _named(problem: str, names: set[str]) -> list[str]:
    return [f"{problem} {', '.join(_few(sorted(names)))}"] if names else []


def _few(items: list[str], most: int = 8) -> list[str]:
    return items if len(items) <= most else [*items[:most], f"and {len(items) - most} more"]


def _publish(source: Path, target: Path) -> None:
    """Flush to disk, then rename over the target: a reader sees the old file or the new one, also after a power cut."""
    with source.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(source, target)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} does not exist: the folder holds no checkpoint") from error
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(found, dict):
        raise CheckpointError(f"{path} holds a {type(found).__name__}, not an object")
    return found


def _read_tensors(directory: Path) -> dict[str, Tensor]:
    """All tensors of a folder, from one file or, where transformers split a large model, from those its index names."""
    files = [WEIGHTS]
    if not (directory / WEIGHTS).exists() and (directory / INDEX).exists():
        files = sorted(set(_read_json(directory / INDEX).get("weight_map", {}).values()))
    return dict(pair for name in files for pair in _read_file(directory / name))


def _read_file(path: Path) -> Iterator[tuple[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            yield from [(name, file.get_tensor(name)) for name in file.keys()]  # noqa: SIM118 - not a mapping
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} does not exist: the checkpoint is incomplete") from error
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is not a readable safetensors file: {error}") from error
