"""What a sampler is: token ids in, sampled token ids with their log-probs out.

A *session* is one episode. Each call passes the whole context so far, which extends what the session saw before by
exact prefix; what a sampler remembers between calls is its own business. ``close`` ends a session, in a ``finally``:
a batching sampler waits for every session that is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

Finish = Literal["stop", "length"]


class SamplerError(ValueError):
    """A request that no sampler can serve; the message says which field and why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a turn ends (at ``max_tokens``, or with the first ``stop`` id, which is kept) and how it is drawn."""

    max_tokens: int
    stop: frozenset[int] = frozenset()
    temperature: float = 1.0
    greedy: bool = False

    def __post_init__(self) -> None:
        if self.max_tokens < 1:
            raise SamplerError(f"max_tokens must be at least 1, got {self.max_tokens}")
        if not self.temperature > 0:
            raise SamplerError(
                f"temperature must be positive, got {self.temperature}; for the likeliest token set greedy=True"
            )


@dataclass(frozen=True, slots=True)
class Sample:
    """One turn: sampled ids (the stop id included), their log-probs under log_softmax(logits / temperature), in nats.

    ``weights`` is the version of the weights that drew it, which a trainer anchors its ratios on.
    """

    ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    finish: Finish
    weights: int


class Sampler(Protocol):
    """Anything that continues a token context."""

    def cohort(self, sessions: Iterable[str]) -> AbstractContextManager[None]:
        """Announce sessions that will play at the same time; a sampler that has no use for it does nothing."""
        ...

    async def sample(self, ids: Sequence[int], *, session: str, limits: Limits) -> Sample:
        """The next turn after the whole context ``ids``; raises SamplerError for a request that cannot be served."""
        ...

    def close(self, session: str) -> None:
        """Forget a session; closing twice, or a session never seen, does nothing."""
        ...
