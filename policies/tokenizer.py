"""The tokenizer of the compact dialect: a small byte-level BPE whose pieces line up with how tools are named.

A name is cut before each underscore (`fx`, `_rate`); digits and the capitals of codes stand alone; white space and
punctuation are pieces of their own. So a word, a code or a number becomes the same ids in a question, in a call and in
a result, and copying one is copying tokens: that is what a model of a million parameters can learn. A code that it
never saw (`HKD`) is spelled with the same letters as those it saw, so nothing can be learned by heart instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

PIECES = Regex(r"\d|\p{Lu}(?!\p{Ll})|_?\p{L}+|\s|[^\p{L}\d\s_]+|_")


class Mark(StrEnum):
    """The tokens that no text can spell."""

    PAD = "<|pad|>"
    TOOLS = "<|tools|>"
    USER = "<|user|>"
    ASSISTANT = "<|assistant|>"
    CALL = "<|call|>"
    ANSWER = "<|answer|>"
    RESULT = "<|result|>"
    END = "<|end|>"


class CompactTokenizer:
    """Text to ids and back, exactly: `decode(encode(text)) == text` for every string."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.vocab_size: int = tokenizer.get_vocab_size()
        ids = {mark: tokenizer.token_to_id(mark) for mark in Mark}
        if missing := [mark for mark, token in ids.items() if token is None]:
            raise ValueError(f"not a tokenizer of the compact dialect: it lacks {', '.join(missing)}")
        self._marks = {mark: token for mark, token in ids.items() if token is not None}

    @classmethod
    def train(cls, texts: Iterable[str], vocab_size: int = 1024) -> CompactTokenizer:
        """A tokenizer fitted to `texts` (without marks). Same texts, same tokenizer."""
        tokenizer = Tokenizer(models.BPE())
        bytewise = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(PIECES, "isolated"), bytewise])
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=vocab_size, special_tokens=list(Mark), show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
        tokenizer.train_from_iterator(sorted(texts), trainer)
        # Marks are added by id, never read out of text: a tool result that spells "<|end|>" stays text.
        tokenizer.encode_special_tokens = True
        return cls(tokenizer)

    @classmethod
    def load(cls, path: Path) -> CompactTokenizer:
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.encode_special_tokens = True
        return cls(tokenizer)

    def to_json(self) -> str:
        """The tokenizer in Hugging Face's `tokenizer.json` format."""
        return json.dumps(json.loads(self._tokenizer.to_str()), ensure_ascii=False)

    def __getitem__(self, mark: Mark) -> int:
        return self._marks[mark]

    def encode(self, text: str) -> list[int]:
        return self._tokenizer.encode(text).ids

    def decode(self, ids: Sequence[int]) -> str:
        return self._tokenizer.decode(list(ids), skip_special_tokens=False)
