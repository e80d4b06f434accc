"""A plain PyTorch sampler: batched, deterministic, on one event loop.

Sessions registered together form a *cohort*. A wave starts when every open session of the cohort has a request
pending, and plays all their turns in lockstep; so what is batched with what depends on the episodes alone, never on
timing. A session draws from its own stream, keyed by (seed, session, turn): give every rollout a name of its own, the
training step included.

A wave is one synchronous piece of torch work: the event loop stands still while it runs, which suits a sampler that
owns the machine between tool calls. A session that is open and never asks again holds its cohort up: close it, in a
``finally``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from policies.hybrid.cohort import Cohort, Counts
from policies.hybrid.model import HybridModel
from policies.sampler import Limits, Sample, SamplerError


@dataclass(frozen=True)
class Request:
    """A session's pending turn."""

    ids: tuple[int, ...]
    limits: Limits
    answer: asyncio.Future[Sample]


@dataclass
class Barrier:
    """A cohort and the requests that wait for it."""

    cohort: Cohort
    requests: dict[str, Request] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether every open session waits for its turn."""
        waiting = {name for name, request in self.requests.items() if not request.answer.done()}
        return bool(waiting) and waiting == self.cohort.sessions.keys()


class TorchSampler:
    """A Sampler over a HybridModel, whose parameters it shares with whoever trains it.

    ``weights`` is the version it samples from: after the parameters change, call ``update``; open sessions are then
    read again under the new weights at their next turn. ``counts`` says what the sampling has cost.
    """

    def __init__(self, model: HybridModel, *, seed: int = 0, max_context: int = 16_384) -> None:
        self.model, self.seed, self.max_context = model, seed, max_context
        self.weights = 0
        self.counts = Counts()
        self._barriers: dict[str, Barrier] = {}

    def update(self, weights: int) -> None:
        """Name the version of the parameters as they now are."""
        self.weights = weights

    @contextmanager
    def cohort(self, sessions: Iterable[str]) -> Iterator[None]:
        """Register sessions that step together, in this order of rows, and close what is left on the way out."""
        names = tuple(sessions)
        self.register(names)
        try:
            yield
        finally:
            for name in names:
                self.close(name)

    def register(self, sessions: Iterable[str]) -> None:
        """Open sessions that step together. A session that was never registered plays alone."""
        names = tuple(sessions)
        taken = sorted(name for name in set(names) if name in self._barriers or names.count(name) > 1)
        if taken:
            raise SamplerError(
                f"sessions registered twice: {', '.join(taken)}; close them first, or name rollouts apart"
            )
        barrier = Barrier(Cohort(self.model, self.seed, self.counts, names))
        self._barriers.update(dict.fromkeys(names, barrier))

    def close(self, session: str) -> None:
        """Forget a session and let its cohort go on without it; doing so twice is harmless."""
        barrier = self._barriers.pop(session, None)
        if barrier is not None:
            barrier.cohort.sessions.pop(session)
            self._poke(barrier)

    async def sample(self, ids: Sequence[int], *, session: str, limits: Limits) -> Sample:
        """The session's next turn, once every open session of its cohort has asked for one."""
        self._check(ids, limits)
        if session not in self._barriers:
            self.register([session])
        barrier = self._barriers[session]
        if session in barrier.requests:
            raise SamplerError(f"session {session!r} already waits for a turn; a session has one turn at a time")
        request = Request(tuple(ids), limits, asyncio.get_running_loop().create_future())
        barrier.requests[session] = request
        self._poke(barrier)
        try:
            return await request.answer
        finally:
            del barrier.requests[session]

    def _check(self, ids: Sequence[int], limits: Limits) -> None:
        if not ids:
            raise SamplerError("the context is empty; a policy needs at least one token to go on from")
        if len(ids) + limits.max_tokens > self.max_context:
            raise SamplerError(
                f"{len(ids)} ids and max_tokens={limits.max_tokens} exceed max_context={self.max_context}"
            )
        if not 0 <= min(ids) <= max(ids) < self.model.config.vocab_size:
            raise SamplerError(f"ids must lie in 0..{self.model.config.vocab_size - 1}, got {min(ids)}..{max(ids)}")

    def _poke(self, barrier: Barrier) -> None:
        """Start a wave in the next turn of the event loop if nobody is missing."""
        if barrier.ready:
            next(iter(barrier.requests.values())).answer.get_loop().call_soon(self._wave, barrier)

    def _wave(self, barrier: Barrier) -> None:
        if not barrier.ready:  # another wave, a cancellation or a new session came first
            return
        waiting = {name: request for name, request in barrier.requests.items() if not request.answer.done()}
        try:
            samples = barrier.cohort.play({name: (r.ids, r.limits) for name, r in waiting.items()}, self.weights)
        except Exception as error:
            for request in waiting.values():
                request.answer.set_exception(error)
        else:
            for name, request in waiting.items():
                request.answer.set_result(samples[name])
