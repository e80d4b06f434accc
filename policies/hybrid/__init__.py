"""The hybrid-attention policy: a MiniMax-shaped language model small enough to train on a CPU, and its checkpoints."""

from policies.hybrid.checkpoint import CheckpointError, load_checkpoint, save_checkpoint
from policies.hybrid.config import HybridConfig, every
from policies.hybrid.model import HybridModel
from policies.hybrid.sampler import TorchSampler
from policies.hybrid.state import HybridState

__all__ = [
    "CheckpointError",
    "HybridConfig",
    "HybridModel",
    "HybridState",
    "TorchSampler",
    "every",
    "load_checkpoint",
    "save_checkpoint",
]
