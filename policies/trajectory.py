"""A trajectory: the tokens of one episode, as sampled, with everything a policy gradient needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


class PrefixError(AssertionError):
    """A context did not extend the one before it: tokens were re-rendered, and log-probs no longer belong to them."""


@dataclass(slots=True)
class Trajectory:
    """Ids of the whole episode; `sampled[i]` says whether the policy wrote token i, `logprobs[i]` how likely it was.

    Tokens of the prompt and of tool results carry no loss: `sampled` is False and the log-prob 0.
    """

    prompt_length: int = 0
    ids: list[int] = field(default_factory=list)
    sampled: list[bool] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    """Weight version that sampled each turn."""
    reward: float = 0.0
    correct: float = 0.0
    stop: str = ""
    task: str = ""

    def observe(self, ids: Sequence[int]) -> None:
        """Appends tokens that the environment wrote."""
        self._append(ids, [0.0] * len(ids), sampled=False)
        if not self.versions:
            self.prompt_length = len(self.ids)

    def act(self, ids: Sequence[int], logprobs: Sequence[float], version: int) -> None:
        """Appends a sampled turn."""
        self._append(ids, logprobs, sampled=True)
        self.versions.append(version)

    def check_extends(self, context: Sequence[int]) -> None:
        """Raises PrefixError unless this trajectory begins with `context`."""
        if self.ids[:len(context)] != list(context):
            raise PrefixError(f"the context of turn {len(self.versions)} is not an extension of the turn before")

    def _append(self, ids: Sequence[int], logprobs: Sequence[float], sampled: bool) -> None:
        if len(ids) != len(logprobs):
            raise ValueError(f"{len(ids)} tokens with {len(logprobs)} log-probs")
        self.ids.extend(ids)
        self.logprobs.extend(logprobs)
        self.sampled.extend([sampled] * len(ids))
