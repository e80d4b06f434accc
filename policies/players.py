"""Players: agents by the name that a person types: `oracle`, `random`, or the folder of a trained policy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from envs.messages import Observation
from envs.spaces import TurnSpace
from envs.tool_env import AsyncToolEnv
from policies.agent import Agent
from policies.oracle import Oracle, RandomAgent

MAX_TURN_TOKENS = 128
MAX_CONTEXT = 2_048  # tokens; the question, the tools and every turn

Player = Callable[[AsyncToolEnv, Observation], Agent]
"""An agent for the episode that `env` has just begun with this observation."""


def player(name: str, seed: int = 0) -> Player:
    """Raises ValueError for a name that is nobody's, CheckpointError for a folder that holds no whole policy."""
    if name == "oracle":
        return _oracle
    if name == "random":
        return lambda env, observation: RandomAgent(TurnSpace.of(observation.tools, env.limits.max_parallel, seed))
    if Path(name).is_dir():
        return _trained(Path(name), seed)
    raise ValueError(f"no policy is called {name!r}: give oracle, random, or the folder of a trained policy")


def _oracle(env: AsyncToolEnv, observation: Observation) -> Agent:
    assert env.task is not None  # the episode has begun
    return Oracle(env.task)


def _trained(folder: Path, seed: int) -> Player:
    from policies.hybrid.sampler import TorchSampler  # only who plays a checkpoint needs torch
    from policies.policy import TokenPolicy
    from policies.sampler import Limits
    from policies.token_agent import TokenAgent

    policy = TokenPolicy.load(folder)
    policy.model.eval()
    sampler, renderer = TorchSampler(policy.model, seed=seed), policy.renderer
    limits = Limits(MAX_TURN_TOKENS, renderer.stop, greedy=True)
    return lambda env, observation: TokenAgent(sampler, renderer, session=f"play/{seed}", limits=limits,
                                               context=MAX_CONTEXT)
