"""What a training run is made of: frozen settings, and the presets that name them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from policies.hybrid.config import HybridConfig, every


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WorldSettings(Settings):
    """Which episodes are played."""

    domain: str = "financial"
    groups: tuple[str, ...] = ()
    """Groups of tools that tasks are made of and offer; none named: all of the domain and the general ones."""
    parameters: int = Field(16, ge=1)
    """Tools that require more arguments than this are left out."""
    toolset: tuple[int, int] = (4, 8)
    short: str = "short"
    """Difficulty of the tasks that demonstrations show."""
    frontier: str = "frontier"
    """Difficulty of the tasks that no demonstration shows: only RL practises them."""
    max_turns: int = 6
    max_errors: int = 1
    max_failures: int = 1
    """Fail fast, on malformed turns and on calls that fail: error cascades would dominate a token-level gradient."""


class SftSettings(Settings):
    steps: int = Field(3500, ge=0)
    batch: int = Field(8, ge=1)
    lr: float = Field(3e-3, gt=0)
    warmup: int = 50
    decay_from: float = 0.4
    curriculum: int = 200
    """Steps on the easiest demonstrations (one call, few tools) before the whole mix."""
    detours: float = Field(0.15, ge=0, lt=1)
    """Chance of a call beside the point before each turn of a demonstration (see `policies.wanderer`)."""
    wander_from: float = Field(0.75, ge=0, le=1)
    """Share of the steps after which demonstrations make detours."""
    pseudonyms: float = Field(0.0, ge=0, le=1)
    """Share of the demonstrations that are retold with invented names (see `trainer.pseudonyms`)."""
    easy: str = "single"
    easy_toolset: tuple[int, int] = (1, 3)
    evaluate_every: int = 500
    save_every: int = 100


class RlSettings(Settings):
    objective: Literal["cispo", "grpo", "dapo"] = "cispo"
    steps: int = Field(110, ge=0)
    prompts: int = Field(24, ge=1)
    """Informative groups per step; groups without variance are dropped and refilled."""
    group: int = Field(8, ge=2)
    refills: int = Field(2, ge=0)
    """How often a step may draw new tasks in place of dropped groups."""
    pseudonyms: float = Field(0.5, ge=0, le=1)
    """Share of the tasks that are played under invented names (see `trainer.pseudonyms`)."""
    short_share: float = Field(0.15, ge=0, le=1)
    """Share of short tasks among the prompts, so that RL does not forget them."""
    minibatches: int = Field(4, ge=1)
    epochs: int = Field(2, ge=1)
    lr: float = Field(3.5e-4, gt=0)
    warmup: int = 5
    decay_from: float = Field(0.3, ge=0, le=1)
    """Share of the steps after which the step size falls linearly: noise in the weights costs greedy success."""
    temperature: float = Field(1.3, gt=0)
    """Of the rollouts and of the ratios; above 1, because an annealed policy draws too little that is new."""
    evaluate_every: int = 5
    save_every: int = 1


class SamplingSettings(Settings):
    max_tokens: int = 80
    """Longest assistant turn."""
    context: int = 640
    """Longest episode, in tokens."""


class EvaluationSettings(Settings):
    tasks: int = 300
    """Held-out tasks per tier in the final table."""
    curve_tasks: int = 96
    """Development tasks per tier for each point of the learning curve."""


class TrainSettings(Settings):
    """A whole run."""

    name: str
    seed: int = 0
    threads: int = 1
    vocab_size: int = 512
    tokenizer_tasks: int = 1000
    model: HybridConfig
    base: str = ""
    """Name of a committed policy to start from, a folder beside this file; empty: from scratch."""
    world: WorldSettings = WorldSettings()
    sft: SftSettings = SftSettings()
    rl: RlSettings = RlSettings()
    sampling: SamplingSettings = SamplingSettings()
    evaluation: EvaluationSettings = EvaluationSettings()


DEMO_MODEL = HybridConfig(
    vocab_size=512, hidden_size=128, intermediate_size=384, num_hidden_layers=4, num_attention_heads=4,
    num_key_value_heads=2, head_dim=32, layer_types=every(2, 4), residual="prenorm", tie_word_embeddings=True,
    token_shift=True, smear_keys=True)

DEMO_GROUPS = ("arithmetic", "banks", "calendars", "cities", "clocks", "companies", "countries", "currencies", "dates",
               "exchanges", "fx", "prices", "registrants", "zones")
DEMO_WORLD = WorldSettings(groups=DEMO_GROUPS, parameters=2, toolset=(4, 7))

PRESETS: dict[str, TrainSettings] = {
    "cpu-demo": TrainSettings(
        name="cpu-demo", model=DEMO_MODEL, world=DEMO_WORLD, base="base",
        sft=SftSettings(steps=300, lr=3e-4, warmup=20, curriculum=0, decay_from=0.05, wander_from=0.0, pseudonyms=0.7,
                        evaluate_every=100)),
    "base": TrainSettings(
        name="base", model=DEMO_MODEL, world=DEMO_WORLD,
        sft=SftSettings(steps=10_000, lr=1.3e-3, decay_from=0.05, wander_from=0.0, pseudonyms=0.7,
                        evaluate_every=1000),
        rl=RlSettings(steps=0)),
    "smoke": TrainSettings(
        name="smoke", model=DEMO_MODEL, tokenizer_tasks=200, world=DEMO_WORLD,
        sft=SftSettings(steps=20, curriculum=5),
        rl=RlSettings(steps=3, prompts=4, group=4, evaluate_every=2, refills=0),
        evaluation=EvaluationSettings(tasks=8, curve_tasks=8)),
}
"""Named runs: `cpu-demo` is what `make train` runs; `base` made the policy that it starts from, the only one committed;
`smoke` touches every part in a minute and learns nothing."""
