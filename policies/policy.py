"""A token policy on disk and in memory: a hybrid model, and the tokenizer it speaks through."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from policies.hybrid.checkpoint import CheckpointError, load_checkpoint, save_checkpoint
from policies.hybrid.model import HybridModel
from policies.renderer import CompactRenderer
from policies.tokenizer import CompactTokenizer

TOKENIZER = "tokenizer.json"


@dataclass(frozen=True)
class TokenPolicy:
    """What a sampler and a renderer are made from."""

    model: HybridModel
    tokenizer: CompactTokenizer

    @property
    def renderer(self) -> CompactRenderer:
        return CompactRenderer(self.tokenizer)

    def save(self, directory: Path) -> None:
        """Writes `tokenizer.json` beside `config.json` and `model.safetensors`, each file whole or not at all."""
        save_checkpoint(self.model, directory)
        partial = directory / f".{TOKENIZER}.partial"
        partial.write_text(self.tokenizer.to_json())
        os.replace(partial, directory / TOKENIZER)

    @classmethod
    def load(cls, directory: Path) -> TokenPolicy:
        """Raises CheckpointError if the folder does not hold a whole policy."""
        if not (directory / TOKENIZER).is_file():
            raise CheckpointError(f"{directory} holds no {TOKENIZER}; is it the folder of a trained policy?")
        try:
            tokenizer = CompactTokenizer.load(directory / TOKENIZER)
        except Exception as error:  # tokenizers raises bare Exception
            raise CheckpointError(f"{directory / TOKENIZER} is not a tokenizer: {error}") from error
        model = load_checkpoint(directory)
        if model.config.vocab_size < tokenizer.vocab_size:
            raise CheckpointError(
                f"{directory}: the tokenizer has {tokenizer.vocab_size} tokens, the model {model.config.vocab_size}")
        return cls(model, tokenizer)
