"""A small policy over the real world, shared by the tests of the trainer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import torch

from policies.hybrid import HybridConfig, HybridModel, every
from policies.renderer import CompactRenderer
from policies.tokenizer import CompactTokenizer
from trainer.config import (
    EvaluationSettings,
    RlSettings,
    SamplingSettings,
    SftSettings,
    TrainSettings,
    WorldSettings,
)
from trainer.setting import Setting, open_setting

TINY = HybridConfig(vocab_size=400, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
                    num_key_value_heads=1, head_dim=16, layer_types=every(2, 2), residual="prenorm",
                    tie_word_embeddings=True, token_shift=True, smear_keys=True)
GROUPS = ("countries", "cities", "dates", "currencies", "companies")
SETTINGS = TrainSettings(
    name="test", threads=1, vocab_size=400, tokenizer_tasks=20, model=TINY,
    world=WorldSettings(groups=GROUPS, max_turns=3),
    sft=SftSettings(steps=6, batch=2, warmup=2, curriculum=2, evaluate_every=3, save_every=2),
    rl=RlSettings(steps=4, prompts=2, group=4, refills=0, minibatches=2, epochs=1, warmup=1, evaluate_every=2),
    sampling=SamplingSettings(max_tokens=12, context=400), evaluation=EvaluationSettings(tasks=3, curve_tasks=2))


@pytest.fixture(scope="session")
def settings() -> TrainSettings:
    """A run that touches every part and learns nothing."""
    return SETTINGS


@pytest.fixture
async def setting(world: object) -> AsyncIterator[Setting]:
    async with open_setting(SETTINGS.world) as opened:
        yield opened


@pytest.fixture
def model() -> HybridModel:
    torch.manual_seed(0)
    return HybridModel(TINY)


@pytest.fixture(scope="session")
def renderer() -> CompactRenderer:
    corpus = ["country_capital(country)", "What is the capital of Peru?"] * 3
    return CompactRenderer(CompactTokenizer.train(corpus, 400))
